/** Named objects and faces: labels, digits, order, what is drawn, and what is said of names that are not known. */
import { describe, expect, it } from 'vitest';
import { detectFaces } from '#backend/tools/detect-faces';
import { distinct } from '#backend/tools/found-regions';
import { openGetObjects } from '#backend/tools/get-objects';
import { localizeObjects } from '#backend/tools/localize-objects';
import type { Box, FaceModel, FoundObject } from '#backend/tools/roles';
import { unknownNote } from '#backend/tools/vocabulary';
import { LABELS_MAX, REGIONS_MAX } from '#shared/limits';
import { detectFaces as facesSpec } from '#shared/tools/detect-faces';
import { localizeObjects as localizeSpec } from '#shared/tools/localize-objects';
import { grey, images, objectsOf, pixel } from './support.ts';

const find = (name: string, box: Box, score: number): FoundObject => ({ name, box, score });
const CUP = find('cup', [0.1049, 0.2, 0.3051, 0.4], 0.876);
const CUPS = [find('cup', [0.5, 0.5, 0.7, 0.9], 0.5), CUP, find('cup', [0, 0, 1, 1], 0.499)];
const on = images(grey(100, 100));

describe('LocalizeObjects', () => {
  const ask = async (found: readonly FoundObject[], objects: string[], vocabulary?: readonly string[]) => {
    const model = objectsOf(found, vocabulary);
    const answer = await localizeObjects(model)({ image: 'image-0', objects }, on);
    localizeSpec.observation.parse(answer.observation);
    return { ...answer, asked: model.asked };
  };

  it('gives best first, two digits, and a label of its own to each', async () => {
    const { observation } = await ask([...CUPS, find('dog', [0, 0, 0.5, 0.5], 0.6)], ['cup', 'dog']);
    expect(observation).toEqual({
      regions: [
        { label: 'cup', bbox: [0.1, 0.2, 0.31, 0.4], score: 0.88 },
        { label: 'dog', bbox: [0, 0, 0.5, 0.5], score: 0.6 },
        { label: 'cup-2', bbox: [0.5, 0.5, 0.7, 0.9], score: 0.5 },
        { label: 'cup-3', bbox: [0, 0, 1, 1], score: 0.5 },
      ],
    });
  });

  it('draws what it found into a new image, and leaves the source as it was', async () => {
    const source = grey(100, 100);
    const { image } = await localizeObjects(objectsOf([CUP]))(
      { image: 'image-0', objects: ['cup'] },
      images(source),
    );
    if (!image) throw new Error('expected an image');
    expect(pixel(image, 20, 20)).toBe('255,255,0');
    expect([image.width, image.height, pixel(image, 90, 10)]).toEqual([100, 100, '90,90,90']);
    expect(new Set(source.data)).toEqual(new Set([90]));
  });

  it('gives the image back where nothing was found: the planner counts on its number', async () => {
    const { observation, image } = await ask([], ['cup']);
    expect(observation).toEqual({ regions: [] });
    expect(image).toEqual(grey(100, 100));
  });

  it('asks once for a name that comes twice, whatever its case', async () => {
    const { asked } = await ask([], ['Cup', 'cup ', 'dog', 'DOG']);
    expect(asked).toEqual([['cup ', 'DOG']]);
  });

  it('notes names that are not known, and finds the others', async () => {
    const { observation } = await ask(CUPS.slice(1, 2), ['cup', 'gnu'], ['cup', 'dog']);
    expect(observation).toEqual({
      regions: [{ label: 'cup', bbox: [0.1, 0.2, 0.31, 0.4], score: 0.88 }],
      note: 'Not known here: gnu. Known are: cup, dog.',
    });
  });

  it('needs no note for a spelling that the model knows but does not list', async () => {
    const { observation } = await ask([find('mug', [0, 0, 1, 1], 1)], ['mug'], ['cup']);
    expect(observation.note).toBeUndefined();
  });

  it('never gives a box without an area, a score beyond 1, or too many regions', async () => {
    const tiny = find('cup', [0.5001, 0.5001, 0.5002, 0.5002], 1.2);
    const { observation } = await ask([tiny, ...Array<FoundObject>(REGIONS_MAX + 5).fill(CUP)], ['cup']);
    expect(observation.regions.length).toBe(REGIONS_MAX);
    expect(observation.regions[0]).toEqual({ label: 'cup', bbox: [0.5, 0.5, 0.51, 0.51], score: 1 });
  });
});

