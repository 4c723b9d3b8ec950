/** The embedded detector of named objects: its words, its squares, and what it makes of the graph's numbers. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GraphBuilder } from '#backend/models/onnx/graph';
import { openVisionModels } from '#backend/packs/adapters';
import { overlap } from '#backend/tools/adapters/detections';
import { planesOf } from '#backend/tools/adapters/input';
import { fitted, objectsOf, SIDE } from '#backend/tools/adapters/nano-objects';
import { parseVocabulary, singularsOf, VECTOR } from '#backend/tools/adapters/nano-vocabulary';
import type { ObjectModel } from '#backend/tools/roles';
import { unknownNames } from '#backend/tools/vocabulary';
import { createPlace, type Files, type Place, packOf } from '../packs/support.ts';
import { flat, floats, never, noise } from './support.ts';

const words = [
  { name: 'dog', synonyms: ['puppy'], groups: ['animal', 'pet'] },
  { name: 'cat', synonyms: ['kitty'], groups: ['animal', 'pet'] },
  { name: 'wolf', synonyms: [], groups: ['animal'] },
  { name: 'man', synonyms: ['gentleman'], groups: ['person'] },
  { name: 'fire engine', synonyms: ['fire truck'], groups: ['vehicle'] },
  { name: 'cherry', synonyms: [], groups: [] },
  { name: 'glasses', synonyms: ['eyeglasses'], groups: [] },
];
const vectors = words.map((_, index) => Array.from(floats(VECTOR, 40 + index)));
const vocabularyOf = (threshold = 0.3) => ({
  threshold,
  names: words.map((word, index) => ({ ...word, vector: vectors[index] })),
});
const vocabulary = parseVocabulary(JSON.stringify(vocabularyOf()));

describe('words', () => {
  it.each([
    ['dog', ['dog']],
    ['  The  DOGS ', ['dog']],
    ['puppies', ['dog']],
    ['kitties', ['cat']],
    ['wolves', ['wolf']],
    ['men', ['man']],
    ['gentlemen', ['man']],
    ['a fire engine', ['fire engine']],
    ['fire trucks', ['fire engine']],
    ['cherries', ['cherry']],
    ['glasses', ['glasses']],
    ['pets', ['dog', 'cat']],
    ['animals', ['dog', 'cat', 'wolf']],
    ['people', ['man']],
    ['red dog', []],
    ['dogma', []],
    ['constructor', []],
    ['', []],
  ])('%j means %j', (word, names) => {
    expect(vocabulary.placesOf(word).map((place) => vocabulary.names[place])).toEqual(names);
  });

  it('a word is tried as it stands before it is taken for a plural', () => {
    expect(singularsOf('glasses')[0]).toBe('glasses');
    expect(singularsOf('the buses')).toEqual(['buses', 'bus', 'buse']);
    expect(singularsOf('s')).toEqual(['s']);
  });

  it.each([
    ['no JSON', '{'],
    ['a threshold of 1', JSON.stringify(vocabularyOf(1))],
    ['no names', JSON.stringify({ threshold: 0.5, names: [] })],
    ['a short vector', JSON.stringify({ threshold: 0.5, names: [{ ...words[0], vector: [1, 2] }] })],
  ])('a file with %s is refused', (_, text) => {
    expect(() => parseVocabulary(text)).toThrow(expect.objectContaining({ code: 'model_invalid' }));
  });
});

describe('the square', () => {
  it.each([
    [640, 480, 320, 240],
    [100, 100, 320, 320],
    [30, 3000, 3, 320],
    [1, 5000, 1, 320],
    [4001, 2999, 320, 240],
  ])('%i x %i becomes %i x %i', (width, height, fittedWidth, fittedHeight) => {
    expect(fitted({ width, height })).toEqual({ width: fittedWidth, height: fittedHeight });
  });

  it('a box comes back to where it was in the image', () => {
    for (const [width, height] of [
      [640, 480],
      [333, 1000],
      [50, 41],
    ] as const) {
      const size = fitted({ width, height });
      const inImage = [0.2, 0.1, 0.55, 0.8] as const;
      const square = inImage.map((value, at) => value * (at % 2 === 0 ? size.width : size.height));
      const cells = {
        boxes: Float32Array.from(square),
        objectness: Float32Array.of(0.9),
        logits: Float32Array.of(9, 0),
      };
      const [found] = objectsOf(cells, [{ name: 'dog', places: [0] }], size, 0.1);
      expect(found?.box).toEqual(inImage.map((value) => expect.closeTo(value, 5)));
    }
  });
});

describe('what the numbers mean', () => {
  const all = words.map(({ name }, place) => ({ name, places: [place] }));
  const square = { width: SIDE, height: SIDE };
  const count = 120;
  const corner = floats(count * 2, 51, 260, 0);
  const side = floats(count * 2, 52, 90, 0.1);
  const cells = {
    boxes: Float32Array.from({ length: count * 4 }, (_, i) => {
      const at = (i >> 2) * 2 + (i % 2);
      return (corner[at] as number) + (i % 4 < 2 ? 0 : (side[at] as number));
    }),
    objectness: floats(count, 53, 1, 0),
    logits: floats(count * words.length, 54, 12),
  };

  it('is what a plain formulation says', () => {
    const plain = Array.from({ length: count }, (_, cell) => {
      const row = [...cells.logits.slice(cell * words.length, (cell + 1) * words.length)];
      const sum = row.reduce((total, value) => total + Math.exp(value), 0);
      const best = row.indexOf(Math.max(...row));
      const [l = 0, t = 0, r = 0, b = 0] = [...cells.boxes.slice(cell * 4, cell * 4 + 4)].map((value) =>
        Math.min(1, Math.max(0, value / SIDE)),
      );
      const score = (cells.objectness[cell] as number) * (Math.exp(Math.max(...row)) / sum);
      return { name: words[best]?.name, box: [l, t, r, b] as const, score };
    })
      .filter(({ score }) => score >= 0.25)
      .sort((a, b) => b.score - a.score);
    const kept: typeof plain = [];
    for (const one of plain) if (kept.every(({ box }) => overlap(box, one.box) <= 0.5)) kept.push(one);
    const found = objectsOf(cells, all, square, 0.25);
    expect(kept.length).toBeGreaterThan(10);
    expect(found.map(({ name, box }) => ({ name, box }))).toEqual(
      kept.map(({ name, box }) => ({ name, box })),
    );
    expect(found.map(({ score }) => score)).toEqual(kept.map(({ score }) => expect.closeTo(score, 6)));
  });

  const one = (logits: number[], objectness = 1) => ({
    boxes: Float32Array.of(10, 10, 50, 60),
    objectness: Float32Array.of(objectness),
    logits: Float32Array.from(logits),
  });
  const named = (word: string) => ({ name: word, places: vocabulary.placesOf(word) });
  const dog = [5, 3, 0, 0, 0, 0, 0];

  it('what stands there is not taken for another thing that was asked for', () => {
    expect(objectsOf(one(dog), [named('cat')], square, 0.3)).toEqual([]);
  });

  it('a wider word has the shares of all its names; a narrower one that is nearly as likely is told instead', () => {
    const shared = (places: number[]) =>
      places.reduce((sum, place) => sum + Math.exp(dog[place] as number), 0);
    const [found] = objectsOf(one(dog), [named('animals')], square, 0.3);
    expect(found).toMatchObject({ name: 'animals' });
    expect(found?.score).toBeCloseTo(shared([0, 1, 2]) / shared([0, 1, 2, 3, 4, 5, 6]), 6);
    const sure = [9, 0, 0, 0, 0, 0, 0];
    expect(objectsOf(one(sure), [named('animals'), named('dogs')], square, 0.3)[0]?.name).toBe('dogs');
    expect(
      objectsOf(one([5, 5, 0, 0, 0, 0, 0]), [named('animals'), named('dogs')], square, 0.3)[0]?.name,
    ).toBe('animals');
  });

  it('values that are no numbers, and boxes without an area, give nothing', () => {
    const { NaN: nan, POSITIVE_INFINITY: infinite } = Number;
    const silent = [
      one([nan, 0, 0, 0, 0, 0, 0]),
      one([infinite, 0, 0, 0, 0, 0, 0]),
      one(dog, nan),
      { ...one(dog), boxes: Float32Array.of(nan, 0, 10, 10) },
      { ...one(dog), boxes: Float32Array.of(20, 20, 10, 10) },
      { ...one(dog), boxes: Float32Array.of(400, 400, 500, 500) },
      { boxes: new Float32Array(), objectness: new Float32Array(), logits: new Float32Array() },
    ];
    for (const cell of silent) expect(objectsOf(cell, all, square, 0.1)).toEqual([]);
  });
});

describe('from manifest to answer', () => {
  let place: Place;
  beforeAll(async () => {
    place = await createPlace();
  });
  afterAll(() => place.remove());

  const boxes = Float32Array.of(0, 0, 160, 80, 40, 90, 200, 160);
  const embedded = floats(2 * VECTOR, 61, 2);

  /** Two cells; how bright the picture is moves the second one's objectness. */
  function graph(): Uint8Array {
    const builder = new GraphBuilder('nano');
    const image = builder.input('image', 'float32', [1, 3, SIDE, SIDE]);
    const names = builder.input('names', 'float32', ['k', VECTOR]);
    const light = builder.node('ReduceMean', [image], { attributes: { keepdims: { int: 0 } } });
    builder.node('Identity', [builder.floats(boxes, [2, 4])], { names: ['boxes'] });
    builder.node('Mul', [builder.floats(Float32Array.of(0.9, 1), [2]), light], { names: ['objectness'] });
    const turned = builder.node('Transpose', [names], { attributes: { perm: { ints: [1, 0] } } });
    builder.node('MatMul', [builder.floats(embedded, [2, VECTOR]), turned], { names: ['logits'] });
    builder.output('boxes', 'float32', [2, 4]);
    builder.output('objectness', 'float32', [2]);
    builder.output('logits', 'float32', [2, 'k']);
    return builder.finish();
  }

  async function open(): Promise<ObjectModel> {
    const text = JSON.stringify(vocabularyOf(0.05));
    const files: Files = { 'model.onnx': graph(), 'vocabulary.json': new TextEncoder().encode(text) };
    const pack = packOf('nano', 'objects', 'nano-objects', files);
    await place.put(pack, files);
    const manifest = join(place.folders.embedded, 'packs.json');
    await writeFile(manifest, JSON.stringify({ version: 1, packs: [pack] }));
    const packs = { manifest, pulled: place.folders.pulled, roles: { objects: 'nano' } };
    const { roles } = await openVisionModels({ device: 'cpu', threads: 1, packs });
    if (!roles.objects) throw new Error('no detector');
    return roles.objects;
  }

  it('one run answers for all names, as they were written', async () => {
    const model = await open();
    const image = noise(64, 32, 9);
    const found = await model.detect(
      image,
      ['Puppies', 'cats', 'unicorn', 'Wolf', 'people', 'fire truck'],
      never,
    );
    // The lower half of the square is the grey that fills it.
    const planes = planesOf(flat(SIDE, SIDE, [114, 114, 114]), {
      scale: 1 / 255,
      mean: [0, 0, 0],
      deviation: [1, 1, 1],
    });
    expect(planes[0]).toBeCloseTo(0.447, 3);
    expect(found.length).toBeGreaterThan(0);
    for (const { name, score, box } of found) {
      expect(['Puppies', 'cats', 'Wolf', 'people', 'fire truck']).toContain(name);
      expect(score).toBeLessThan(0.5);
      expect(box[3]).toBeLessThanOrEqual(1);
    }
    expect(found.map(({ box }) => box)).toContainEqual([0, 0, 0.5, 0.5]);
  });

  it('no names and unknown names find nothing; other spellings are known', async () => {
    const model = await open();
    const image = noise(40, 40, 10);
    expect(await model.detect(image, [], never)).toEqual([]);
    expect(await model.detect(image, ['unicorn', ''], never)).toEqual([]);
    expect(model.vocabulary).toEqual(words.map(({ name }) => name));
    expect(unknownNames(model, ['Dogs', 'pet', 'unicorns'])).toEqual(['unicorns']);
    await expect(model.detect(image, ['dog'], AbortSignal.abort())).rejects.toThrow();
  });
});
