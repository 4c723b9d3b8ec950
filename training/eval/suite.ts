/** What a suite is made of: items with checked answers, asked one by one over HTTP. */
import type { Observation } from '#shared/conversation';
import type { ImageSource } from '#training/cota/trace';

export type Truth =
  | { readonly type: 'number'; readonly value: number }
  /** Any of the spellings, the first being the one that is printed. */
  | { readonly type: 'text'; readonly values: readonly [string, ...string[]] }
  /** One of several that the question names: it is said, and none of the others. */
  | { readonly type: 'choice'; readonly value: string; readonly others: readonly string[] }
  /** The same digits in the same order, whatever stands between them. */
  | { readonly type: 'digits'; readonly value: string }
  /** There is nothing to read: say so, and invent nothing. */
  | { readonly type: 'nothing' }
  /** Neither the picture nor a tool can tell: say so, and invent nothing. */
  | { readonly type: 'unknown' };

export type Item = {
  readonly id: string;
  readonly family: string;
  readonly type: string;
  readonly images: readonly ImageSource[];
  readonly question: string;
  readonly truth: Truth;
  /**
   * Strings that the answer rests on. Those of one inner list stand in one printed row, so an OCR
   * that reads them in different rows has lost the fact.
   */
  readonly needed: readonly (readonly string[])[];
  /**
   * Whether what the tools said carries the right answer; undefined where none was asked that could. Without it,
   * what was read by OCR is held against `needed`.
   */
  readonly carries?: (calls: readonly Call[]) => boolean | undefined;
};

/** A tool call of a run, and what came of it. */
export type Call = {
  readonly name: string;
  readonly arguments: Observation;
  readonly observation: Observation;
};

export type ItemOptions = { readonly seed: number; readonly dev: boolean };

export type Suite = {
  readonly name: string;
  /** Where its table stands in docs/quality.md. */
  readonly title: string;
  readonly description: string;
  readonly seed: number;
  items(options: ItemOptions): Item[];
};

/** A command line that cannot be followed; the usage is shown with it. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
