import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SequenceDecoder } from '#backend/engine/decoder';
import { KvSequence } from '#backend/engine/kv-sequence';
import { placesOf } from '#backend/engine/places';
import { openPromptShape } from '#backend/engine/planner';
import { prefill } from '#backend/engine/prefill';
import { type Prompt, promptOf } from '#backend/engine/prompts';
import { Tensor } from '#backend/engine/runtime';
import { Scheduler } from '#backend/engine/scheduler';
import { openModel } from '#backend/models/architectures';
import { HIDDEN_SLOT } from '#backend/models/segment-attention';
import type { ImageLayout, VisionLanguageModel } from '#backend/models/vision-language';
import { distance, type Expected, expectedOf, fixtureFolder, fixtures } from './fixture.ts';

/** Float32 rounding over a few layers; logits are about 4 in size. */
const TOLERANCE = 1e-4;

describe.each(fixtures)('%s agrees with transformers', (fixture) => {
  const expected = expectedOf(fixture);
  let model: VisionLanguageModel;
  let layouts: ImageLayout[];
  let prompt: Prompt;
  beforeAll(async () => {
    model = await openModel(fixtureFolder(fixture), { device: 'cpu', threads: 1 });
    layouts = expected.images.map((image) => model.images.layout(image));
    prompt = { ids: expected.input_ids, images: ['a', 'b'], layouts };
  });
  afterAll(async () => model.release());

  test('pixels', () => {
    const pixels = expected.images.map((image) => model.images.preprocess(image));
    expect(pixels).toHaveLength(expected.pixel_values.length);
    for (const [index, { values }] of expected.pixel_values.entries())
      expect(distance(pixels[index] as Float32Array, values)).toBeLessThan(1e-6);
  });

  test('image features, and how many they are', async () => {
    const width = model.config.text.hidden_size;
    for (const [index, image] of expected.images.entries()) {
      const { shape, values } = expected.image_features[index] as Expected['image_features'][number];
      expect([layouts[index]?.rows, width]).toEqual(shape);
      expect(distance(await model.images.encode(image), values)).toBeLessThan(TOLERANCE);
    }
  });

  test('the prompt', async () => {
    const shape = await openPromptShape(fixtureFolder(fixture), model.config);
    const images = ['a', 'b'].map((character) => character.repeat(64));
    const { question } = expected;
    const tools = ['OCR', 'Calculate', 'Terminate'];
    const { ids } = promptOf({ question, images, steps: [] }, tools, shape, 100_000, layouts);
    expect(ids).toEqual(expected.input_ids);
  });

  const open = (): SequenceDecoder => {
    const scheduler = new Scheduler(model);
    const places = placesOf(expected.input_ids, layouts, model.config.imageToken);
    const { signal } = new AbortController();
    return new SequenceDecoder(scheduler, new KvSequence(scheduler.shape), signal, places);
  };
  const read = (decoder: SequenceDecoder): Promise<Float32Array> =>
    prefill(
      decoder,
      prompt,
      expected.image_features.map(({ values }) => values),
      model.config,
    );

  test.each([256, 50, 7])('logits, prefilled in chunks of %i', async (chunk) => {
    const logits = await inChunks(open(), model, expected, chunk);
    expect(distance(logits, lastRow(expected))).toBeLessThan(TOLERANCE);
  });

  test('greedy tokens, one pass each', async () => {
    const decoder = open();
    let logits = await read(decoder);
    const tokens: number[] = [];
    for (;;) {
      tokens.push(logits.indexOf(Math.max(...logits)));
      if (tokens.length === expected.greedy.length) break;
      logits = await decoder.append(tokens.slice(-1));
    }
    expect(tokens).toEqual(expected.greedy);
  });

  test('a shared segment before the past, and a hole in it, give the same logits', async () => {
    const whole = open();
    await read(whole);
    const next = expected.greedy[0] as number;
    const slots = whole.sequence.length;
    const place = placesOf(expected.input_ids, layouts, model.config.imageToken)(slots);
    const alone = await whole.append([next]);
    const split = await decodeSplit(model, whole.sequence, { slots, place }, next);
    expect(distance(split, alone)).toBeLessThan(TOLERANCE);
  });
});

