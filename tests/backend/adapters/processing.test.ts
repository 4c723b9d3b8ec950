/** Pre- and post-processing, each against a plain formulation of what the original does. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import {
  inverseDepthOf,
  inverseOfDepth,
  sizeForVersion2,
  sizeForVersion3,
} from '#backend/tools/adapters/depth-anything';
import { overlap, suppress } from '#backend/tools/adapters/detections';
import { boxesOf, captionOf } from '#backend/tools/adapters/grounding-dino';
import { CLIP, centreSquare, HALF, IMAGENET, planesOf } from '#backend/tools/adapters/input';
import { objectsOf, planesForOwl, SIDE, tapsOf } from '#backend/tools/adapters/owlv2';
import { tagsAbove, tagsOf } from '#backend/tools/adapters/ram';
import { facesOf as scrfdFaces, sizeOnCanvas } from '#backend/tools/adapters/scrfd';
import { openTokenizer, openWordPieces, toLength } from '#backend/tools/adapters/text';
import { siglip, unitVector } from '#backend/tools/adapters/two-towers';
import { facesOf as yunetFaces } from '#backend/tools/adapters/yunet';
import { flat, floats, noise, pixel } from './support.ts';

describe('planes', () => {
  const image = noise(5, 3, 1);
  it.each([
    ['ImageNet', IMAGENET, [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]],
    ['CLIP', CLIP, [0.48145466, 0.4578275, 0.40821073], [0.26862954, 0.26130258, 0.27577711]],
    ['halves', HALF, [0.5, 0.5, 0.5], [0.5, 0.5, 0.5]],
  ] as const)('are (value / 255 - mean) / deviation of %s', (_name, normalisation, mean, deviation) => {
    const planes = planesOf(image, normalisation);
    for (const channel of [0, 1, 2] as const) {
      for (let y = 0; y < 3; y++) {
        for (let x = 0; x < 5; x++) {
          const expected = (pixel(image, x, y, channel) / 255 - mean[channel]) / deviation[channel];
          expect(planes[channel * 15 + y * 5 + x]).toBeCloseTo(expected, 5);
        }
      }
    }
  });

  it('stand at the top left of a canvas, in the order of the channels that is asked for', () => {
    const raw = { scale: 1, mean: [0, 0, 0], deviation: [1, 1, 1] } as const;
    const planes = planesOf(flat(1, 1, [10, 20, 30]), raw, 'bgr', { width: 2, height: 2, fill: 7 });
    expect([...planes]).toEqual([30, 7, 7, 7, 20, 7, 7, 7, 10, 7, 7, 7]);
  });

  it('of CLIP are the square in the middle', () => {
    const image = { width: 448, height: 224, data: new Uint8Array(448 * 224 * 3) };
    for (let i = 0; i < image.data.length; i += 3) image.data[i] = ((i / 3) % 448) >> 1;
    const square = centreSquare(image, 224);
    expect([square.width, square.height]).toEqual([224, 224]);
    expect([pixel(square, 0, 0, 0), pixel(square, 223, 100, 0)]).toEqual([112 >> 1, 335 >> 1]);
  });
});

describe('Depth Anything', () => {
  it.each([
    [518, 518, 518, 518],
    [640, 480, 686, 518],
    [480, 640, 518, 686],
    [100, 100, 518, 518],
    [1000, 500, 1036, 518],
    // Beyond 1:2 the long side is held, and the short one falls below 518.
    [4000, 1000, 1036, 252],
    [1000, 40_000, 28, 1036],
  ])('version 2 takes %i x %i as %i x %i', (width, height, toWidth, toHeight) => {
    expect(sizeForVersion2({ width, height })).toEqual({ width: toWidth, height: toHeight });
  });

  it('version 3 takes the longer side as 504, in whole patches', () => {
    expect(sizeForVersion3({ width: 1920, height: 1080 })).toEqual({ width: 504, height: 280 });
    expect(sizeForVersion3({ width: 30, height: 3000 })).toEqual({ width: 14, height: 504 });
  });

  it('gives closeness: larger is closer, nothing below zero, nothing that is no number', () => {
    const broken = Float32Array.of(2, 0, -1, Number.NaN, Number.POSITIVE_INFINITY);
    expect([...inverseDepthOf(broken)]).toEqual([2, 0, 0, 0, 0]);
    expect([...inverseOfDepth(Float32Array.of(4, 2, 1, Number.POSITIVE_INFINITY))]).toEqual([
      0.25, 0.5, 1, 0,
    ]);
    const near = inverseOfDepth(Float32Array.of(10, 0, -1));
    expect(near[0]).toBeCloseTo(0.1, 6);
    expect([...near.slice(1)].every((value) => Math.abs(value - 1000) < 0.01)).toBe(true);
    expect([...inverseOfDepth(new Float32Array(2))]).toEqual([0, 0]);
  });
});

describe('overlap and suppression', () => {
  it('is the shared part of the union', () => {
    expect(overlap([0, 0, 2, 2], [1, 1, 3, 3])).toBeCloseTo(1 / 7, 12);
    expect(overlap([0, 0, 1, 1], [1, 0, 2, 1])).toBe(0);
    expect(overlap([0, 0, 1, 1], [0, 0, 1, 1])).toBe(1);
  });

  it('keeps what the definition keeps', () => {
    const values = floats(400, 3, 1, 0);
    const found = Array.from({ length: 80 }, (_, i) => {
      const [x = 0, y = 0, w = 0, h = 0, score = 0] = values.slice(5 * i, 5 * i + 5);
      return { box: [x, y, x + 0.2 + w / 2, y + 0.2 + h / 2] as const, score };
    });
    const expected: typeof found = [];
    const rest = [...found].sort((a, b) => b.score - a.score);
    while (rest.length > 0) {
      const best = rest.shift() as (typeof found)[number];
      expected.push(best);
      for (let i = rest.length - 1; i >= 0; i--)
        if (overlap((rest[i] as typeof best).box, best.box) > 0.4) rest.splice(i, 1);
    }
    expect(suppress(found, 0.4, 1_000)).toEqual(expected);
    expect(suppress(found, 0.4, 3)).toEqual(expected.slice(0, 3));
    expect(expected.length).toBeGreaterThan(3);
    expect(expected.length).toBeLessThan(found.length);
  });
});

describe('GroundingDINO', () => {
  const logit = (probability: number): number => Math.log(probability / (1 - probability));
  const low = logit(0.01);
  /** Tokens: [CLS] red ball . [SEP]; three more columns that hold nothing. */
  const row = (...values: number[]): number[] => [...values, ...new Array(8 - values.length).fill(-Infinity)];
  const logits = Float32Array.from(
    [
      row(low, logit(0.3), logit(0.9), low, low),
      row(low, logit(0.34), logit(0.3), low, low),
      row(logit(0.8), logit(0.2), logit(0.1), low, low),
      row(low, low, logit(0.6), low, low),
      row(low, logit(0.5), low, low, low),
    ].flat(),
  );
  const boxes = Float32Array.of(
    ...[0.5, 0.5, 0.2, 0.4],
    ...[0.5, 0.5, 0.2, 0.4],
    ...[0.5, 0.5, 0.2, 0.4],
    ...[0.95, 0.1, 0.2, 0.4],
    ...[2, 2, 0.1, 0.1],
  );

  it('keeps boxes above .35 whose words are above .25, clipped, and no box outside', () => {
    const found = boxesOf(logits, boxes, 8, 5);
    expect(found.map(({ score }) => Number(score.toFixed(4)))).toEqual([0.9, 0.6]);
    const near = (values: readonly number[]) => values.map((value) => expect.closeTo(value, 5));
    expect(found[0]?.box).toEqual(near([0.4, 0.3, 0.6, 0.7]));
    expect(found[1]?.box).toEqual(near([0.85, 0, 1, 0.3]));
  });

  it('asks in lower case with one full stop at the end', () => {
    expect(captionOf(' Red  Ball. Blue.')).toBe('red ball blue .');
  });
});

