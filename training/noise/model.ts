/** The shape of `model.json`: how the OCR misreads, as counted on rendered training scenes. */
import { readFileSync } from 'node:fs';

/** Error rates of one measured scene; drawing one of them keeps errors together as they come. */
export type SceneRates = {
  /** Lost spaces inside cells, share of all. */
  readonly space: number;
  /** Characters substituted, dropped or doubled, share of all but spaces. */
  readonly character: number;
  /** Rows of several cells that were read as two rows, share of all such rows. */
  readonly split: number;
  /** Of these, the share in which the right part came first. */
  readonly reversed: number;
  readonly dropped: number;
  /** Whether spaces were read where none is. */
  readonly added: boolean;
  readonly merged: number;
  /** Extra rows of junk, per scene. */
  readonly junk: number;
};

export type Confusion = {
  /** Printed that often. */
  readonly count: number;
  /** What it was read as when it was not itself, with counts; '' when it was lost. */
  readonly read: Readonly<Record<string, number>>;
};

export type SpaceContext = 'cells' | 'letters' | 'digits' | 'mixed' | 'marks';

export type NoiseModel = {
  readonly version: 1;
  readonly scenes: readonly SceneRates[];
  readonly characters: Readonly<Record<string, Confusion>>;
  /** Characters read where nothing was printed, by what stood before. */
  readonly inserted: Readonly<Record<string, number>>;
  readonly spaces: Readonly<Record<SpaceContext, { readonly count: number; readonly lost: number }>>;
  /** Spaces read between two characters that stand together, by their classes such as `letter mark`. */
  readonly joints: Readonly<Record<string, { readonly count: number; readonly split: number }>>;
  /** Rows read where nothing was printed. */
  readonly junkRows: readonly string[];
};

export function loadNoiseModel(url: URL = new URL('model.json', import.meta.url)): NoiseModel {
  return JSON.parse(readFileSync(url, 'utf8')) as NoiseModel;
}

/** Which kind of gap a space between two characters is. */
export function spaceContext(before: string, after: string, betweenCells: boolean): SpaceContext {
  if (betweenCells) return 'cells';
  const [left, right] = [classOf(before), classOf(after)];
  if (left === 'mark' || right === 'mark') return 'marks';
  if (left !== right) return 'mixed';
  return left === 'digit' ? 'digits' : 'letters';
}

/** The classes of two neighbours without a space between them. */
export function jointOf(before: string, after: string): string {
  return `${classOf(before)} ${classOf(after)}`;
}

function classOf(character: string): 'digit' | 'letter' | 'mark' {
  if (/\d/.test(character)) return 'digit';
  return /\p{L}/u.test(character) ? 'letter' : 'mark';
}

/** What the OCR's dictionary lacks, and leader dots: lost in good scenes too, so no sign of a bad one. */
export const ALWAYS_LOST: ReadonlySet<string> = new Set(['€', '£', '–', '...', '___', '---']);

/**
 * Under which key a character is counted: marks between digits (`0.0`) and runs of marks (`...`)
 * and the x of a count (`x0`) are read quite differently from the same mark elsewhere.
 */
export function characterKey(text: string, at: number): string {
  const character = text[at] ?? '';
  if (character === 'x' && /\d/.test(text[at + 1] ?? '')) return 'x0';
  if (!/[.,:\-–_]/.test(character)) return character;
  const [before, after] = [text[at - 1] ?? '', text[at + 1] ?? ''];
  if (before === character || after === character) return character.repeat(3);
  return /\d/.test(before) && /\d/.test(after) ? `0${character}0` : character;
}
