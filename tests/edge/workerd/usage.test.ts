import { runDurableObjectAlarm } from 'cloudflare:test';
import { beforeAll, expect, it } from 'vitest';
import { stubOf } from '#edge/keys/rpc';
import { findKeyAnywhere } from '#edge/storage/keys';
import { type LimitsState, limitsState, usage } from '#shared/api/usage';
import { scope } from '#shared/scopes';
import {
  bodyOf,
  clientOf,
  idOf,
  migrate,
  newClient,
  newKey,
  ocrRun,
  pngInput,
  problemOf,
  settings,
  upload,
} from './support.ts';

beforeAll(migrate);

const today = new Date().toISOString().slice(0, 10);
const copied = (key: string) =>
  runDurableObjectAlarm(stubOf(settings.KEYS, idOf(key)) as unknown as DurableObjectStub);

it('counts what a key has used, by day and key; each key sees its own, an administrator the tenant', async () => {
  const key = await newKey('usage');
  const other = await newKey('usage');
  const admin = await newKey('usage', undefined, { scopes: scope.options });
  const client = clientOf(key);
  await bodyOf(await client.post('/v1/runs', { question: ocrRun(), images: [pngInput] }));
  await bodyOf(await client.post('/v1/tools/Calculate', { arguments: { expression: '1' } }));
  await upload(clientOf(other));

  const own = {
    requests: 2,
    runs: 1,
    tool_calls: 3,
    images: 0,
    steps: 3,
    input_tokens: 300,
    cached_tokens: 120,
    output_tokens: 27,
    cost_units: 3,
  };
  const usageOf = async (by: string, query = '') => {
    await copied(key);
    await copied(other);
    return usage.parse(await bodyOf(await clientOf(by).send(`/v1/usage${query}`))).data;
  };
  await expect.poll(() => usageOf(key), { timeout: 20_000 }).toEqual([{ day: today, ...own }]);
  const byKey = await usageOf(admin, '?group_by=key');
  expect(byKey).toContainEqual({ key: idOf(key), ...own });
  expect(byKey).toContainEqual(
    expect.objectContaining({ key: idOf(other), images: 1, cost_units: 1, requests: 1 }),
  );
  expect(await usageOf(key, '?group_by=key')).toHaveLength(1);
  expect(await usageOf(await newKey('stranger', undefined, { scopes: scope.options }))).toEqual([]);
  expect(await usageOf(key, '?from=2020-01-01&to=2020-12-31')).toEqual([]);
  // Copying again adds nothing.
  expect(await usageOf(key)).toEqual([{ day: today, ...own }]);
});

it('notes when a key was last used', async () => {
  const key = await newKey('last-use');
  expect((await findKeyAnywhere(settings.DB, idOf(key)))?.lastUsedAt).toBeUndefined();
  const before = Date.now();
  await clientOf(key).send('/v1/limits');
  await copied(key);
  expect((await findKeyAnywhere(settings.DB, idOf(key)))?.lastUsedAt).toBeGreaterThanOrEqual(before);
});

it.each([
  'from=yesterday',
  'from=2026-02-30',
  'from=2026-11-22&to=2026-11-21',
  'from=2020-01-01&to=2026-01-01',
  'from=2020-01-01',
  'group_by=tenant',
  'tenant=other',
])('422: ?%s', async (query) => {
  await problemOf(await (await newClient('usage')).send(`/v1/usage?${query}`), 422);
});

it('GET /v1/limits shows the plan and every limit of it', async () => {
  const state: LimitsState = limitsState.parse(
    await bodyOf(await (await newClient('state', { plan: 'pro' })).send('/v1/limits')),
  );
  expect(state.plan).toBe('pro');
  expect(Object.fromEntries(state.data.map(({ name, quota }) => [name, quota]))).toEqual({
    requests: 120,
    units: 480,
    reads: 2_400,
    day: 5_000,
    month: 100_000,
    runs: 10,
  });
});