describe('OWLv2', () => {
  it('pads to a black square at the right and below before it normalises', () => {
    const planes = planesForOwl(flat(480, 240, [255, 255, 255]));
    const at = (x: number, y: number): number => planes[y * SIDE + x] as number;
    expect(at(100, 100)).toBeCloseTo((1 - 0.48145466) / 0.26862954, 4);
    expect(at(100, 900)).toBeCloseTo((0 - 0.48145466) / 0.26862954, 4);
  });

  it('smooths by a Gaussian of (factor - 1) / 2, then steps bilinearly, as scipy does', () => {
    const length = 1500;
    const signal = floats(length, 9);
    const factor = length / SIDE;
    const sigma = (factor - 1) / 2;
    const radius = Math.floor(4 * sigma + 0.5);
    const reflect = (i: number): number => (i < 0 ? -i : i >= length ? 2 * (length - 1) - i : i);
    const smooth = Array.from({ length }, (_, i) => {
      let [sum, total] = [0, 0];
      for (let k = -radius; k <= radius; k++) {
        const weight = Math.exp((-k * k) / (2 * sigma * sigma));
        sum += weight * (signal[reflect(i + k)] as number);
        total += weight;
      }
      return sum / total;
    });
    const taps = tapsOf(length);
    for (const index of [0, 1, 17, 480, 958, 959]) {
      const position = (index + 0.5) * factor - 0.5;
      const left = Math.floor(position);
      const [a, b] = [smooth[reflect(left)] as number, smooth[reflect(left + 1)] as number];
      const expected = a + (position - left) * (b - a);
      const sum = (taps[index] ?? []).reduce(
        (all, { at, weight }) => all + weight * (signal[at] as number),
        0,
      );
      expect(sum).toBeCloseTo(expected, 6);
    }
  });

  it('scales boxes from the square to the image, and gives each patch its best name', () => {
    const logits = Float32Array.of(2, -3, -4, 3, -2, -2);
    const boxes = Float32Array.of(0.25, 0.25, 0.5, 0.5, 0.9, 0.4, 0.1, 0.2, 0.5, 0.5, 1, 1);
    const found = objectsOf(logits, boxes, ['cat', 'dog'], { width: 200, height: 100 });
    expect(found.map(({ name }) => name)).toEqual(['dog', 'cat']);
    expect(found[1]?.box).toEqual([0, 0, 0.5, 1]);
    expect(found[0]?.box).toEqual([0.85, 0.6, 0.95, 1].map((value) => expect.closeTo(value, 5)));
  });
});

