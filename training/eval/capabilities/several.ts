/** Several pictures in one question. */
import type { ImageSource } from '#training/cota/trace';
import { ocrHasFacts } from '../check.ts';
import type { Call } from '../suite.ts';
import { receiptScene } from '../text-math/purchases.ts';
import {
  choice,
  drawn,
  isLook,
  type Made,
  number,
  type Row,
  regionsOf,
  type Setting,
  seenIn,
} from './made.ts';
import { namesOf, sceneOf } from './things.ts';

const names = ['image-0', 'image-1', 'image-2'] as const;
const ordinals = ['first', 'second', 'third'] as const;

/** A picture may be called by its name, its number from 1, or its place. */
const spoken = (right: number, count: number): Made['truth'] => {
  const others = names.slice(0, count).filter((_, at) => at !== right);
  return { type: 'choice', value: names[right] ?? '', others };
};

function whichMade(setting: Setting): Made {
  const { random } = setting;
  const [asked = '', ...others] = namesOf(random, 7);
  const right = random.int(0, 2);
  const images = names.map((_, at) =>
    drawn(sceneOf(setting, [...others.slice(2 * at, 2 * at + 2), ...(at === right ? [asked] : [])]), setting),
  );
  return {
    images,
    values: { x: asked },
    truth: spoken(right, 3),
    carries: (calls) => seenIn(calls, names[right] ?? '', asked),
  };
}

function mostMade(setting: Setting): Made {
  const { random } = setting;
  const [x = '', y = ''] = namesOf(random, 2);
  const counts = random.sample([1, 2, 3, 4], 2);
  const images = counts.map((count) =>
    drawn(sceneOf(setting, [...Array.from({ length: count }, () => x), y]), setting),
  );
  const right = counts.indexOf(Math.max(...counts));
  return {
    images,
    values: { x },
    truth: spoken(right, 2),
    carries: (calls) => {
      const found = counts.map((_, at) => largest(calls, names[at] ?? '', x));
      return found.some((one) => one === undefined)
        ? undefined
        : (found[right] ?? 0) > Math.max(...found.filter((_, at) => at !== right).map((one) => one ?? 0));
    },
  };
}

function largest(calls: readonly Call[], image: string, name: string): number | undefined {
  const looks = calls.filter((call) => call.arguments['image'] === image && isLook(call));
  const count = (look: Call): number =>
    regionsOf(look).filter(({ label }) => label.replace(/-\d+$/, '') === name).length;
  return looks.length === 0 ? undefined : Math.max(...looks.map(count));
}

/** One of the others shows the very scene of the first. */
function twinMade(setting: Setting): Made {
  const { random } = setting;
  const all = namesOf(random, 6);
  const [first, other] = [sceneOf(setting, all.slice(0, 3)), sceneOf(setting, all.slice(3))];
  const right = random.int(1, 2);
  const images = [first, ...(right === 1 ? [first, other] : [other, first])].map((one) =>
    drawn(one, setting),
  );
  return {
    images,
    values: {},
    truth: { type: 'choice', value: names[right] ?? '', others: [names[3 - right] ?? ''] },
    carries: (calls) => {
      const look = calls.find(({ name }) => name === 'GetImageToImagesSimilarity');
      return look && look.observation['best_image'] === names[right];
    },
  };
}

type Bill = { readonly image: ImageSource; readonly cents: number; readonly needed: readonly string[] };

function billOf({ random, words, split }: Setting): Bill | undefined {
  const { scene, total } = receiptScene(random, words, false);
  if (!total) return undefined;
  const image = { type: 'scene', scene, seed: random.int(0, 2 ** 31 - 1), split } as const;
  return { image, cents: total.cents, needed: [total.label, total.printed.replace(/[^\d.,]/g, '')] };
}

/** Undefined where one of the two was never read. */
function bothRead(calls: readonly Call[], needed: readonly (readonly string[])[]): boolean | undefined {
  const texts = [0, 1].map(
    (at) =>
      calls.find(({ name, arguments: input }) => name === 'OCR' && input['image'] === names[at])?.observation[
        'text'
      ],
  );
  if (texts.some((text) => typeof text !== 'string')) return undefined;
  return needed.every((facts, at) => ocrHasFacts({ truth: number(0), needed: [facts] }, String(texts[at])));
}

function billsMade(setting: Setting, ask: 'more' | 'gap' | 'both'): Made | undefined {
  const [a, b] = [billOf(setting), billOf(setting)];
  if (!a || !b || a.cents === b.cents) return undefined;
  const value = ask === 'gap' ? Math.abs(a.cents - b.cents) : a.cents + b.cents;
  return {
    images: [a.image, b.image],
    values: {},
    truth:
      ask === 'more'
        ? choice(a.cents > b.cents ? ordinals[0] : ordinals[1], a.cents > b.cents ? ordinals[1] : ordinals[0])
        : number(value / 100),
    carries: (calls) => bothRead(calls, [a.needed, b.needed]),
  };
}

// biome-ignore format: wordings
export const several: Readonly<Record<string, Row>> = {
  which: { count: 16, heldout: ['One of these holds a {x}. Give me the name of that image.', 'Point me to the image with the {x}.'], dev: ['Which image shows a {x}?'], make: whichMade },
  most: { count: 12, heldout: ['Name the image where the {x} occurs most often.', 'Of these images, where is the {x} found the most times?'], dev: ['Which image has the most {x}?'], make: mostMade },
  twin: { count: 12, heldout: ['Two of these images belong together. Which one goes with image-0?', 'Find the partner of image-0 among the others.'], dev: ['Which image is most similar to the first?'], make: twinMade },
  'bills-gap': { count: 10, heldout: ['By what amount does one bill top the other?', 'Compare both bills: how far apart are they in money?'], dev: ['What is the difference between the two totals?'], make: (setting) => billsMade(setting, 'gap') },
  'bills-both': { count: 10, heldout: ['I have to pay both of these bills. What will that be?', 'Both bills as one: what would stand at its end?'], dev: ['What do both receipts come to together?'], make: (setting) => billsMade(setting, 'both') },
};
