/** What a suite is made of: items with checked answers, asked one by one over HTTP. */
import type { Scene } from '#training/scenes/scene';

export type Truth =
  | { readonly type: 'number'; readonly value: number }
  /** Any of the spellings, the first being the one that is printed. */
  | { readonly type: 'text'; readonly values: readonly [string, ...string[]] }
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
  readonly scene: Scene;
  /** Seed and split of the picture. */
  readonly seed: number;
  readonly split: 'train' | 'heldout';
  readonly question: string;
  readonly truth: Truth;
  /**
   * Strings that the answer rests on. Those of one inner list stand in one printed row, so an OCR
   * that reads them in different rows has lost the fact.
   */
  readonly needed: readonly (readonly string[])[];
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
