/** The 400 items of `text-math`: a picture, a question, what is right, and what the answer rests on. */
import { type Random, randomOf } from '#training/random';
import type { Scene } from '#training/scenes/scene';
import type { Item, ItemOptions, Suite } from '../suite.ts';
import * as draft from './drafts.ts';
import { devWordings, fill, heldoutWordings, type QuestionType } from './wordings.ts';
import { devVocabulary, heldoutVocabulary, type Vocabulary } from './words.ts';

type Row = {
  readonly family: string;
  readonly count: number;
  readonly make: (random: Random, words: Vocabulary) => draft.Draft;
};

const rows = {
  'sign-text': { family: 'reading', count: 14, make: draft.signText },
  platform: { family: 'reading', count: 16, make: draft.platform },
  phone: { family: 'reading', count: 14, make: draft.phone },
  'closing-time': { family: 'reading', count: 16, make: draft.closingTime },
  'shop-name': { family: 'reading', count: 14, make: draft.shopName },
  date: { family: 'reading', count: 14, make: draft.date },
  total: { family: 'money', count: 16, make: draft.total },
  price: { family: 'money', count: 20, make: draft.price },
  several: { family: 'money', count: 18, make: draft.several },
  difference: { family: 'money', count: 16, make: draft.difference },
  tip: { family: 'money', count: 16, make: draft.tip },
  split: { family: 'money', count: 16, make: draft.split },
  change: { family: 'money', count: 16, make: draft.change },
  discount: { family: 'money', count: 16, make: draft.discount },
  'per-unit': { family: 'money', count: 18, make: draft.perUnit },
  cell: { family: 'tables', count: 24, make: draft.cell },
  'column-sum': { family: 'tables', count: 20, make: draft.columnSum },
  maximum: { family: 'tables', count: 18, make: draft.maximum },
  who: { family: 'tables', count: 18, make: draft.who },
  solve: { family: 'equations', count: 28, make: draft.solve },
  evaluate: { family: 'equations', count: 24, make: draft.evaluate },
} as const satisfies Record<QuestionType, Row>;

const BLANK_COUNT = 28;
/** Keeps development pictures apart from held-out ones of the same seed. */
const DEV_SEED_OFFSET = 0x2545f491;
const blank: Scene = { kind: 'blank', rows: [] };

/** Types take turns, so the first n items are a fair sample of all. */
function itemsOf({ seed, dev }: ItemOptions): Item[] {
  const table = Object.entries(rows) as [QuestionType, Row][];
  const pending = [
    ...table.flatMap(([type, { count }]) => spread(type, count)),
    ...spread('blank', BLANK_COUNT),
  ];
  pending.sort((a, b) => a.at - b.at);
  return pending.map(({ type }, index) => itemOf(type as QuestionType | 'blank', index, seed, dev));
}

function spread<T>(type: T, count: number): { type: T; at: number }[] {
  return Array.from({ length: count }, (_, index) => ({ type, at: (index + 0.5) / count }));
}

function itemOf(type: QuestionType | 'blank', index: number, seed: number, dev: boolean): Item {
  const itemSeed = (Math.imul(seed, 0x9e3779b1) + index * 7919 + (dev ? DEV_SEED_OFFSET : 0)) >>> 0;
  const random = randomOf(itemSeed);
  const words = dev ? devVocabulary : heldoutVocabulary;
  const wordings = dev ? devWordings : heldoutWordings;
  const asked = type === 'blank' ? random.pick(Object.keys(rows) as QuestionType[]) : type;
  const made: draft.Draft = rows[asked].make(random, words);
  const question = fill(random.pick(wordings[asked]), made.values);
  return {
    id: `${dev ? 'dev' : 'heldout'}-${String(index).padStart(3, '0')}`,
    family: type === 'blank' ? 'nothing' : rows[type].family,
    type,
    images: [
      {
        type: 'scene',
        scene: type === 'blank' ? blank : made.scene,
        seed: itemSeed,
        split: dev ? 'train' : 'heldout',
      },
    ],
    question,
    truth: type === 'blank' ? { type: 'nothing' } : made.truth,
    needed: type === 'blank' ? [] : made.needed,
  };
}

export const textMath: Suite = {
  name: 'text-math',
  title: 'Text and arithmetic in pictures',
  description:
    '400 rendered photos (receipts, menus, boards, signs, tables, equations, notes, blanks) in fonts, styles, surfaces, names and wordings that no training program holds',
  seed: 20_260_401,
  items: itemsOf,
};
