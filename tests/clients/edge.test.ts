/** The TypeScript client against the real edge over real HTTP: a server, and an app with a token of it. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Client, createClient, type Run, type RunPage } from '../../clients/typescript/index.ts';
import { type Edge, PNG, receipt, startEdge } from '../edge/compat/edge.ts';

let edge: Edge;
let server: Client;
beforeAll(async () => {
  edge = await startEdge();
  const key = await edge.newKey('shop', { scopes: ['runs:write', 'runs:read', 'images', 'tokens:mint'] });
  server = createClient({ baseUrl: edge.url, credential: key });
});
afterAll(() => edge.stop());

/** An app: it asks its server for a token whenever it needs one. */
const appOf = (subject: string): Client =>
  createClient({ baseUrl: edge.url, credential: () => server.clientTokens.create({ subject }), retries: 0 });

async function ask(client: Client, count = 1): Promise<Run[]> {
  const image = await client.images.upload(Buffer.from(PNG, 'base64'));
  const request = () => ({
    question: receipt(),
    images: [{ type: 'image_id' as const, image_id: image.id }],
  });
  const runs: Run[] = [];
  for (let time = 0; time < count; time++) runs.push(await client.runs.create(request()));
  return runs;
}

async function listAll(client: Client): Promise<string[]> {
  const ids: string[] = [];
  let page: RunPage | undefined;
  do {
    const cursor = page?.next_cursor;
    page = await client.runs.list({ limit: 2, ...(cursor === undefined ? {} : { cursor }) });
    ids.push(...page.data.map(({ id }) => id));
  } while (page.next_cursor !== undefined);
  return ids;
}

it('users of an app ask, list and delete their own runs with tokens', async () => {
  const [ada, bob] = [appOf('ada'), appOf('bob')];
  const runs = await ask(ada, 3);
  expect(runs.map(({ answer }) => answer)).toEqual(['7.10', '7.10', '7.10']);
  expect(await listAll(ada)).toEqual(runs.map(({ id }) => id).reverse());
  expect(await listAll(bob)).toEqual([]);
  const [first] = runs;
  await bob.runs.delete(first?.id ?? '');
  expect(await listAll(ada)).toHaveLength(3);
  await ada.runs.delete(first?.id ?? '');
  await ada.runs.delete(first?.id ?? '');
  expect(await listAll(ada)).toHaveLength(2);
});

it('a run that has ended stays as it is when it is canceled', async () => {
  const [run] = await ask(server);
  expect(await server.runs.cancel(run?.id ?? '')).toEqual(run);
});

it('a token that was revoked is refused', async () => {
  const { id, token } = await server.clientTokens.create({ subject: 'eve', max_runs: 1 });
  const eve = createClient({ baseUrl: edge.url, credential: token, retries: 0 });
  expect((await eve.runs.list()).data).toEqual([]);
  await server.clientTokens.revoke(id);
  await expect(eve.runs.list()).rejects.toMatchObject({ status: 401, code: 'expired_token' });
});
