/** The description that the Worker serves, and its examples, sent as they stand to the Worker. */
import { beforeAll, describe, expect, it } from 'vitest';
import type { Run } from '#shared/api';
import type { ClientToken } from '#shared/api/client-tokens';
import { ids } from '#shared/api/examples';
import { keyIds } from '#shared/api/key-examples';
import { responseId } from '#shared/api/openai-examples';
import { operations } from '#shared/api/operations';
import { scope } from '#shared/scopes';
import { checked } from '../../spec/checked.ts';
import {
  answer,
  type Client,
  fetchEdge,
  idOf,
  migrate,
  newClient,
  newKey,
  pngInput,
  script,
  upload,
} from './support.ts';

let client: Client;
beforeAll(async () => {
  await migrate();
  client = await newClient('docs', { scopes: scope.options });
});

const CASES = [
  ['/openapi.json', 'application/json'],
  ['/docs', 'text/html; charset=utf-8'],
] as const;

describe.each(CASES)('GET %s', (path, type) => {
  it('needs no key, and may be kept by its ETag', async () => {
    const response = await fetchEdge(path);
    expect([response.status, response.headers.get('content-type')]).toEqual([200, type]);
    expect(response.headers.get('cache-control')).toMatch(/^public, max-age=/);
    await response.text();
    const etag = response.headers.get('etag') ?? '';
    for (const known of [etag, `W/${etag}`, `"other", ${etag}`]) {
      const again = await fetchEdge(path, { headers: { 'if-none-match': known } });
      expect([again.status, await again.text()]).toEqual([304, '']);
    }
    const other = await fetchEdge(path, { headers: { 'if-none-match': '"other"' } });
    expect(other.status).toBe(200);
    await other.text();
  });
});

it('/docs names every operation, loads nothing and runs nothing', async () => {
  const response = await fetchEdge('/docs');
  const html = await response.text();
  for (const { operationId, path } of operations) {
    expect(html).toContain(`id="${operationId}"`);
    expect(html).toContain(`<code>${path}</code>`);
  }
  expect(html).not.toMatch(/<script|<link|<img|<iframe|src=|@import/);
  // An example may hold a URL as text.
  expect(html.replace(/<pre>.*?<\/pre>/gs, '')).not.toMatch(/https?:\/\//);
  expect(response.headers.get('content-security-policy')).toMatch(/^default-src 'none'; style-src/);
  const anchors = [...html.matchAll(/href="#(\w+)"/g)].map(([, id]) => id);
  for (const id of new Set(anchors)) expect(html).toContain(`id="${id}"`);
});

/** The planner of these tests does what the question says, and knows no other. */
const QUESTION = script(answer('24.25'));
const ASKED = /"What (is the total|does it say)\?"/g;

/** Ids of the examples are made up; these are there. */
async function real(text: string): Promise<string> {
  const image = await upload(client);
  const asked = text.replaceAll(ASKED, JSON.stringify(QUESTION)).replaceAll(ids.image, image.id);
  if (asked.includes(keyIds.token)) {
    const minted = await client.post('/v1/client_tokens', { subject: 'u' });
    return asked.replaceAll(keyIds.token, ((await minted.json()) as ClientToken).id);
  }
  if (asked.includes(keyIds.key)) return asked.replaceAll(keyIds.key, idOf(await newKey('docs')));
  if (![ids.run, responseId].some((id) => asked.includes(id))) return asked;
  const body = { question: QUESTION, images: [pngInput], background: true };
  const run = (await (await client.post('/v1/runs', body)).json()) as Run;
  return asked.replaceAll(ids.run, run.id).replaceAll(responseId, run.id.replace('run_', 'resp_'));
}

const sent = operations.flatMap((operation) => {
  const bodies = (operation.body ?? []).flatMap(({ examples = {} }) => Object.entries(examples));
  return bodies.map(([name, { value }]) => ({
    title: `${operation.operationId}: ${name}`,
    operation,
    value,
  }));
});

it.each(sent)('the example $title is accepted', async ({ operation, value }) => {
  const response = await client.send(await real(exampleUrl(operation)), {
    method: operation.method,
    headers: {
      'content-type': 'application/json',
      // Elsewhere this would ask for a stream.
      ...(operation.tag === 'mcp' ? { accept: 'application/json, text/event-stream' } : {}),
    },
    body: await real(JSON.stringify(value)),
  });
  expect(Object.keys(operation.replies).map(Number), await response.clone().text()).toContain(
    response.status,
  );
  expect(response.status).toBeLessThan(300);
});

const read = operations.filter(({ method }) => method === 'GET').map((operation) => ({ operation }));

it.each(read)('the example of $operation.operationId is found', async ({ operation }) => {
  const headers = (operation.parameters ?? []).flatMap(({ in: place, name, example }) =>
    place === 'header' ? [[name, String(example)]] : [],
  );
  const response = await client.send(await real(exampleUrl(operation)), {
    headers: Object.fromEntries(headers),
  });
  expect(response.status).toBe(200);
  await response.body?.cancel();
});

const bare = operations
  .filter(({ method, body }) => method !== 'GET' && body === undefined)
  .map((operation) => ({ operation }));

it.each(bare)(
  'the example of $operation.operationId, which has no body, is carried out',
  async ({ operation }) => {
    const response = await client.send(await real(exampleUrl(operation)), { method: operation.method });
    expect(response.status, await response.clone().text()).toBeLessThan(300);
    await response.body?.cancel();
  },
);

it('no operation is left out of these', () => {
  const run = [...sent, ...read, ...bare].map(({ operation }) => operation.operationId);
  // Its body is a file, which `real` sends for every example that names an image.
  expect(new Set([...run, 'uploadImage'])).toEqual(new Set(operations.map(({ operationId }) => operationId)));
});

function exampleUrl({ path, parameters = [] }: (typeof operations)[number]): string {
  const inPath = path.replace(/\{(\w+)\}/g, (_, wanted: string) =>
    String(parameters.find(({ in: place, name }) => place === 'path' && name === wanted)?.example),
  );
  const query = parameters.filter(({ in: place }) => place === 'query');
  const pairs = query.map(({ name, example }) => `${name}=${encodeURIComponent(String(example))}`);
  return pairs.length > 0 ? `${inPath}?${pairs.join('&')}` : inPath;
}

it('all of these replies were held to the document', () => {
  expect(checked.replies).toBeGreaterThan(operations.length);
});