describe('labels', () => {
  it('pass over names that are taken', () => {
    expect(distinct(['cup', 'cup', 'cup-2', 'cup'])).toEqual(['cup', 'cup-3', 'cup-2', 'cup-4']);
  });

  it('of what is near come first in a note, and the rest is counted', () => {
    const vocabulary = Array.from({ length: 900 }, (_, i) => `thing ${i}`).concat('tea cup');
    const note = unknownNote({ vocabulary, detect: async () => [] }, ['coffee cup']);
    expect(note.startsWith('Not known here: coffee cup. Known are: tea cup, thing 0')).toBe(true);
    expect(note).toMatch(/ and \d+ more\.$/);
    expect(note.length).toBeLessThan(1_700);
  });
});

describe('GetObjects', () => {
  it('takes the tags of a model of tags, best first, each once', async () => {
    const tags = {
      tags: async () => [
        { name: 'table', score: 0.6 },
        { name: 'cup', score: 0.9 },
        { name: 'table', score: 0.5 },
      ],
    };
    const handler = openGetObjects({ tags, objects: objectsOf(CUPS, ['dog']) });
    expect((await handler?.({ image: 'image-0' }, on))?.observation).toEqual({ objects: ['cup', 'table'] });
  });

  it('else looks for every name of the vocabulary, and tells what is clearly there', async () => {
    const objects = objectsOf([...CUPS, find('dog', [0, 0, 1, 1], 0.49)], ['cup', 'dog']);
    const answer = await openGetObjects({ objects })?.({ image: 'image-0' }, on);
    expect(objects.asked).toEqual([['cup', 'dog']]);
    expect(answer).toEqual({ observation: { objects: ['cup'] } });
  });

  it('is empty where nothing is, and has a bound', async () => {
    const none = await openGetObjects({ objects: objectsOf([], ['cup']) })?.({ image: 'image-0' }, on);
    expect(none?.observation).toEqual({ objects: [] });
    const many = Array.from({ length: LABELS_MAX + 9 }, (_, i) => ({ name: `thing ${i}`, score: 1 }));
    const all = await openGetObjects({ tags: { tags: async () => many } })?.({ image: 'image-0' }, on);
    expect(all?.observation.objects.length).toBe(LABELS_MAX);
  });

  it('is not offered where a model takes any words, or there is none', () => {
    expect(openGetObjects({ objects: objectsOf(CUPS) })).toBeUndefined();
    expect(openGetObjects({})).toBeUndefined();
  });
});

describe('DetectFaces', () => {
  const model = (...faces: readonly { box: Box; score: number }[]): FaceModel => ({
    detect: async () => [...faces],
  });

  it('labels faces from the best on and draws them', async () => {
    const handler = detectFaces(
      model({ box: [0.6, 0.1, 0.8, 0.3], score: 0.7 }, { box: [0.1, 0.1, 0.3333, 0.4], score: 0.95 }),
    );
    const { observation, image } = await handler({ image: 'image-0' }, on);
    expect(facesSpec.observation.parse(observation)).toEqual({
      regions: [
        { label: 'face', bbox: [0.1, 0.1, 0.33, 0.4], score: 0.95 },
        { label: 'face-2', bbox: [0.6, 0.1, 0.8, 0.3], score: 0.7 },
      ],
    });
    if (!image) throw new Error('expected an image');
    expect([pixel(image, 20, 10), pixel(image, 70, 10)]).toEqual(['255,255,0', '255,255,0']);
  });

  it('gives the image back where there is no face', async () => {
    expect(await detectFaces(model())({ image: 'image-0' }, on)).toEqual({
      observation: { regions: [] },
      image: grey(100, 100),
    });
  });
});
