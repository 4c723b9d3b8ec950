/** Questions that need no look at the picture, or that neither the picture nor a tool can answer. */

import type { ImageSource } from '../cota/trace.ts';
import { listed } from '../imitation/find.ts';
import { objectsOf, portraitOf, spaceOf } from '../pictures/compose.ts';
import type { Random } from '../random.ts';
import { sceneOf, sceneWeights } from '../scenes/index.ts';
import { ask, Chain, number, type Program, pictureSource, seedOf } from './chain.ts';
import { namesOf } from './objects.ts';
import { plainWordings } from './wordings/plain.ts';
import { unknownWordings } from './wordings/unknown.ts';

const SOURCE = 'plain';

/** Any picture at all. */
function anyPicture(random: Random): ImageSource | undefined {
  switch (random.weighted({ scene: 3, objects: 3, portrait: 1, space: 1 })) {
    case 'scene': {
      const { scene } = sceneOf(random.weighted(sceneWeights), random);
      return { type: 'scene', scene, seed: seedOf(random), split: 'train' };
    }
    case 'objects': {
      const picture = objectsOf(random, namesOf(random, random.int(1, 4)));
      return picture && pictureSource(picture, random);
    }
    case 'portrait': {
      const picture = portraitOf(random, random.int(1, 3));
      return picture && pictureSource(picture, random);
    }
    case 'space': {
      const seen = spaceOf(random, 2);
      return seen && pictureSource(seen.space, random);
    }
  }
}

const counted: Program = (random) => {
  const images = Array.from({ length: random.int(1, 4) }, () => anyPicture(random));
  if (images.some((one) => one === undefined)) return undefined;
  const chain = new Chain(images as ImageSource[]);
  const question = ask(random, plainWordings.images);
  return chain.end(
    { source: SOURCE, type: 'plain-images', question, truth: number(images.length) },
    'I need no tool for that.',
    String(images.length),
  );
};

/** The numbers stand in the question: no look, but a calculation. */
const sums: Program = (random) => {
  const image = anyPicture(random);
  if (!image) return undefined;
  const type = random.pick(['sum', 'times', 'share'] as const);
  const [a, b] = [String(random.int(11, 990)), String(random.int(2, 99))];
  const chain = new Chain([image]);
  const question = ask(random, plainWordings[type], { a, b });
  const expression = { sum: `${a} + ${b}`, times: `${a} * ${b}`, share: `${a} * ${b} / 100` }[type];
  const value = chain.calculate('The numbers are in the question.', expression);
  return chain.end(
    { source: SOURCE, type: `plain-${type}`, question, truth: number(value) },
    `The result is ${value}.`,
    String(value),
  );
};

/** What no tool here can find out; the answer owns up instead of guessing. Always the same: callers may look for it. */
const OWNS_UP = 'I cannot tell from the picture.';

const unknown: Program = (random) => {
  const names = namesOf(random, random.int(1, 4));
  const picture = objectsOf(random, names);
  const ofThing = random.chance(0.35);
  const other = !ofThing && random.chance(0.7) ? anyPicture(random) : undefined;
  const image = other ?? (picture && pictureSource(picture, random));
  if (!image || !picture) return undefined;
  const chain = new Chain([image]);
  const question = ask(random, ofThing ? unknownWordings.ofThing : unknownWordings.ofScene, {
    x: random.pick(names),
  });
  const looked = image.type === 'picture' && image.picture === picture && random.chance(0.5);
  if (looked)
    chain.call(
      'I look at what is there.',
      'GetObjects',
      { image: 'image-0' },
      { objects: listed(picture, random) },
    );
  const thought = looked ? 'That does not tell it.' : 'No tool can find that out.';
  return chain.end(
    { source: SOURCE, type: 'unknown', question, truth: { type: 'unknown' } },
    thought,
    OWNS_UP,
  );
};

export const plainPrograms = { counted, sums, unknown } as const satisfies Record<string, Program>;
