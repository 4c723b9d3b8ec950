/** Every adapter from manifest to answer, on small random graphs with the inputs and outputs of the real ones. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GraphBuilder, type Value } from '#backend/models/onnx/graph';
import { openVisionModels } from '#backend/packs/adapters';
import type { PackRole } from '#backend/packs/manifest';
import { suppress } from '#backend/tools/adapters/detections';
import { boxesOf, captionOf } from '#backend/tools/adapters/grounding-dino';
import { CLIP, centreSquare, HALF, IMAGENET, planesOf } from '#backend/tools/adapters/input';
import { objectsOf, planesForOwl } from '#backend/tools/adapters/owlv2';
import { facesOf as scrfdFaces } from '#backend/tools/adapters/scrfd';
import { facesOf as yunetFaces } from '#backend/tools/adapters/yunet';
import { openHalfTurnClassifier } from '#backend/tools/ocr/orient';
import type { Roles } from '#backend/tools/roles';
import { createPlace, type Files, type Place, packOf } from '../packs/support.ts';
import { flat, floats, never, noise } from './support.ts';

let place: Place;
beforeAll(async () => {
  place = await createPlace();
});
afterAll(() => place.remove());

/** Opens the files as a pack of that adapter, by the same door as the service. */
async function open<Role extends keyof Roles & PackRole>(
  role: Role,
  adapter: string,
  files: Files,
): Promise<NonNullable<Roles[Role]>> {
  const pack = packOf(adapter, role, adapter, files);
  await place.put(pack, files);
  const manifest = join(place.folders.embedded, 'packs.json');
  await writeFile(manifest, JSON.stringify({ version: 1, packs: [pack] }));
  const packs = { manifest, pulled: place.folders.pulled, roles: { [role]: adapter } };
  const { roles, reports } = await openVisionModels({ device: 'cpu', threads: 1, packs });
  expect(reports).toEqual([{ role, pack: adapter, state: 'ready' }]);
  const model = roles[role];
  if (!model) throw new Error(`no ${role}`);
  return model as NonNullable<Roles[Role]>;
}

const keep = { attributes: { keepdims: { int: 0 } } } as const;
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** The mean of everything in a value, as a scalar. */
function meanOf(graph: GraphBuilder, value: Value): Value {
  return graph.node('ReduceMean', [value], keep);
}

/** A number that every id moves: the sum of the ids along an axis, or of all. */
function sumOf(graph: GraphBuilder, ids: Value, axis?: number): Value {
  const inputs = axis === undefined ? [ids] : [ids, graph.ints([axis])];
  return graph.node('Cast', [graph.node('ReduceSum', inputs, keep)], { attributes: { to: { int: 1 } } });
}

function mean(values: Float32Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Word pieces of four words; ids as they stand. */
const WORDS = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '.', 'cat', 'red', 'ball'];
const vocabulary = bytes(`${WORDS.join('\n')}\n`);
const special = (id: number) => ({ id, content: WORDS[id], special: true });
const tokenizer = bytes(
  JSON.stringify({
    added_tokens: [special(1), special(2), special(3)],
    normalizer: { type: 'BertNormalizer', clean_text: true, handle_chinese_chars: true, lowercase: true },
    pre_tokenizer: { type: 'BertPreTokenizer' },
    post_processor: { type: 'BertProcessing', sep: ['[SEP]', 3], cls: ['[CLS]', 2] },
    decoder: { type: 'WordPiece', prefix: '##', cleanup: true },
    model: {
      type: 'WordPiece',
      unk_token: '[UNK]',
      continuing_subword_prefix: '##',
      vocab: Object.fromEntries(WORDS.map((word, id) => [word, id])),
    },
  }),
);

const near = (values: ArrayLike<number>) => Array.from(values, (value) => expect.closeTo(value, 3));

