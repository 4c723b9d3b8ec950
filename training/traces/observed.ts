/**
 * What the OCR makes of a scene: noisy text, with every printed word's reading kept so that a
 * trace can quote what the planner will really see.
 */

import { losesSpace, noisyCell, sampleRates } from '../noise/apply.ts';
import { loadNoiseModel, type SceneRates } from '../noise/model.ts';
import type { Random } from '../random.ts';
import type { Row, Scene } from '../scenes/scene.ts';

export type Observed = {
  readonly text: string;
  /** The reading of all rows, top to bottom. */
  readonly rows: readonly string[];
  /** How a printed text was read; undefined where it is not in the scene as one run of words. */
  seen(printed: string): string | undefined;
  /** What was read after `printed` in its row. */
  restAfter(printed: string): string | undefined;
  /** The whole reading of the row that holds `printed`. */
  rowOf(printed: string): string | undefined;
};

type ReadRow = {
  readonly words: readonly string[];
  readonly read: readonly string[];
  /** Whether the space before each word was lost. */
  readonly glued: readonly boolean[];
  /** The word before which the row was cut in two, and whether the second part came first. */
  readonly cut?: { readonly at: number; readonly reversed: boolean };
};

/** Joins the readings of words `from`.. `to` (excluded), with the spaces that were seen. */
function joinRead(row: ReadRow, from: number, to: number): string {
  let text = '';
  for (let index = from; index < to; index++) {
    text += (index > from && !row.glued[index] ? ' ' : '') + (row.read[index] ?? '');
  }
  return text;
}

/** How clean a reading is: not every picture is as hard as those that the noise was measured on. */
function ratesOf(random: Random): SceneRates {
  const perfect = {
    space: 0,
    character: 0,
    split: 0,
    reversed: 0,
    dropped: 0,
    merged: 0,
    junk: 0,
    added: false,
  };
  const measured = sampleRates(random);
  return { clean: perfect, mild: { ...measured, space: measured.space * 0.4 }, measured }[
    random.weighted({ clean: 25, mild: 30, measured: 45 })
  ];
}

function readRow(row: Row, rates: SceneRates, random: Random): ReadRow {
  const words: string[] = [];
  const starts: boolean[] = [];
  for (const cell of row.cells) {
    for (const [index, part] of cell.text
      .split(' ')
      .filter((text) => text !== '')
      .entries()) {
      words.push(part);
      starts.push(index === 0);
    }
  }
  const read = words.map((text) => noisyCell(text, rates, random));
  const glued = words.map(
    (_, index) =>
      index > 0 &&
      losesSpace(
        read[index - 1]?.at(-1) ?? '',
        read[index]?.[0] ?? '',
        starts[index] === true,
        rates,
        random,
      ),
  );
  const at = starts.lastIndexOf(true);
  if (at < 1 || !random.chance(rates.split)) return { words, read, glued };
  return {
    words,
    read,
    glued: glued.map((lost, index) => lost && index !== at),
    cut: { at, reversed: random.chance(rates.reversed) },
  };
}

function textsOf(row: ReadRow): string[] {
  if (!row.cut) return [joinRead(row, 0, row.words.length)];
  const parts = [joinRead(row, 0, row.cut.at), joinRead(row, row.cut.at, row.words.length)];
  return row.cut.reversed ? parts.reverse() : parts;
}

export function observe(scene: Scene, random: Random): Observed {
  const rates = ratesOf(random);
  const rows = scene.rows
    .filter(() => !random.chance(rates.dropped))
    .map((row) => readRow(row, rates, random));
  const find = (printed: string): { row: ReadRow; from: number; to: number } | undefined => {
    const wanted = printed.split(' ');
    for (const row of rows) {
      if (row.cut?.reversed) continue;
      for (let from = 0; from + wanted.length <= row.words.length; from++) {
        const found = wanted.every((word, index) => bare(row.words[from + index] ?? '') === bare(word));
        if (found) return { row, from, to: from + wanted.length };
      }
    }
    return undefined;
  };
  const texts = rows.flatMap(textsOf);
  if (texts.length > 0 && random.chance(rates.junk / 2))
    texts.splice(random.int(0, texts.length), 0, junkRow(random));
  // A picture without text is read as a stray mark now and then.
  if (scene.rows.length === 0 && random.chance(0.5)) texts.push(...strayMarks(random));
  return {
    text: texts.join('\n'),
    rows: texts,
    seen: (printed) => {
      const at = find(printed);
      return at && joinRead(at.row, at.from, at.to);
    },
    restAfter: (printed) => {
      const at = find(printed);
      return at && joinRead(at.row, at.to, at.row.words.length);
    },
    rowOf: (printed) => {
      const at = find(printed);
      return at && joinRead(at.row, 0, at.row.words.length);
    },
  };
}

/** What folds, edges and dirt are read as: one to three rows of one or two characters. */
const strayMarks = (random: Random): string[] =>
  Array.from({ length: random.weighted({ 1: 6, 2: 2, 3: 1 }) === '1' ? 1 : random.int(2, 3) }, () =>
    Array.from({ length: random.chance(0.7) ? 1 : 2 }, () => random.pick(strays)).join(''),
  );
const strays = [..."oOsSi3lTe0A1I-.:'7vVxXLJcC,4un/2m|"];

const { junkRows } = loadNoiseModel();
const junkRow = (random: Random): string => random.pick(junkRows);

/** Words compare without case and without the marks that print may add. */
const bare = (word: string): string =>
  word
    .toLowerCase()
    .replace(/[:#]+$/, '')
    .replace(/^#/, '');
