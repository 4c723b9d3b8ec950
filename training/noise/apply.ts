/** Text as the real OCR would give it, without drawing or reading anything. */
import type { Random } from '#training/random';
import {
  ALWAYS_LOST,
  characterKey,
  jointOf,
  loadNoiseModel,
  type NoiseModel,
  type SceneRates,
  spaceContext,
} from './model.ts';

/** Rows as cells, or as whole texts where cells do not matter. */
export type PrintedRow = string | readonly string[];

const measured = loadNoiseModel();

/** Draws the error rates of one measured scene. A perfectly read one has all zero. */
export function sampleRates(random: Random, model: NoiseModel = measured): SceneRates {
  return random.pick(model.scenes);
}

/** One reading of the rows, joined by line feeds. A share of all readings is perfect, as measured. */
export function noisyText(rows: readonly PrintedRow[], random: Random, model: NoiseModel = measured): string {
  const rates = sampleRates(random, model);
  return noisyRows(rows, rates, random, model).join('\n');
}

export function noisyRows(
  rows: readonly PrintedRow[],
  rates: SceneRates,
  random: Random,
  model: NoiseModel = measured,
): string[] {
  const read: string[] = [];
  for (const [index, row] of rows.entries()) {
    const cells = (typeof row === 'string' ? [row] : row).map((cell) =>
      noisyCell(cell, rates, random, model),
    );
    if (random.chance(rates.dropped)) continue;
    const parts =
      cells.length > 1 && random.chance(rates.split)
        ? halves(cells, random)
        : [joinCells(cells, rates, random, model)];
    if (parts.length > 1 && random.chance(rates.reversed)) parts.reverse();
    if (index > 0 && read.length > 0 && random.chance(rates.merged))
      read.push(`${read.pop()} ${parts.shift()}`);
    read.push(...parts);
  }
  for (let junk = rates.junk; junk > 0 && random.chance(junk); junk--) {
    if (model.junkRows.length > 0) read.splice(random.int(0, read.length), 0, random.pick(model.junkRows));
  }
  return read;
}

/** One cell, or one word, with lost spaces and misread characters. Never empty where it was not. */
export function noisyCell(
  text: string,
  rates: SceneRates,
  random: Random,
  model: NoiseModel = measured,
): string {
  const scale = rates.character / Math.max(meanCharacterRate(model), 1e-6);
  let read = '';
  for (let index = 0; index < text.length; index++) {
    const character = text[index] as string;
    if (character === ' ') {
      const lost = losesSpace(text[index - 1] ?? '', text[index + 1] ?? '', false, rates, random, model);
      read += lost ? '' : ' ';
    } else {
      read += noisyCharacter(character, characterKey(text, index), scale, random, model);
      if (rates.added && addsSpace(character, text[index + 1], random, model)) read += ' ';
    }
  }
  return read.trim() === '' ? text : read;
}

/** Whether the space between two characters is lost in a scene of these rates. */
export function losesSpace(
  before: string,
  after: string,
  betweenCells: boolean,
  rates: SceneRates,
  random: Random,
  model: NoiseModel = measured,
): boolean {
  const context = model.spaces[spaceContext(before, after, betweenCells)];
  const scale = rates.space / Math.max(meanSpaceRate(model), 1e-6);
  return random.chance(Math.min(0.98, (context.lost / Math.max(context.count, 1)) * scale));
}

function joinCells(cells: readonly string[], rates: SceneRates, random: Random, model: NoiseModel): string {
  return cells.reduce((row, cell) => {
    const lost = losesSpace(row.at(-1) ?? '', cell[0] ?? '', true, rates, random, model);
    return lost ? row + cell : `${row} ${cell}`;
  });
}

function halves(cells: readonly string[], random: Random): string[] {
  const cut = cells.length === 2 ? 1 : random.int(1, cells.length - 1);
  return [cells.slice(0, cut).join(' '), cells.slice(cut).join(' ')];
}

function noisyCharacter(
  character: string,
  key: string,
  scale: number,
  random: Random,
  model: NoiseModel,
): string {
  const confusion = model.characters[key];
  if (!confusion) return character;
  const wrong = Object.values(confusion.read).reduce((sum, count) => sum + count, 0);
  const rate = wrong / confusion.count;
  if (wrong === 0 || !random.chance(ALWAYS_LOST.has(key) ? rate : Math.min(0.6, rate * scale)))
    return character;
  return random.weighted(confusion.read);
}

type Means = { readonly character: number; readonly space: number; readonly adding: number };

const means = new WeakMap<NoiseModel, Means>();

function meansOf(model: NoiseModel): Means {
  const known = means.get(model);
  if (known) return known;
  const mean = (key: 'character' | 'space'): number =>
    model.scenes.reduce((sum, scene) => sum + scene[key], 0) / Math.max(model.scenes.length, 1);
  const adding = model.scenes.filter(({ added }) => added).length / Math.max(model.scenes.length, 1);
  const value = { character: mean('character'), space: mean('space'), adding };
  means.set(model, value);
  return value;
}

const meanCharacterRate = (model: NoiseModel): number => meansOf(model).character;
const meanSpaceRate = (model: NoiseModel): number => meansOf(model).space;

/** In scenes where the OCR adds spaces at all, whether it adds one between these two neighbours. */
function addsSpace(before: string, after: string | undefined, random: Random, model: NoiseModel): boolean {
  if (after === undefined || after === ' ') return false;
  const joint = model.joints[jointOf(before, after)];
  const adding = meansOf(model).adding;
  return (
    joint !== undefined && adding > 0 && random.chance(Math.min(0.9, joint.split / joint.count / adding))
  );
}