describe('depth', () => {
  const weights = Float32Array.of(0.7, -0.4, 0.2);

  function graphOf(version: 2 | 3): Uint8Array {
    const graph = new GraphBuilder('depth');
    const shape = version === 2 ? [1, 3, 'h', 'w'] : [1, 1, 3, 'h', 'w'];
    const pixels = graph.input('pixel_values', 'float32', shape);
    const flatPixels = version === 2 ? pixels : graph.node('Squeeze', [pixels, graph.ints([1])]);
    const mixed = graph.node('Conv', [flatPixels, graph.floats(weights, [1, 3, 1, 1])]);
    if (version === 2)
      graph.node('Squeeze', [graph.node('Relu', [mixed]), graph.ints([1])], { names: ['predicted_depth'] });
    else graph.node('Add', [graph.node('Abs', [mixed]), graph.float(1)], { names: ['predicted_depth'] });
    graph.output('predicted_depth', 'float32', version === 2 ? [1, 'h', 'w'] : [1, 1, 'h', 'w']);
    return graph.finish();
  }

  it.each([
    [2, 'depth-anything-v2', 518],
    [3, 'depth-anything-3', 504],
  ] as const)('version %i gives closeness of every pixel', async (version, adapter, side) => {
    const model = await open('depth', adapter, { 'model.onnx': graphOf(version) });
    const image = noise(side, side, 5);
    const map = await model.estimate(image, never);
    const planes = planesOf(image, IMAGENET);
    const area = side * side;
    const expected = [0, 1, side, area - 1].map((at) => {
      const value = [0, 1, 2].reduce(
        (sum, c) => sum + (weights[c] as number) * (planes[c * area + at] as number),
        0,
      );
      return version === 2 ? Math.max(0, value) : 1 / (Math.abs(value) + 1);
    });
    expect([map.width, map.height, map.inverseDepth.length]).toEqual([side, side, area]);
    expect([0, 1, side, area - 1].map((at) => map.inverseDepth[at])).toEqual(near(expected));
    await expect(model.estimate(image, AbortSignal.abort())).rejects.toThrow();
  });

  it('of a graph without such an output is refused at load, and says what there is', async () => {
    const graph = new GraphBuilder('other');
    graph.node('Relu', [graph.input('pixel_values', 'float32', [1])], { names: ['flow'] });
    graph.output('flow', 'float32', [1]);
    const pack = packOf('odd', 'depth', 'depth-anything-v2', { 'model.onnx': graph.finish() });
    await place.put(pack, { 'model.onnx': graph.finish() });
    const manifest = join(place.folders.embedded, 'packs.json');
    await writeFile(
      manifest,
      JSON.stringify({ version: 1, packs: [pack, { ...pack, name: 'odder', adapter: 'no-such' }] }),
    );
    const reportOf = async (name: string) => {
      const packs = { manifest, pulled: place.folders.pulled, roles: { depth: name } };
      return (await openVisionModels({ device: 'cpu', threads: 1, packs })).reports[0]?.code;
    };
    expect(await reportOf('odd')).toBe('model_invalid');
    await place.put({ ...pack, name: 'odder' }, { 'model.onnx': graph.finish() });
    expect(await reportOf('odder')).toBe('adapter_unknown');
  });
});

