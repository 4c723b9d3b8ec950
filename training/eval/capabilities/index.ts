/**
 * Eight capabilities that the paper's benchmarks ask for, as suites of held-out pictures and wordings, and a ninth of
 * questions that nobody can answer. `capabilities` is all of them; each can be asked alone by its name.
 */
import { randomOf, seedOfText } from '#training/random';
import type { Item, ItemOptions, Suite } from '../suite.ts';
import { fill } from '../text-math/wordings.ts';
import { devVocabulary, heldoutVocabulary } from '../text-math/words.ts';
import { charts } from './charts.ts';
import { depth } from './depth.ts';
import type { Made, Row, Setting } from './made.ts';
import { several } from './several.ts';
import { arithmetic, equations, reading, tables } from './texts.ts';
import { counting, spatial } from './things.ts';
import { unknown } from './unknown.ts';

type Capability = {
  readonly title: string;
  readonly like: string;
  readonly rows: Readonly<Record<string, Row>>;
};

/** `like`: benchmarks of the paper that ask for it. */
export const capabilities = {
  reading: { title: 'Reading', like: 'MMVet, RealWorldQA', rows: reading },
  arithmetic: { title: 'Arithmetic on print', like: 'MMVet, MathVista', rows: arithmetic },
  charts: { title: 'Charts and tables', like: 'MathVista, MMStar', rows: { ...charts, ...tables } },
  equations: { title: 'Equations', like: 'MathVista, MMMU', rows: equations },
  counting: { title: 'Counting', like: 'BLINK, A-OKVQA', rows: counting },
  depth: { title: 'Relative depth', like: 'BLINK', rows: depth },
  spatial: { title: 'Places and sizes', like: 'BLINK, RealWorldQA, MMVP', rows: spatial },
  several: { title: 'Several pictures', like: 'BLINK', rows: several },
  unknown: { title: 'What cannot be told', like: 'none', rows: unknown },
} as const satisfies Record<string, Capability>;
export type CapabilityName = keyof typeof capabilities;

const names = Object.keys(capabilities) as CapabilityName[];
const SEED = 20_261_126;
const DEV_SEED_OFFSET = 0x51ed270b;
const ATTEMPTS_MAX = 200;

type Place = {
  readonly family: CapabilityName;
  readonly type: string;
  readonly row: Row;
  readonly at: number;
};

/** Types of all families take turns, so the first n items are a fair sample. */
function placesOf(families: readonly CapabilityName[]): Place[] {
  return families
    .flatMap((family) =>
      Object.entries<Row>(capabilities[family].rows).flatMap(([type, row]) =>
        Array.from(
          { length: row.count },
          (_, index): Place => ({ family, type, row, at: (index + 0.5) / row.count }),
        ),
      ),
    )
    .sort((a, b) => a.at - b.at);
}

/** An item is decided by its family, type and number there, whichever suite it stands in. */
function itemsOf(families: readonly CapabilityName[], { seed, dev }: ItemOptions): Item[] {
  return placesOf(families).map(({ family, type, row, at }) => {
    const index = Math.floor(at * row.count);
    const key = `${family}-${type}-${String(index).padStart(2, '0')}`;
    const random = randomOf((seedOfText(key) ^ Math.imul(seed, 0x9e3779b1)) + (dev ? DEV_SEED_OFFSET : 0));
    const setting: Setting = {
      random,
      words: dev ? devVocabulary : heldoutVocabulary,
      split: dev ? 'train' : 'heldout',
    };
    const { images, values, truth, needed = [], carries } = madeBy(row, setting, key);
    const question = fill(random.pick(dev ? row.dev : row.heldout), values);
    return {
      id: `${dev ? 'dev' : 'heldout'}-${key}`,
      family,
      type,
      images,
      question,
      truth,
      needed,
      ...(carries ? { carries } : {}),
    };
  });
}

function madeBy(row: Row, setting: Setting, key: string): Made {
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
    const made = row.make(setting);
    if (made) return made;
  }
  throw new Error(`${key}: ${ATTEMPTS_MAX} attempts gave nothing`);
}

/** FNV-1a, 32 bits. */
const HELD_OUT = 'drawn pictures in fonts, styles, glyphs and wordings that no training program holds';

/** "depth" alone is the suite of the model behind the tool. */
const suiteName = (name: CapabilityName): string => (name === 'depth' ? 'relative-depth' : name);

const suiteOf = (name: CapabilityName): Suite => ({
  name: suiteName(name),
  title: capabilities[name].title,
  description: `${itemCount([name])} questions on ${HELD_OUT}`,
  seed: SEED,
  items: (options) => itemsOf([name], options),
});

const itemCount = (families: readonly CapabilityName[]): number => placesOf(families).length;

export const capabilitySuites: Readonly<Record<string, Suite>> = {
  capabilities: {
    name: 'capabilities',
    title: 'Eight capabilities, and owning up',
    description: `${itemCount(names)} questions on ${HELD_OUT}`,
    seed: SEED,
    items: (options) => itemsOf(names, options),
  },
  ...Object.fromEntries(names.map((name) => [suiteName(name), suiteOf(name)])),
};
