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
    const type = /^# TYPE (taco_[a-z_]+) (?:counter|gauge)$/.exec(line);
    if (type) typed.add(type[1] as string);
    if (line.startsWith('#')) continue;
    const [, name = '', labels = '', value] =
      /^(taco_[a-z_]+)((?:\{[a-z_]+="[a-z_]+"\})?) (\d+(?:\.\d+)?)$/.exec(line) ?? [];
    expect([line, typed.has(name)]).toEqual([line, true]);
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
});

test('without a planner process the rest is told', async () => {
  await backend.planner.stop();
  const samples = await scrape(backend);
  expect(samples.get('taco_process_up{role="planner"}')).toBe(0);
  expect(samples.get('taco_num_requests_waiting')).toBe(0);
  expect(samples.has('taco_request_success_total')).toBe(false);
});
