import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { SequenceDecoder } from '#backend/engine/decoder';
import { KvSequence } from '#backend/engine/kv-sequence';
import { openPromptShape } from '#backend/engine/planner';
import { prefill } from '#backend/engine/prefill';
import { promptOf } from '#backend/engine/prompts';
import { Scheduler } from '#backend/engine/scheduler';
import { openModel } from '#backend/models/architectures';
import { type Bits, BLOCK, bitChoices, quantiseCheckpoint, quantiseRows } from '#backend/models/quantise';
import type { VisionLanguageModel } from '#backend/models/vision-language';
import { expectedOf, fixtureFolder } from './fixture.ts';

const NANO = 'models/nano/planner';
/** Weights so small that their step is no normal number. */
const TINY = 1e-37;
const options = { device: 'cpu', threads: 1 } as const;
let place: string;
beforeEach(async () => {
  place = await mkdtemp(join(tmpdir(), 'quantise-'));
});
afterEach(async () => rm(place, { recursive: true }));

/** Weight `index` of a row of blocks. */
function weightOf({ blocks, scales }: ReturnType<typeof quantiseRows>, index: number, bits: Bits): number {
  const number =
    bits === 8 ? (blocks[index] as number) : ((blocks[index >> 1] as number) >> (4 * (index % 2))) & 15;
  return (number - 2 ** (bits - 1)) * (scales[Math.floor(index / BLOCK)] as number);
}

test.each(bitChoices)('no weight of %i bits is off by more than a step', (bits) => {
  const weights = fc.float32Array({ min: -4, max: 4, noNaN: true, minLength: 1, maxLength: 100 });
  fc.assert(
    fc.property(weights, (values) => {
      const quantised = quantiseRows(values, 1, values.length, bits);
      for (const [index, value] of values.entries()) {
        const step = Math.abs(quantised.scales[Math.floor(index / BLOCK)] as number);
        expect(Math.abs(weightOf(quantised, index, bits) - value)).toBeLessThanOrEqual(step * 1.0001 + TINY);
      }
    }),
  );
});

/** Logits after the prompt and after each of the tokens that the exact model writes. */
async function follow(
  model: VisionLanguageModel,
  prompt: Parameters<typeof prefill>[1],
  features: readonly Float32Array[],
  written?: readonly number[],
): Promise<{ readonly logits: Float32Array[]; readonly tokens: number[] }> {
  const scheduler = new Scheduler(model);
  const { signal } = new AbortController();
  const decoder = new SequenceDecoder(scheduler, new KvSequence(scheduler.shape), signal);
  const logits = [await prefill(decoder, prompt, features, model.config)];
  const tokens: number[] = [];
  for (let step = 0; step < 24; step++) {
    const row = logits.at(-1) as Float32Array;
    tokens.push(row.indexOf(Math.max(...row)));
    logits.push(await decoder.append([(written ?? tokens)[step] as number]));
  }
  decoder.release();
  return { logits, tokens };
}

/** Size of the difference, relative to how far the exact logits spread around their mean. */
function error(exact: readonly Float32Array[], other: readonly Float32Array[]): number {
  let [difference, spread] = [0, 0];
  exact.forEach((row, at) => {
    const mean = row.reduce((sum, value) => sum + value, 0) / row.length;
    row.forEach((value, index) => {
      difference += (value - (other[at]?.[index] as number)) ** 2;
      spread += (value - mean) ** 2;
    });
  });
  return Math.sqrt(difference / spread);
}

async function compare(
  folder: string,
  bits: Bits,
): Promise<{ readonly error: number; readonly agreed: number }> {
  const target = join(place, `bits-${bits}`);
  const report = await quantiseCheckpoint(folder, target, bits);
  expect(report.layers).toBeGreaterThan(0);
  const [exact, small] = [await openModel(folder, options), await openModel(target, options)];
  const shape = await openPromptShape(folder, exact.config);
  const images = expectedOf('grouped-f32').images.slice(0, 1);
  const layouts = images.map((image) => exact.images.layout(image));
  const conversation = { question: 'What does it cost?', images: ['a'.repeat(64)], steps: [] };
  const prompt = promptOf(conversation, ['OCR', 'Calculate', 'Terminate'], shape, 2_000, layouts);
  const features = await Promise.all(images.map((image) => exact.images.encode(image)));
  const truth = await follow(exact, prompt, features);
  const found = await follow(small, prompt, features, truth.tokens);
  await Promise.all([exact.release(), small.release()]);
  const agreed = found.tokens.filter((token, index) => token === truth.tokens[index]).length;
  return { error: error(truth.logits, found.logits), agreed: agreed / truth.tokens.length };
}

// Noise is the hardest case for blocks: in a trained model the error is smaller.
describe.each([
  [NANO, 8, 0.02, 1],
  [NANO, 4, 0.12, 1],
  [fixtureFolder('grouped-f32'), 8, 0.08, 0.8],
  [fixtureFolder('tied-f16'), 8, 0.08, 0.8],
  [fixtureFolder('sharded-bf16'), 8, 0.08, 0.8],
  [fixtureFolder('qwen2-vl'), 8, 0.08, 0.8],
] as const)('%s in %i bits', (folder, bits, errorMax, agreedMin) => {
  test(`logits differ by at most ${errorMax} of their spread`, async () => {
    const result = await compare(folder, bits);
    expect(result.error).toBeLessThan(errorMax);
    expect(result.error).toBeGreaterThan(0);
    expect(result.agreed).toBeGreaterThanOrEqual(agreedMin);
  });
});

test('the command writes a folder that is served, and none over another', async () => {
  const run = promisify(execFile);
  const target = join(place, 'small');
  const command = ['scripts/models.ts', 'quantise', fixtureFolder('tied-f16'), target, '--bits', '4'];
  const { stdout } = await run(process.execPath, command);
  expect(stdout).toMatch(/15 linear layers in 4 bits/);
  expect((await readdir(target)).sort()).toEqual(
    (await readdir(fixtureFolder('tied-f16'))).filter((name) => name !== 'none').sort(),
  );
  await expect(run(process.execPath, command)).rejects.toMatchObject({
    code: 2,
    stderr: expect.stringContaining('is there already'),
  });
  const wrong = [...command.slice(0, 3), join(place, 'other'), '--bits', '3'];
  await expect(run(process.execPath, wrong)).rejects.toMatchObject({
    code: 2,
    stderr: expect.stringContaining('Expected --bits 8 or 4'),
  });
});
