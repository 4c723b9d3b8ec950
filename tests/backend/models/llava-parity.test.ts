import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SequenceDecoder } from '#backend/engine/decoder';
import { KvSequence } from '#backend/engine/kv-sequence';
import { Tensor } from '#backend/engine/runtime';
import { Scheduler } from '#backend/engine/scheduler';
import { openTextCodec } from '#backend/engine/tokenizer';
import { type LlavaModel, openLlava } from '#backend/models/llava';
import { pixelValues } from '#backend/models/pixels';
import { HIDDEN_SLOT } from '#backend/models/segment-attention';
import { distance, type Expected, expectedOf, fixtureFolder, variants } from './fixture.ts';

/** Float32 rounding over a few layers; logits are about 4 in size. */
const TOLERANCE = 1e-4;

describe.each(variants)('%s agrees with transformers', (variant) => {
  const expected = expectedOf(variant);
  let model: LlavaModel;
  beforeAll(async () => {
    model = await openLlava(fixtureFolder(variant), { device: 'cpu', threads: 1 });
  });
  afterAll(async () => model.release());

  test('pixels', () => {
    const pixels = expected.images.flatMap((image) => [...pixelValues(image, model.config)]);
    expect(distance(pixels, expected.pixel_values.values)).toBeLessThan(1e-6);
  });

  test('image features of two images', async () => {
    const { values, shape } = expected.pixel_values;
    const { image_features: features } = await model.vision.run({
      pixel_values: new Tensor('float32', values, shape),
    });
    expect(features?.dims).toEqual(expected.image_features.shape);
    expect(distance(features?.data as Float32Array, expected.image_features.values)).toBeLessThan(TOLERANCE);
  });

  test('token ids', async () => {
    const codec = await openTextCodec(fixtureFolder(variant), model.config.text.vocab_size);
    const { imageToken, imageTokens } = model.config;
    const ids = codec
      .encode(expected.text)
      .flatMap((id) => Array<number>(id === imageToken ? imageTokens : 1).fill(id));
    expect(ids).toEqual(expected.input_ids);
  });

  test.each([256, 50, 7])('logits, prefilled in chunks of %i', async (chunk) => {
    const logits = await prefill(newDecoder(model), model, expected, chunk);
    expect(distance(logits, lastRow(expected))).toBeLessThan(TOLERANCE);
  });

  test('greedy tokens, one pass each', async () => {
    const decoder = newDecoder(model);
    let logits = await prefill(decoder, model, expected, 256);
    const tokens: number[] = [];
    for (;;) {
      tokens.push(logits.indexOf(Math.max(...logits)));
      if (tokens.length === expected.greedy.length) break;
      logits = await decoder.append(tokens.slice(-1));
    }
    expect(tokens).toEqual(expected.greedy);
  });

  test('a shared segment before the past, and a hole in it, give the same logits', async () => {
    const whole = newDecoder(model);
    await prefill(whole, model, expected, 256);
    const next = expected.greedy[0] as number;
    const position = whole.sequence.length;
    const alone = await whole.append([next]);
    const split = await decodeSplit(model, whole.sequence, position, next);
    expect(distance(split, alone)).toBeLessThan(TOLERANCE);
  });
});

function newDecoder(model: LlavaModel): SequenceDecoder {
  const scheduler = new Scheduler(model);
  return new SequenceDecoder(scheduler, new KvSequence(scheduler.shape), new AbortController().signal);
}

async function prefill(
  decoder: SequenceDecoder,
  model: LlavaModel,
  expected: Expected,
  chunk: number,
): Promise<Float32Array> {
  const width = model.config.text.hidden_size;
  const { values } = expected.image_features;
  let row = 0;
  let logits: Float32Array = new Float32Array(0);
  for (let start = 0; start < expected.input_ids.length; start += chunk) {
    const ids = expected.input_ids.slice(start, start + chunk);
    const images = ids.filter((id) => id === model.config.imageToken);
    logits = await decoder.append(
      ids,
      images.map(() => values.subarray(row * width, ++row * width)),
    );
  }
  return logits;
}

function lastRow({ last_logits: { shape, values } }: Expected): Float32Array {
  return values.subarray(values.length - (shape[1] as number));
}

/** The token at `position` by a graph with two segments: 40 shared slots, the rest private with a hole in the middle. */
async function decodeSplit(
  model: LlavaModel,
  sequence: KvSequence,
  position: number,
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
    position_ids: new Tensor('int64', BigInt64Array.of(BigInt(position)), [1, 1]),
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
