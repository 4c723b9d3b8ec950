import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { truthText } from '#training/eval/ask';
import { capabilities, capabilitySuites } from '#training/eval/capabilities/index';
import type { Row } from '#training/eval/capabilities/made';
import { isRight } from '#training/eval/check';
import type { Item } from '#training/eval/suite';
import { textMath } from '#training/eval/text-math/items';
import { devWordings, heldoutWordings, knownWordings } from '#training/eval/text-math/wordings';
import {
  heldoutItems,
  heldoutMessages,
  heldoutPersons,
  heldoutPlaces,
  heldoutShops,
} from '#training/eval/text-math/words';
import { fontTable } from '#training/render/fonts';
import { stylesFor, styleTable } from '#training/render/styles';
import { surfaceTable } from '#training/render/surfaces';
import { commonWords, things } from '#training/scenes/words';

const sourcesOf = (folder: string): string[] => {
  const url = new URL(`../../training/${folder}/`, import.meta.url);
  return readdirSync(url, { encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') || name.endsWith('.py'))
    .map((name) => readFileSync(new URL(name, url), 'utf8'));
};
const printedSources = ['scenes', 'traces', 'traces/wordings', 'programs', 'pictures', 'planner'].flatMap(
  sourcesOf,
);
const trainingSources = [...printedSources, ...sourcesOf('programs/wordings')];
/** All that a wording with choices, `[a|b|]`, may become. */
function* choicesOf(wording: string): Generator<string> {
  const [whole, options] = /\[([^[\]]*)\]/.exec(wording) ?? [];
  if (whole === undefined || options === undefined) yield wording;
  else for (const option of options.split('|')) yield* choicesOf(wording.replace(whole, () => option));
}
const wordsOf = (text: string): string[] => text.toLowerCase().match(/\p{L}+/gu) ?? [];

/** Where one of these fails, change the training side: the test set must not follow it. */
describe('the held-out set is held out', () => {
  test('every name holds a word that no training list has', () => {
    const known = new Set([...commonWords, ...[...printedSources, ...things].flatMap(wordsOf)]);
    const names = [
      ...heldoutItems,
      ...heldoutPersons,
      ...heldoutPlaces,
      ...heldoutShops,
      ...heldoutMessages.map((lines) => lines.join(' ')),
    ];
    expect(known.size).toBeGreaterThan(5_000);
    expect(names.filter((name) => wordsOf(name).every((word) => known.has(word)))).toEqual([]);
  });

  test('no wording is one of the training wordings', () => {
    const bare = (wording: string): string => wordsOf(wording.replace(/\$?\{[^}]*\}/g, ' ')).join(' ');
    const literals = trainingSources.flatMap((source) => source.match(/(['"`])(?:\\.|(?!\1).)*\1/g) ?? []);
    const training = new Set(literals.flatMap((literal) => [...choicesOf(literal.slice(1, -1))]).map(bare));
    expect(training.size).toBeGreaterThan(20_000);
    const dev = new Set(Object.values(devWordings).flat().map(bare));
    const rows = Object.values(capabilities).flatMap(({ rows }) => Object.values<Row>(rows));
    for (const row of rows) for (const wording of row.dev) dev.add(bare(wording));
    const textMathOwn = Object.values(heldoutWordings)
      .flat()
      .filter((wording) => !knownWordings.has(wording));
    const heldout = [...textMathOwn, ...rows.flatMap((row) => row.heldout)].map(bare);
    expect(heldout.filter((wording) => training.has(wording) || dev.has(wording))).toEqual([]);
  });

  test('at least four whole font families, and styles of every kind, are kept for the test', () => {
    const heldout = Object.values(fontTable).filter(({ split }) => split === 'heldout');
    expect(heldout.length).toBeGreaterThanOrEqual(4);
    for (const kind of Object.keys(styleTable) as (keyof typeof styleTable)[]) {
      expect(stylesFor(kind, 'heldout').length).toBeGreaterThan(0);
      expect(stylesFor(kind, 'train').length).toBeGreaterThan(0);
    }
    expect(new Set(Object.values(surfaceTable).map(({ role, split }) => `${role} ${split}`)).size).toBe(4);
  });
});

const seedOf = ({ images: [image] }: Item) => (image && 'seed' in image ? image.seed : undefined);
const splitOf = ({ images: [image] }: Item) => (image && 'split' in image ? image.split : undefined);

describe('the items of text-math', () => {
  const items = textMath.items({ seed: textMath.seed, dev: false });

  test('are 400, the same each time, and other than the development items', () => {
    expect(items).toHaveLength(400);
    expect(new Set(items.map(({ id }) => id)).size).toBe(400);
    expect(textMath.items({ seed: textMath.seed, dev: false })).toEqual(items);
    const dev = textMath.items({ seed: textMath.seed, dev: true });
    expect(new Set([...items, ...dev].map(seedOf)).size).toBe(800);
    expect(
      dev.every((item) => splitOf(item) === 'train') && items.every((item) => splitOf(item) === 'heldout'),
    ).toBe(true);
  });

  test('accept their own truth as an answer, and have no unfilled wording', () => {
    for (const item of items) {
      const said = item.truth.type === 'nothing' ? 'There is no text in the image.' : truthText(item);
      expect(isRight(said, item.truth, item.question), `${item.id} ${item.question} ${said}`).toBe(true);
      expect(item.question).not.toMatch(/[{}]|undefined/);
    }
  });

  test('rest on facts that stand in one row of their scene', () => {
    for (const { images, needed, id } of items) {
      const [image] = images;
      const rows = (image?.type === 'scene' ? image.scene.rows : []).map((row) =>
        row.cells.map((cell) => cell.text).join(' '),
      );
      for (const facts of needed) {
        expect(
          rows.some((row) => facts.every((fact) => row.includes(fact))),
          `${id} ${facts.join(' ')}`,
        ).toBe(true);
      }
    }
  });
});

describe('the items of the capabilities', () => {
  const suite = capabilitySuites['capabilities'];
  if (!suite) throw new Error('there is a suite of all capabilities');
  const items = suite.items({ seed: suite.seed, dev: false });

  test('are the same each time, alone or among the others, and other than the development items', () => {
    expect(suite.items({ seed: suite.seed, dev: false }).map(plain)).toEqual(items.map(plain));
    expect(new Set(items.map(({ id }) => id)).size).toBe(items.length);
    for (const one of Object.values(capabilitySuites)) {
      const own = one.items({ seed: suite.seed, dev: false });
      const families = new Set(own.map(({ family }) => family));
      expect(families.size).toBe(one === suite ? Object.keys(capabilities).length : 1);
      expect(own.length).toBeGreaterThanOrEqual(40);
      expect(own.map(plain).sort(byId)).toEqual(
        items
          .filter(({ family }) => families.has(family))
          .map(plain)
          .sort(byId),
      );
    }
    const dev = suite.items({ seed: suite.seed, dev: true });
    const drawn = (item: Item) => item.images.filter(({ type }) => type !== 'file');
    expect(
      dev.every((item) => drawn(item).every((image) => 'split' in image && image.split === 'train')),
    ).toBe(true);
    expect(
      items.every((item) => drawn(item).every((image) => 'split' in image && image.split === 'heldout')),
    ).toBe(true);
  });

  test('accept their own truth as an answer, and no other one of the choices', () => {
    for (const { truth, question, id } of items) {
      const said = truth.type === 'unknown' ? 'I cannot tell.' : truthText({ truth } as Item);
      expect(isRight(said, truth, question), `${id} ${question} ${said}`).toBe(true);
      if (truth.type === 'choice')
        for (const other of truth.others) expect(isRight(other, truth, question), id).toBe(false);
      expect(question).not.toMatch(/[{}]|undefined/);
    }
  });

  test('say whose mistake it was by what the tools told', () => {
    const item = items.find(
      ({ type, truth }) => type === 'count' && truth.type === 'number' && truth.value === 2,
    );
    const name =
      item?.images[0]?.type === 'picture' && item.images[0].picture.kind === 'objects'
        ? item.images[0].picture.things
        : [];
    const counted = name
      .map(({ name: one }) => one)
      .find((one, _, all) => all.filter((other) => other === one).length === 2);
    const look = (count: number) => [
      {
        name: 'LocalizeObjects',
        arguments: { image: 'image-0', objects: [counted ?? ''] },
        observation: {
          regions: Array.from({ length: count }, (_, at) => ({
            label: `${counted}-${at + 1}`,
            bbox: [at / 10, 0, 1, 1],
            score: 0.5,
          })),
        },
      },
    ];
    expect(item?.carries?.(look(2))).toBe(true);
    expect(item?.carries?.(look(1))).toBe(false);
    expect(item?.carries?.([])).toBeUndefined();
  });
});

const plain = ({ carries: _, ...item }: Item) => item;
const byId = (a: { id: string }, b: { id: string }): number => (a.id < b.id ? -1 : 1);