describe('objects', () => {
  it('GroundingDINO is asked once a phrase, and gives the names as they were written', async () => {
    const [queries, columns] = [900, 256];
    const logits = floats(queries * columns, 11, 4, -1.3);
    const boxes = floats(queries * 4, 12, 1, 0);
    const graph = new GraphBuilder('grounding');
    const pixels = graph.input('pixel_values', 'float32', [1, 3, 800, 800]);
    const names = ['input_ids', 'token_type_ids', 'attention_mask'] as const;
    const [ids, types, mask] = names.map((name) => graph.input(name, 'int64', [1, 't']));
    const pixelMask = graph.input('pixel_mask', 'int64', [1, 800, 800]);
    const parts = [ids, types, mask].map((value) => sumOf(graph, value as Value));
    const words = graph.node('Mul', [graph.node('Sum', parts), graph.float(0.01)]);
    const whole = graph.node('Mul', [sumOf(graph, pixelMask), graph.float(1e-6)]);
    const shift = graph.node('Sum', [meanOf(graph, pixels), words, whole]);
    graph.node('Add', [graph.floats(logits, [1, queries, columns]), shift], { names: ['logits'] });
    graph.node('Identity', [graph.floats(boxes, [1, queries, 4])], { names: ['pred_boxes'] });
    graph.output('logits', 'float32', [1, queries, columns]);
    graph.output('pred_boxes', 'float32', [1, queries, 4]);

    const model = await open('objects', 'grounding-dino', {
      'model.onnx': graph.finish(),
      'vocab.txt': vocabulary,
    });
    const image = noise(800, 800, 6);
    const found = await model.detect(image, ['Cat', 'red ball', '...'], never);
    const light = mean(planesOf(image, IMAGENET));
    const of = (name: string, idList: number[]) => {
      const sum = 0.01 * (idList.reduce((all, id) => all + id, 0) + idList.length) + 0.64 + light;
      return boxesOf(
        logits.map((value) => value + sum),
        boxes,
        columns,
        idList.length,
      ).map((box) => ({ ...box, name }));
    };
    expect(captionOf('red ball')).toBe('red ball .');
    const all = [...of('Cat', [2, 5, 4, 3]), ...of('red ball', [2, 6, 7, 4, 3])].sort(
      (a, b) => b.score - a.score,
    );
    expect(all.length).toBeGreaterThan(2);
    expect(found[0]).toEqual({
      name: all[0]?.name,
      box: all[0]?.box,
      score: expect.closeTo(all[0]?.score ?? 0, 3),
    });
    // Both phrases found the same boxes here: the better one keeps them.
    expect(found.map(({ name, box }) => ({ name, box }))).toEqual(
      suppress(all, 0.7, 100).map(({ name, box }) => ({ name, box })),
    );
    expect((await model.detect(image, ['Cat'], never))[0]?.name).toBe('Cat');
    expect(await model.detect(image, [], never)).toEqual([]);
  });

  it('OWLv2 is asked for all names at once, 16 tokens each', async () => {
    const patches = 3600;
    const logits = floats(patches, 13, 6, -0.9);
    const boxes = floats(patches * 4, 14, 0.5, 0);
    const graph = new GraphBuilder('owl');
    const pixels = graph.input('pixel_values', 'float32', [1, 3, 960, 960]);
    const ids = graph.input('input_ids', 'int64', ['q', 16]);
    const mask = graph.input('attention_mask', 'int64', ['q', 16]);
    const words = graph.node('Add', [sumOf(graph, ids, 1), sumOf(graph, mask, 1)]);
    const shift = graph.node('Add', [graph.node('Mul', [words, graph.float(0.05)]), meanOf(graph, pixels)]);
    graph.node('Add', [graph.floats(logits, [1, patches, 1]), shift], { names: ['logits'] });
    graph.node('Identity', [graph.floats(boxes, [1, patches, 4])], { names: ['pred_boxes'] });
    graph.output('logits', 'float32', [1, patches, 'q']);
    graph.output('pred_boxes', 'float32', [1, patches, 4]);

    const model = await open('objects', 'owlv2', {
      'model.onnx': graph.finish(),
      'tokenizer.json': tokenizer,
    });
    const image = noise(96, 48, 7);
    const light = mean(planesForOwl(image));
    // [CLS] cat [SEP] and [CLS] red ball [SEP], and how many tokens are not padding.
    const shifts = [0.05 * (10 + 3) + light, 0.05 * (18 + 4) + light];
    const all = Float32Array.from(
      { length: patches * 2 },
      (_, i) => (logits[i >> 1] as number) + (shifts[i & 1] as number),
    );
    const expected = objectsOf(all, boxes, ['cat', 'red ball'], image);
    const found = await model.detect(image, ['cat', 'red ball'], never);
    expect(found.map(({ name, box }) => ({ name, box }))).toEqual(
      expected.map(({ name, box }) => ({ name, box })),
    );
    expect(found.map(({ score }) => score)).toEqual(near(expected.map(({ score }) => score)));
    expect(found.length).toBeGreaterThan(0);
    expect(await model.detect(image, [], never)).toEqual([]);
  });
});

