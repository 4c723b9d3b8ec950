import { readFile } from 'node:fs/promises';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { stepEvent } from '#shared/contract';
import { fixtureFolder } from '../models/fixture.ts';
import { type Harness, sha256, startHarness, stepBody } from './harness.ts';

let backend: Harness;

beforeAll(async () => {
  backend = await startHarness({ plannerFolder: fixtureFolder('grouped-f32') });
});
afterAll(() => backend.stop());

/** Values by name and labels; every line must be of the text format. */
async function scrape(of: Harness): Promise<Map<string, number>> {
  const response = await of.app.request('/metrics');
  expect(response.headers.get('content-type')).toContain('text/plain; version=0.0.4');
  const samples = new Map<string, number>();
  const typed = new Set<string>();
  for (const line of (await response.text()).trimEnd().split('\n')) {
    const type = /^# TYPE (taco_[a-z0-9_]+) (?:counter|gauge|histogram)$/.exec(line);
    if (type) typed.add(type[1] as string);
    if (line.startsWith('#')) continue;
    const [, name = '', labels = '', value] =
      /^(taco_[a-z0-9_]+)((?:\{[a-z_]+="[\w.+]+"\})?) (\d+(?:\.\d+)?(?:e-\d+)?)$/.exec(line) ?? [];
    const family = name.replace(/_(?:bucket|sum|count)$/, '');
    expect([line, typed.has(name) || typed.has(family)]).toEqual([line, true]);
    samples.set(name + labels, Number(value));
  }
  return samples;
}

test('a step is seen in tokens, images and passes', async () => {
  const photo = await sharp({ create: { width: 80, height: 40, channels: 3, background: '#336699' } })
    .jpeg()
    .toBuffer();
  await expect.poll(() => backend.planner.state, { timeout: 20_000 }).toBe('ready');
  expect((await backend.put(photo)).status).toBe(201);
  const before = await scrape(backend);
  expect(before.get('taco_process_up{role="planner"}')).toBe(1);
  expect(before.get('taco_request_success_total')).toBe(0);
  const response = await backend.call('POST', '/v1/step', stepBody('What is it?', [sha256(photo)], 20_000));
  const last = stepEvent.parse(JSON.parse((await response.text()).trimEnd().split('\n').at(-1) as string));
  if (last.type !== 'turn') throw new Error('expected a turn');
  const after = await scrape(backend);
  expect(after.get('taco_request_success_total')).toBe(1);
  expect(after.get('taco_generation_tokens_total')).toBe(last.usage.completion_tokens);
  expect(after.get('taco_prompt_tokens_total')).toBe(last.usage.prompt_tokens);
  expect(after.get('taco_step_prefill_tokens_total{source="new"}')).toBe(last.usage.prompt_tokens);
  expect(after.get('taco_image_embed_cache_total{result="miss"}')).toBe(1);
  expect(after.get('taco_decoder_passes_total')).toBeGreaterThan(1);
  expect(after.get('taco_kv_parked_bytes')).toBeGreaterThan(0);
  expect(after.get('taco_decoder_batch_rows')).toBe(0);
  expect(after.get('taco_num_requests_running')).toBe(0);
  expect(after.get('taco_request_decode_time_seconds_count')).toBe(1);
  for (const name of ['time_to_first_token', 'e2e_request_latency', 'request_queue_time']) {
    expect([name, after.get(`taco_${name}_seconds_count`)]).toEqual([name, 1]);
    expect(after.get(`taco_${name}_seconds_bucket{le="+Inf"}`)).toBe(1);
  }
  const whole = after.get('taco_e2e_request_latency_seconds_sum') as number;
  expect(whole).toBeGreaterThan(after.get('taco_time_to_first_token_seconds_sum') as number);
  const isEnd = last.turn.actions[0]?.name === 'Terminate';
  expect(after.get('taco_run_steps_sum')).toBe(isEnd ? 1 : 0);
  expect(after.get('taco_kv_cache_usage_perc')).toBeGreaterThan(0);
  expect(after.get('taco_num_aborted_requests_total{reason="left"}')).toBe(0);
  expect(after.get('taco_request_refused_total{reason="full"}')).toBe(0);
});

test('every metric is in the table for operators, and the table has no other', async () => {
  const told = [...(await scrape(backend)).keys()].map((name) =>
    name.replace(/\{.*$/, '').replace(/_(?:bucket|sum|count)$/, ''),
  );
  const table = await readFile(new URL('../../../docs/metrics.md', import.meta.url), 'utf8');
  const written = [...table.matchAll(/^\| `(taco_[a-z0-9_]+)`/gm)].map(([, name]) => name as string);
  expect(written.toSorted()).toEqual([...new Set(told)].toSorted());
});

test('without a planner process the rest is told', async () => {
  await backend.planner.stop();
  const samples = await scrape(backend);
  expect(samples.get('taco_process_up{role="planner"}')).toBe(0);
  expect(samples.get('taco_num_requests_waiting')).toBe(0);
  expect(samples.has('taco_request_success_total')).toBe(false);
});