describe('RAM++', () => {
  const tags = tagsOf('cat\r\nsofa\ngrey\n', '0.5\n0.9\n0.3\n');
  it('compares each tag with its own threshold, best first', () => {
    expect(tagsAbove(Float32Array.of(0.1, 2, -0.5), tags)).toEqual([
      { name: 'cat', score: expect.closeTo(1 / (1 + Math.exp(-0.1)), 6) },
      { name: 'grey', score: expect.closeTo(1 / (1 + Math.exp(0.5)), 6) },
    ]);
  });
  it('refuses lists that do not fit each other or the graph', () => {
    expect(() => tagsOf('cat\ndog', '0.5')).toThrow(expect.objectContaining({ code: 'model_invalid' }));
    expect(() => tagsOf('cat', 'high')).toThrow(expect.objectContaining({ code: 'model_invalid' }));
    expect(() => tagsAbove(new Float32Array(2), tags)).toThrow('2 logits');
  });
});

describe('faces', () => {
  test('YuNet: the root of class times object, centres from cells, sizes from exponents', () => {
    const cells = (640 / 16) ** 2;
    const cls = new Float32Array(cells);
    const obj = new Float32Array(cells);
    const bbox = new Float32Array(cells * 4);
    const cell = 3 * 40 + 5;
    cls[cell] = 1.2;
    obj[cell] = 0.81;
    bbox.set([0.5, -0.25, Math.log(4), Math.log(6)], cell * 4);
    // A worse one in the same place, and one below the threshold.
    cls[cell + 1] = 0.8;
    obj[cell + 1] = 0.8;
    bbox.set([-0.5, -0.25, Math.log(4), Math.log(6)], (cell + 1) * 4);
    cls[0] = 0.59 ** 2;
    obj[0] = 1;
    const faces = yunetFaces([{ stride: 16, cls, obj, bbox }], 320, 160);
    const [x, y, w, h] = [5.5 * 16, 2.75 * 16, 64, 96];
    const box = [(x - w / 2) / 320, Math.max(0, (y - h / 2) / 160), (x + w / 2) / 320, (y + h / 2) / 160];
    expect(faces).toEqual([
      { box: box.map((value) => expect.closeTo(value, 5)), score: expect.closeTo(0.9, 5) },
    ]);
  });

  test('SCRFD: two anchors a cell, distances from its corner in strides', () => {
    const anchors = 2 * (640 / 32) ** 2;
    const scores = new Float32Array(anchors);
    const distances = new Float32Array(anchors * 4);
    const anchor = 2 * (2 * 20 + 3) + 1;
    scores[anchor] = 0.75;
    distances.set([1, 0.5, 2, 1.5], anchor * 4);
    scores[0] = 0.49;
    const faces = scrfdFaces([{ stride: 32, scores, distances }], 640, 480);
    const box = [(96 - 32) / 640, (64 - 16) / 480, (96 + 64) / 640, (64 + 48) / 480];
    expect(faces).toEqual([{ box: box.map((value) => expect.closeTo(value, 5)), score: 0.75 }]);
    expect(sizeOnCanvas({ width: 320, height: 100 })).toEqual({ width: 640, height: 200 });
    expect(sizeOnCanvas({ width: 3000, height: 4000 })).toEqual({ width: 480, height: 640 });
  });
});