async function inChunks(
  decoder: SequenceDecoder,
  model: VisionLanguageModel,
  expected: Expected,
  chunk: number,
): Promise<Float32Array> {
  const width = model.config.text.hidden_size;
  const rows = expected.image_features.flatMap(({ values }) =>
    Array.from({ length: values.length / width }, (_, row) =>
      values.subarray(row * width, (row + 1) * width),
    ),
  );
  let next = 0;
  let logits: Float32Array = new Float32Array(0);
  for (let start = 0; start < expected.input_ids.length; start += chunk) {
    const ids = expected.input_ids.slice(start, start + chunk);
    const images = ids.filter((id) => id === model.config.imageToken).length;
    logits = await decoder.append(ids, rows.slice(next, next + images));
    next += images;
  }
  return logits;
}

function lastRow({ last_logits: { shape, values } }: Expected): Float32Array {
  return values.subarray(values.length - (shape[1] as number));
}

/** The token behind `slots` by a graph with two segments: 40 shared slots, the rest private with a hole in the middle. */
async function decodeSplit(
  model: VisionLanguageModel,
  sequence: KvSequence,
  { slots: position, place }: { readonly slots: number; readonly place: readonly number[] },
  token: number,
): Promise<Float32Array> {
  const { heads, headSize, layers } = sequence.shape;
  const sharedSlots = 40;
  const hole = 5;
  const pastSlots = position - sharedSlots + hole;
  const rows = (source: Float32Array, slots: number, placed: (slot: number) => number): Tensor => {
    const data = new Float32Array(heads * slots * headSize).fill(9);
    for (let head = 0; head < heads; head++) {
      for (let slot = 0; slot < slots; slot++) {
        const from = placed(slot);
        if (from < 0) continue;
        const start = (head * sequence.capacity + from) * headSize;
        data.set(source.subarray(start, start + headSize), (head * slots + slot) * headSize);
      }
    }
    return new Tensor('float32', data, [1, heads, slots, headSize]);
  };
  const pastSlot = (slot: number): number =>
    slot < hole ? slot + sharedSlots : slot < 2 * hole ? -1 : slot + sharedSlots - hole;
  const bias = (slots: number, placed: (slot: number) => number): Tensor =>
    new Tensor(
      'float32',
      Float32Array.from({ length: slots }, (_, slot) => (placed(slot) < 0 ? HIDDEN_SLOT : 0)),
      [1, slots],
    );
  const feeds: Record<string, Tensor> = {
    input_ids: new Tensor('int64', BigInt64Array.of(BigInt(token)), [1, 1]),
    position_ids: model.config.text.ropeSections
      ? new Tensor('int64', BigInt64Array.from(place, BigInt), [3, 1, 1])
      : new Tensor('int64', BigInt64Array.of(BigInt(position)), [1, 1]),
    features: new Tensor('float32', new Float32Array(0), [0, model.config.text.hidden_size]),
    features_at: new Tensor('int64', new BigInt64Array(0), [0, 1]),
    logits_at: new Tensor('int64', BigInt64Array.of(0n), [1]),
    shared_bias: bias(sharedSlots, (slot) => slot),
    past_bias: bias(pastSlots, pastSlot),
  };
  for (let layer = 0; layer < layers; layer++) {
    for (const [part, source] of [
      ['key', sequence.key(layer)],
      ['value', sequence.value(layer)],
    ] as const) {
      feeds[`shared.${layer}.${part}`] = rows(source, sharedSlots, (slot) => slot);
      feeds[`past.${layer}.${part}`] = rows(source, pastSlots, pastSlot);
    }
  }
  const { logits } = await model.decoder.run(feeds);
  return logits?.data as Float32Array;
}
