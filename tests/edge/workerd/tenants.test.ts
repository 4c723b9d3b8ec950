/**
 * Two tenants send the same requests: nothing that one has can be read, used, ended or guessed at by the
 * other. A thousand paired requests by `npm run bench -- reliability`.
 */
import { env } from 'cloudflare:workers';
import { beforeAll, expect, it } from 'vitest';
import type { Image, Run, ToolCallResponse } from '#shared/api';
import { type ClientToken, clientToken } from '#shared/api/client-tokens';
import type { RunList } from '#shared/api/run-list';
import type { Problem } from '#shared/errors';
import { scope } from '#shared/scopes';
import { patienceMs, roundsOf, shareOf } from '../rounds.ts';
import { type Attempt, attemptsOn, type Ids, idRoutes, NOBODYS } from './id-routes.ts';
import {
  answer,
  bodyOf,
  type Client,
  call,
  clientOf,
  idOf,
  migrate,
  newKey,
  pngInput,
  problemOf,
  script,
  settings,
  upload,
} from './support.ts';

const TENANTS = ['tenant-a', 'tenant-b'] as const;
const ROUNDS = roundsOf((env as unknown as { RELIABILITY_ROUNDS: string }).RELIABILITY_ROUNDS);
const PATIENCE_MS = patienceMs(240_000, ROUNDS);
/** An upload, a run and a tool call. */
const REQUESTS = 3;
const PAIRS = shareOf(Math.ceil(1_000 / REQUESTS), ROUNDS);
let keys: [string, string];
let clients: [Client, Client];
beforeAll(async () => {
  await migrate();
  const grant = { scopes: scope.options };
  keys = [await newKey(TENANTS[0], undefined, grant), await newKey(TENANTS[1], undefined, grant)];
  clients = [clientOf(keys[0]), clientOf(keys[1])];
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

/** What each reader is told of ids that nobody has, asked once. */
const told = new Map<string, Problem>();

async function refusal(reader: Client, { method, path, body }: Attempt): Promise<Problem> {
  const headers = { 'content-type': 'application/json' };
  const init = { method, headers, ...(body === undefined ? {} : { body }) };
  return { ...(await problemOf(await reader.send(path, init), 404)), request_id: '' };
}

/** Each reply is the one to an id that nobody has. @returns how many were tried */
async function refusedAll(reader: Client, ids: Partial<Ids>): Promise<number> {
  const attempts = attemptsOn(ids);
  const kinds = Object.keys(ids) as Array<keyof Ids>;
  const nobodys = attemptsOn(Object.fromEntries(kinds.map((kind) => [kind, NOBODYS[kind]])));
  for (const [index, attempt] of attempts.entries()) {
    const nobody = nobodys[index] as Attempt;
    const name = `${clients.indexOf(reader)} ${nobody.method} ${nobody.path}`;
    const expected = told.get(name) ?? (await refusal(reader, nobody));
    told.set(name, expected);
    expect(await refusal(reader, attempt)).toEqual(expected);
  }
  return attempts.length;
}

it(
  'R10: paired requests share no object, no result and no id',
  async () => {
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
        tried += await refusedAll(reader, { '/v1/runs': id, '/v1/responses': id.replace('run_', 'resp_') });
        for (const image of images) tried += await refusedAll(reader, { '/v1/images': image });
        for (const image_id of images) {
          const input = [{ type: 'image_id', image_id }];
          const started = await reader.post('/v1/runs', { question, images: input });
          expect((await problemOf(started, 422)).code).toBe('image_unknown');
          const called = await reader.post('/v1/tools/OCR', {
            arguments: { image: 'image-0' },
            images: input,
          });
          expect((await problemOf(called, 422)).code).toBe('image_unknown');
          tried += 2;
        }
        // After all of this the owner still has it.
        expect((await owner.send(`/v1/runs/${id}`)).status).toBe(200);
      }
    }
    console.log(
      `R10: ${REQUESTS * PAIRS} paired requests: 0 shared; ${tried} attempts on foreign ids: 0 read`,
    );
  },
  PATIENCE_MS,
);

it(
  'over every route with an id, a stranger is told what is told of an id that nobody has',
  async () => {
    const TEA = { title: 'Tea', text: 'Green tea steeps for two minutes.' };
    const headers = { 'content-type': 'application/json' };
    const document = { method: 'PUT', headers, body: JSON.stringify(TEA) };
    let tried = 0;
    for (const [index, owner] of clients.entries()) {
      const reader = clients[1 - index] as Client;
      const image = await upload(owner);
      const run = await bodyOf<Run>(await owner.post('/v1/runs', { question, images: [pngInput] }));
      const minted = await bodyOf<ClientToken>(
        await owner.post('/v1/client_tokens', { subject: 'u', scopes: ['tools'] }),
        201,
      );
      const { id: token } = clientToken.parse(minted);
      const name = `of-${index}`;
      expect((await owner.send(`/v1/knowledge/${name}`, document)).status).toBe(201);
      const ids: Ids = {
        '/v1/runs': run.id,
        '/v1/responses': run.id.replace('run_', 'resp_'),
        '/v1/images': image.id,
        '/v1/keys': idOf(keys[index] ?? ''),
        '/v1/client_tokens': token,
        '/v1/knowledge': name,
      };
      // No route is left out: a new one with an id has its case by its path, or fails.
      expect(new Set(attemptsOn(ids).map(({ route }) => route))).toEqual(new Set(idRoutes));
      tried += await refusedAll(reader, ids);

      // The name of a document is the tenant's own: the stranger's PUT makes another document.
      const other = { ...document, body: JSON.stringify({ ...TEA, title: 'Other' }) };
      expect((await reader.send(`/v1/knowledge/${name}`, other)).status).toBe(201);
      expect(await bodyOf(await owner.send(`/v1/knowledge/${name}`))).toMatchObject(TEA);
      expect((await reader.send(`/v1/knowledge/${name}`, { method: 'DELETE' })).status).toBe(204);
      tried += 2;

      // After all of this the owner still has everything.
      for (const kept of ['/v1/runs', '/v1/responses', '/v1/images', '/v1/keys', '/v1/knowledge'] as const)
        expect((await owner.send(`${kept}/${ids[kept]}`)).status).toBe(200);
      expect((await clientOf(minted.token).send('/v1/tools')).status).toBe(200);
      expect((await owner.send(`/v1/client_tokens/${token}`, { method: 'DELETE' })).status).toBe(204);
    }
    console.log(
      `R10: ${idRoutes.length} routes with an id, ${tried} attempts of strangers: 0 read, 0 changed`,
    );
  },
  PATIENCE_MS,
);