describe('text', () => {
  it('is cut before its end mark, or filled up', () => {
    expect(toLength([1, 2, 9], 5, 0)).toEqual({ ids: [1, 2, 9, 0, 0], mask: [1, 1, 1, 0, 0] });
    expect(toLength([1, 2, 3, 4, 9], 3, 0)).toEqual({ ids: [1, 2, 9], mask: [1, 1, 1] });
  });

  it('of SigLIP has no punctuation and one space between its words', () => {
    expect(siglip.text('  A photo,\nof  “two” CATS! ')).toBe('a photo of “two” cats');
  });

  it('of BERT is split into word pieces of the vocabulary', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'vocab-'));
    const words = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '.', 'red', 'ball', '##s', 'cafe'];
    await writeFile(join(folder, 'vocab.txt'), `${words.join('\n')}\n`);
    const encode = await openWordPieces(join(folder, 'vocab.txt'));
    const spoken = encode(captionOf('Red balls, Café')).map((id) => words[id]);
    expect(spoken).toEqual(['[CLS]', 'red', 'ball', '##s', '[UNK]', 'cafe', '.', '[SEP]']);
    await writeFile(join(folder, 'vocab.txt'), 'red\n');
    const refusal = expect.objectContaining({ code: 'model_invalid' });
    await expect(openWordPieces(join(folder, 'vocab.txt'))).rejects.toEqual(refusal);
    await expect(openTokenizer(join(folder, 'vocab.txt'))).rejects.toEqual(refusal);
    await rm(folder, { recursive: true });
  });

  it('and images end as vectors of length 1, or as an error', () => {
    expect([...unitVector(Float32Array.of(3, 4))]).toEqual(
      [0.6, 0.8].map((value) => expect.closeTo(value, 6)),
    );
    expect(() => unitVector(new Float32Array(3))).toThrow();
    expect(() => unitVector(Float32Array.of(Number.NaN))).toThrow();
  });
});
