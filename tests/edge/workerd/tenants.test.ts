/**
 * Two tenants send the same requests: nothing that one has can be read, used, ended or guessed at by the
 * other. `RELIABILITY_ROUNDS=56` makes it a thousand paired requests.
 */
import { env } from 'cloudflare:workers';
import { beforeAll, expect, it } from 'vitest';
import type { Image, Run, ToolCallResponse } from '#shared/api';
import type { RunList } from '#shared/api/run-list';
import {
  answer,
  bodyOf,
  type Client,
  call,
  migrate,
  newClient,
  pngInput,
  problemOf,
  script,
  settings,
  upload,
} from './support.ts';

const TENANTS = ['tenant-a', 'tenant-b'] as const;
const ROUNDS = Number((env as unknown as { RELIABILITY_ROUNDS: string }).RELIABILITY_ROUNDS);
const PAIRS = 6 * ROUNDS;
/** An upload, a run and a tool call. */
const REQUESTS = 3;
let clients: [Client, Client];
beforeAll(async () => {
  await migrate();
  clients = [await newClient(TENANTS[0]), await newClient(TENANTS[1])];
});

const question = script(
  call('OCR', { image: 'image-0' }),
  call('Crop', { image: 'image-0', bbox: [0, 0, 0.5, 0.5] }),
  answer('14.20'),
);

/** What one tenant leaves behind by a request of each kind. */
async function work(
  client: Client,
  round: number,
): Promise<{ run: Run; image: Image; tool: ToolCallResponse }> {
  const image = await upload(client);
  const body = { question, images: [pngInput], metadata: { round: String(round) } };
  const run = await bodyOf<Run>(await client.post('/v1/runs', body, { 'idempotency-key': `same-${round}` }));
  const call = { arguments: { image: 'image-0' }, images: [pngInput] };
  return { run, image, tool: await bodyOf<ToolCallResponse>(await client.post('/v1/tools/OCR', call)) };
}

const keysOf = async (tenant: string) =>
  (await settings.IMAGES.list({ prefix: `${tenant}/` })).objects.map(({ key }) =>
    key.slice(tenant.length + 1),
  );

it('R10: paired requests share no object, no result and no id', async () => {
  const [first, second] = clients;
  const results: Array<[string, string]> = [];
  for (let round = 0; round < PAIRS; round++) {
    const [a, b] = [await work(first, round), await work(second, round)];
    // The first of both tenants has to find its result anew.
    if (round === 0) expect([a.run.steps[0]?.cached, b.run.steps[0]?.cached]).toEqual([false, false]);
    expect(a.image.id).not.toBe(b.image.id);
    expect(a.run.images.filter((id) => b.run.images.includes(id))).toEqual([]);
    results.push([a.run.id, b.run.id]);
  }
  const [mine, theirs] = [await keysOf(TENANTS[0]), await keysOf(TENANTS[1])];
  expect(mine.length).toBeGreaterThan(0);
  expect(mine.filter((key) => theirs.includes(key))).toEqual([]);
  // One entry for each tool that may be kept, tenant by tenant.
  expect((await settings.CACHE.list()).keys).toHaveLength(2 * 2);

  let tried = 0;
  for (const [runs, reader, owner] of [
    [results.map(([id]) => id), second, first],
    [results.map(([, id]) => id), first, second],
  ] as const) {
    const list = await bodyOf<RunList>(await reader.send('/v1/runs?limit=100'));
    expect(list.data.filter((run) => runs.includes(run.id))).toEqual([]);
    for (const id of runs) {
      const { images } = await bodyOf<Run>(await owner.send(`/v1/runs/${id}`));
      const attempts: Array<[string, string]> = [
        ['GET', `/v1/runs/${id}`],
        ['GET', `/v1/runs/${id}/events`],
        ['GET', `/v1/runs/${id}/events?after=1`],
        ['POST', `/v1/runs/${id}/cancel`],
        ['DELETE', `/v1/runs/${id}`],
        ['GET', `/v1/responses/${id.replace('run_', 'resp_')}`],
        ['POST', `/v1/responses/${id.replace('run_', 'resp_')}/cancel`],
        ...images.map((image): [string, string] => ['GET', `/v1/images/${image}`]),
      ];
      for (const [method, path] of attempts) {
        const nobodys = path.replace(/[0-9a-f]{32,64}/, (hex) => '0'.repeat(hex.length));
        const [refused, missing] = [
          await problemOf(await reader.send(path, { method }), 404),
          await problemOf(await reader.send(nobodys, { method }), 404),
        ];
        expect({ ...refused, request_id: '' }).toEqual({ ...missing, request_id: '' });
        tried++;
      }
      for (const image_id of images) {
        const input = [{ type: 'image_id', image_id }];
        const started = await reader.post('/v1/runs', { question, images: input });
        expect((await problemOf(started, 422)).code).toBe('image_unknown');
        const called = await reader.post('/v1/tools/OCR', { arguments: { image: 'image-0' }, images: input });
        expect((await problemOf(called, 422)).code).toBe('image_unknown');
        tried += 2;
      }
      // After all of this the owner still has it.
      expect((await owner.send(`/v1/runs/${id}`)).status).toBe(200);
    }
  }
  console.log(`R10: ${REQUESTS * PAIRS} paired requests: 0 shared; ${tried} attempts on foreign ids: 0 read`);
});
