/** Adapters of similarity and tags, and the classifier of half turns, from manifest to answer, on small random graphs with the inputs and outputs of the real ones. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GraphBuilder, type Value } from '#backend/models/onnx/graph';
import { CLIP, centreSquare, HALF, planesOf } from '#backend/tools/adapters/input';
import { openHalfTurnClassifier } from '#backend/tools/ocr/orient';
import { createPlace, type Place } from '../packs/support.ts';
import { bytes, keep, mean, meanOf, near, open, sumOf, tokenizer } from './graph-support.ts';
import { flat, never, noise } from './support.ts';

let place: Place;
beforeAll(async () => {
  place = await createPlace();
});
afterAll(() => place.remove());

describe('similarity and tags', () => {
  function imageTower(output: string): Uint8Array {
    const graph = new GraphBuilder('image');
    const pixels = graph.input('pixel_values', 'float32', [1, 3, 224, 224]);
    graph.node('ReduceMean', [pixels, graph.ints([2, 3])], { ...keep, names: [output] });
    graph.output(output, 'float32', [1, 3]);
    return graph.finish();
  }
  /** Sum of ids, number of tokens, number of tokens that count. */
  function textTower(output: string, hasMask: boolean): Uint8Array {
    const graph = new GraphBuilder('text');
    const ids = graph.input('input_ids', 'int64', [1, 't']);
    const one = (value: Value): Value => graph.node('Reshape', [value, graph.ints([1, 1])]);
    const length = graph.node('Cast', [graph.node('Size', [ids])], { attributes: { to: { int: 1 } } });
    const parts = [one(sumOf(graph, ids)), one(length)];
    if (hasMask) parts.push(one(sumOf(graph, graph.input('attention_mask', 'int64', [1, 't']))));
    graph.node('Concat', parts, { attributes: { axis: { int: 1 } }, names: [output] });
    graph.output(output, 'float32', [1, parts.length]);
    return graph.finish();
  }
  const unit = (values: readonly number[]) => near(values.map((value) => value / Math.hypot(...values)));
  const channelMeans = (planes: Float32Array) =>
    [0, 1, 2].map((c) => mean(planes.subarray(c * 50_176, (c + 1) * 50_176)));

  it('CLIP crops the middle and takes texts at their length', async () => {
    const files = {
      'image.onnx': imageTower('image_embeds'),
      'text.onnx': textTower('text_embeds', true),
      'tokenizer.json': tokenizer,
    };
    const model = await open(place, 'similarity', 'clip', files);
    const image = noise(448, 224, 9);
    expect([...(await model.image(image, never))]).toEqual(
      unit(channelMeans(planesOf(centreSquare(image, 224), CLIP))),
    );
    expect([...(await model.text('red ball', never))]).toEqual(unit([2 + 6 + 7 + 3, 4, 4]));
    const long = await model.text('cat '.repeat(200), never);
    expect([...long]).toEqual(unit([2 + 75 * 5 + 3, 77, 77]));
  });

  it('SigLIP squeezes the image and fills texts up to 64 tokens of id 1', async () => {
    const files = {
      'image.onnx': imageTower('pooler_output'),
      'text.onnx': textTower('pooler_output', false),
      'tokenizer.json': tokenizer,
    };
    const model = await open(place, 'similarity', 'siglip', files);
    const image = noise(224, 224, 10);
    expect([...(await model.image(image, never))]).toEqual(unit(channelMeans(planesOf(image, HALF))));
    expect([...(await model.text('Red, ball!', never))]).toEqual(unit([2 + 6 + 7 + 3 + 60, 64]));
  });

  it('RAM++ names what passes its threshold', async () => {
    const graph = new GraphBuilder('ram');
    const pixels = graph.input('image', 'float32', [1, 3, 384, 384]);
    graph.node('ReduceMean', [pixels, graph.ints([2, 3])], { ...keep, names: ['logits'] });
    graph.output('logits', 'float32', [1, 3]);
    const files = {
      'model.onnx': graph.finish(),
      'tags.txt': bytes('red\ngreen\nblue\n'),
      'thresholds.txt': bytes('0.5\n0.5\n0.5\n'),
    };
    const model = await open(place, 'tags', 'ram-plus', files);
    const tags = await model.tags(flat(30, 20, [255, 140, 0]), never);
    const score = (byte: number, mean: number, deviation: number) =>
      1 / (1 + Math.exp(-(byte / 255 - mean) / deviation));
    expect(tags).toEqual([
      { name: 'red', score: expect.closeTo(score(255, 0.485, 0.229), 4) },
      { name: 'green', score: expect.closeTo(score(140, 0.456, 0.224), 4) },
    ]);
  });
});

it('the classifier of PP-OCRv5 looks at 160 x 80 pixels of a strip, PP-OCRv4 at 192 x 48', async () => {
  for (const [size, input] of [
    [
      { width: 160, height: 80 },
      { width: 160, height: 80 },
    ],
    [undefined, { width: 192, height: 48 }],
  ] as const) {
    const graph = new GraphBuilder('half-turn');
    const pixels = graph.input('x', 'float32', [1, 3, input.height, input.width]);
    const level = graph.node('Reshape', [meanOf(graph, pixels), graph.ints([1, 1])]);
    graph.node('Concat', [level, level], { attributes: { axis: { int: 1 } }, names: ['y'] });
    graph.output('y', 'float32', [1, 2]);
    const file = join(place.folders.embedded, `half-turn-${input.height}.onnx`);
    await writeFile(file, graph.finish());
    const classifier = await openHalfTurnClassifier(file, 1, size);
    // White is 1; what the strip does not fill is 0.
    const strip = flat(48, 48, [255, 255, 255]);
    expect(await classifier.upsideDown(strip)).toBeCloseTo(input.height / input.width, 5);
    expect(await classifier.upsideDown(flat(4_000, 48, [255, 255, 255]))).toBeCloseTo(1, 5);
    await classifier.release();
  }
});
