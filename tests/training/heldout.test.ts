import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { truthText } from '#training/eval/ask';
import { isRight } from '#training/eval/check';
import { textMath } from '#training/eval/text-math/items';
import { devWordings, heldoutWordings } from '#training/eval/text-math/wordings';
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
import { commonWords } from '#training/scenes/words';

const sourcesOf = (folder: string): string[] => {
  const url = new URL(`../../training/${folder}/`, import.meta.url);
  return readdirSync(url, { encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') || name.endsWith('.py'))
    .map((name) => readFileSync(new URL(name, url), 'utf8'));
};
const trainingSources = ['scenes', 'traces', 'planner'].flatMap(sourcesOf);
const wordsOf = (text: string): string[] => text.toLowerCase().match(/\p{L}+/gu) ?? [];

/** Where one of these fails, change the training side: the test set must not follow it. */
describe('the held-out set is held out', () => {
  test('every name holds a word that no training list has', () => {
    const known = new Set([...commonWords, ...trainingSources.flatMap(wordsOf)]);
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
    const training = new Set(literals.map((literal) => bare(literal.slice(1, -1))));
    const dev = new Set(Object.values(devWordings).flat().map(bare));
    const heldout = Object.values(heldoutWordings).flat().map(bare);
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

describe('the items of text-math', () => {
  const items = textMath.items({ seed: textMath.seed, dev: false });

  test('are 400, the same each time, and other than the development items', () => {
    expect(items).toHaveLength(400);
    expect(new Set(items.map(({ id }) => id)).size).toBe(400);
    expect(textMath.items({ seed: textMath.seed, dev: false })).toEqual(items);
    const dev = textMath.items({ seed: textMath.seed, dev: true });
    expect(new Set([...items, ...dev].map(({ seed }) => seed)).size).toBe(800);
    expect(
      dev.every(({ split }) => split === 'train') && items.every(({ split }) => split === 'heldout'),
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
    for (const { scene, needed, id } of items) {
      const rows = scene.rows.map((row) => row.cells.map((cell) => cell.text).join(' '));
      for (const facts of needed) {
        expect(
          rows.some((row) => facts.every((fact) => row.includes(fact))),
          `${id} ${facts.join(' ')}`,
        ).toBe(true);
      }
    }
  });
});
