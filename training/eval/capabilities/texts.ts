/** Reading, arithmetic on print, tables and equations: the scenes of `text-math`, other items. */
import * as draft from '../text-math/drafts.ts';
import { devWordings, heldoutWordings, knownWordings, type QuestionType } from '../text-math/wordings.ts';
import type { Row } from './made.ts';

type Maker = (...given: Parameters<typeof draft.total>) => draft.Draft;

const row = (type: QuestionType, count: number, make: Maker): Row => ({
  count,
  heldout: heldoutWordings[type].filter((wording) => !knownWordings.has(wording)),
  dev: devWordings[type],
  make: ({ random, words, split }) => {
    const { scene, values, truth, needed } = make(random, words);
    return {
      images: [{ type: 'scene', scene, seed: random.int(0, 2 ** 31 - 1), split }],
      values,
      truth,
      needed,
    };
  },
});

export const reading: Readonly<Record<string, Row>> = {
  'sign-text': row('sign-text', 10, draft.signText),
  platform: row('platform', 10, draft.platform),
  phone: row('phone', 10, draft.phone),
  'closing-time': row('closing-time', 10, draft.closingTime),
  'shop-name': row('shop-name', 10, draft.shopName),
  date: row('date', 10, draft.date),
};

export const arithmetic: Readonly<Record<string, Row>> = {
  several: row('several', 10, draft.several),
  difference: row('difference', 10, draft.difference),
  tip: row('tip', 8, draft.tip),
  split: row('split', 8, draft.split),
  change: row('change', 8, draft.change),
  discount: row('discount', 8, draft.discount),
  'per-unit': row('per-unit', 8, draft.perUnit),
};

export const tables: Readonly<Record<string, Row>> = {
  cell: row('cell', 8, draft.cell),
  'column-sum': row('column-sum', 8, draft.columnSum),
  maximum: row('maximum', 8, draft.maximum),
  who: row('who', 8, draft.who),
};

export const equations: Readonly<Record<string, Row>> = {
  solve: row('solve', 30, draft.solve),
  evaluate: row('evaluate', 30, draft.evaluate),
};