describe('faces', () => {
  const strides = [8, 16, 32] as const;

  /** A kernel whose every value stands in all places of a block, so that the block is averaged. */
  function spread(values: Float32Array, places: number, scale: number): Float32Array {
    return Float32Array.from({ length: values.length * places }, (_, index) => {
      return ((values[Math.floor(index / places)] as number) * scale) / places;
    });
  }

  /** One value a block of the image: the means of its channels, weighed. */
  function blocks(
    graph: GraphBuilder,
    pixels: Value,
    stride: number,
    channels: number,
    seed: number,
    name: string,
    last?: 'Sigmoid',
  ) {
    const cells = (640 / stride) ** 2;
    const kernel = spread(floats(channels * 3, seed), stride ** 2, 0.01);
    const conv = graph.node('Conv', [pixels, graph.floats(kernel, [channels, 3, stride, stride])], {
      attributes: { kernel_shape: { ints: [stride, stride] }, strides: { ints: [stride, stride] } },
    });
    const rows = graph.node('Transpose', [graph.node('Reshape', [conv, graph.ints([1, channels, cells])])], {
      attributes: { perm: { ints: [0, 2, 1] } },
    });
    graph.node(last ?? 'Identity', [rows], { names: [name] });
    graph.output(name, 'float32', [1, cells, channels]);
  }

  /** The same by loops: [cells, channels]. */
  function blocksOf(
    planes: Float32Array,
    stride: number,
    channels: number,
    seed: number,
    last?: 'Sigmoid',
  ): Float32Array {
    const kernel = floats(channels * 3, seed);
    const columns = 640 / stride;
    const result = new Float32Array(columns * columns * channels);
    for (let cell = 0; cell < columns * columns; cell++) {
      for (let channel = 0; channel < channels; channel++) {
        let sum = 0;
        for (let plane = 0; plane < 3; plane++) {
          let block = 0;
          for (let y = 0; y < stride; y++)
            for (let x = 0; x < stride; x++)
              block += planes[
                plane * 409_600 +
                  (Math.floor(cell / columns) * stride + y) * 640 +
                  (cell % columns) * stride +
                  x
              ] as number;
          sum += ((kernel[channel * 3 + plane] as number) * 0.01 * block) / stride ** 2;
        }
        result[cell * channels + channel] = last ? 1 / (1 + Math.exp(-sum)) : sum;
      }
    }
    return result;
  }

  /** Large patches, so that a block's mean is far from grey. */
  function patchwork(width: number, height: number) {
    const colours = noise(20, 20, 8);
    const image = flat(width, height, [0, 0, 0]);
    for (let i = 0; i < width * height; i++) {
      const tile = Math.floor(Math.floor(i / width) / 32) * 20 + Math.floor((i % width) / 32);
      image.data.set(colours.data.subarray(3 * tile, 3 * tile + 3), 3 * i);
    }
    return image;
  }

  it('YuNet takes BGR bytes on a black canvas', async () => {
    const graph = new GraphBuilder('yunet');
    const pixels = graph.input('input', 'float32', [1, 3, 640, 640]);
    for (const stride of strides) {
      blocks(graph, pixels, stride, 1, 20 + stride, `cls_${stride}`, 'Sigmoid');
      blocks(graph, pixels, stride, 1, 21 + stride, `obj_${stride}`, 'Sigmoid');
      blocks(graph, pixels, stride, 4, 22 + stride, `bbox_${stride}`);
    }
    const model = await open('faces', 'yunet', { 'model.onnx': graph.finish() });
    const image = patchwork(640, 480);
    const planes = new Float32Array(3 * 409_600);
    for (let y = 0; y < 480; y++)
      for (let x = 0; x < 640; x++)
        for (let c = 0; c < 3; c++)
          planes[(2 - c) * 409_600 + y * 640 + x] = image.data[(y * 640 + x) * 3 + c] as number;
    const levels = strides.map((stride) => ({
      stride,
      cls: blocksOf(planes, stride, 1, 20 + stride, 'Sigmoid'),
      obj: blocksOf(planes, stride, 1, 21 + stride, 'Sigmoid'),
      bbox: blocksOf(planes, stride, 4, 22 + stride),
    }));
    const expected = yunetFaces(levels, 640, 480);
    const found = await model.detect(image, never);
    expect(expected.length).toBeGreaterThan(0);
    expect(found.slice(0, 1).map(({ score }) => score)).toEqual(
      near(expected.slice(0, 1).map(({ score }) => score)),
    );
    expect(found[0]?.box).toEqual(near(expected[0]?.box ?? []));
    await expect(model.detect(image, AbortSignal.abort())).rejects.toThrow();
  });

  it('SCRFD takes RGB around zero, and its outputs by their order', async () => {
    const graph = new GraphBuilder('scrfd');
    const pixels = graph.input('input.1', 'float32', [1, 3, 640, 640]);
    const scaled = graph.node('Mul', [pixels, graph.float(300)]);
    const kinds = [
      ['Sigmoid', 1],
      [undefined, 4],
      [undefined, 10],
    ] as const;
    let number = 448;
    for (const [last, width] of kinds)
      for (const stride of strides)
        blocks(graph, scaled, stride, 2 * width, 40 + stride + width, String(number++), last);
    const model = await open('faces', 'scrfd', { 'model.onnx': graph.finish() });
    const image = patchwork(640, 640);
    const planes = new Float32Array(3 * 409_600);
    for (let i = 0; i < 409_600; i++)
      for (let c = 0; c < 3; c++)
        planes[c * 409_600 + i] = (300 * ((image.data[3 * i + c] as number) - 127.5)) / 128;
    const levels = strides.map((stride) => ({
      stride,
      scores: blocksOf(planes, stride, 2, 41 + stride, 'Sigmoid'),
      distances: blocksOf(planes, stride, 8, 44 + stride),
    }));
    const expected = scrfdFaces(levels, 640, 640);
    const found = await model.detect(image, never);
    expect(expected.length).toBeGreaterThan(0);
    expect(found[0]?.score).toBeCloseTo(expected[0]?.score ?? 0, 3);
    expect(found[0]?.box).toEqual(near(expected[0]?.box ?? []));
  });
});

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
    const model = await open('similarity', 'clip', files);
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
    const model = await open('similarity', 'siglip', files);
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
    const model = await open('tags', 'ram-plus', files);
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
