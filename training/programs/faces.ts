/** Questions on group portraits. */
import { boxSums } from '../cota/box-sums.ts';
import { facesFound } from '../imitation/find.ts';
import { portraitOf } from '../pictures/compose.ts';
import { centre } from '../pictures/picture.ts';
import { ask, boxesOn, Chain, number, type Program, pictureSource, text } from './chain.ts';
import { faceWordings } from './wordings/faces.ts';

const SOURCE = 'picture/portrait';

const counting: Program = (random) => {
  const count = random.int(1, 5);
  const portrait = portraitOf(random, count);
  if (!portrait) return undefined;
  const regions = facesFound(portrait, random);
  if (regions.length !== count) return undefined;
  const type = random.weighted({ count: 8, alone: 2, side: count === 1 ? 4 : 0, name: 2 });
  const chain = new Chain([pictureSource(portrait, random)]);
  const question = ask(random, faceWordings[type]);
  const head = { source: SOURCE, type: `faces-${type}`, question };
  chain.call(
    'I look for faces.',
    'DetectFaces',
    { image: 'image-0' },
    { regions: regions.map((region) => ({ ...region })) },
    boxesOn(0, regions),
  );
  switch (type) {
    case 'count':
      return chain.end({ ...head, truth: number(count) }, `I count ${count}.`, String(count));
    case 'alone':
      return chain.end({ ...head, truth: text('yes') }, `I count ${count}.`, 'Yes');
    case 'side': {
      const box = regions[0]?.bbox ?? [0, 0, 1, 1];
      const result = chain.calculate(`The face is at x ${box[0]} to ${box[2]}.`, boxSums.rightOfMiddle(box));
      const side = result < 0 ? 'left' : 'right';
      const real = centre(portrait.people[0]?.box ?? [0, 0, 1, 1])[0] < 0.5 ? 'left' : 'right';
      return side === real && Math.abs(result) > 0.12
        ? chain.end(
            { ...head, truth: text(side) },
            `${result} is ${result < 0 ? 'below' : 'above'} 0: ${side}.`,
            side,
          )
        : undefined;
    }
    case 'name':
      return chain.end(
        { ...head, truth: { type: 'unknown' } },
        'A face has no name for me.',
        'I cannot tell who it is.',
      );
  }
};

export const facePrograms = { counting } as const satisfies Record<string, Program>;
