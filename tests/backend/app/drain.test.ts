/** What SIGTERM means to callers: who has a place ends, who waits is sent elsewhere, nothing new begins. */
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { PLANNER_ACTIVE_MAX } from '#shared/limits';
import { sha256, startHarness, stepBody, toolBody } from './harness.ts';

test('a backend that is drained', async () => {
  const draining = new AbortController();
  const backend = await startHarness({ draining: draining.signal });
  const photo = await sharp({ create: { width: 8, height: 8, channels: 3, background: '#fff' } })
    .png()
    .toBuffer();
  const digest = sha256(photo);
  await backend.put(photo);
  await expect.poll(() => backend.planner.state, { timeout: 20_000 }).toBe('ready');
  const step = () => backend.call('POST', '/v1/step', stepBody('slow', [digest], 60_000));
  const metrics = async (): Promise<string> => (await backend.app.request('/metrics')).text();
  for (let index = 0; index < PLANNER_ACTIVE_MAX; index++) expect((await step()).status).toBe(200);
  const waiting = step();
  await expect.poll(metrics, { timeout: 20_000 }).toContain('taco_num_requests_waiting 1\n');
  draining.abort();
  expect((await waiting).status).toBe(503);
  for (const [path, body] of [
    ['/v1/step', stepBody('hello', [digest])],
    ['/v1/tools/OCR', toolBody({ image: 'image-0' }, [digest])],
  ] as const) {
    const refused = await backend.call('POST', path, body);
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '1']);
    expect(refused.headers.get('connection')).toBe('close');
    expect(await refused.json()).toMatchObject({ code: 'backend_unavailable' });
  }
  expect((await backend.app.request('/readyz')).status).toBe(503);
  expect((await backend.app.request('/healthz')).status).toBe(200);
  const after = await metrics();
  // Those that have a place were not touched.
  expect(after).toContain(`taco_num_requests_running ${PLANNER_ACTIVE_MAX}\n`);
  expect(after).toContain('taco_request_refused_total{reason="stopping"} 1\n');
  await backend.stop();
});
