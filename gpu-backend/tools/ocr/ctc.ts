/** Greedy decoding of connectionist temporal classification, with the dictionary of PP-OCR. */
import { latinForm } from './text.ts';

export type Alphabet = {
  /** Class 0 is the blank, then the lines of the dictionary, last the space, which the file lacks. */
  readonly labels: readonly string[];
  /** Classes of the blank and of all labels that have a Latin form, the space among them. */
  readonly latin: Int32Array;
};

/** One character and where it was read: a step is 1/`steps` of the width of the strip. */
export type Glyph = { readonly label: string; readonly probability: number; readonly step: number };

/** `text` is the dictionary file: one label per line. Only line ends are cut, for a label may be a space. */
export function alphabetOf(text: string): Alphabet {
  const lines = text.split(/\r?\n/u);
  if (lines.at(-1) === '') lines.pop();
  const labels = ['', ...lines, ' '];
  const latin = labels.flatMap((label, index) => (index === 0 || latinForm(label) !== null ? [index] : []));
  return { labels, latin: Int32Array.from(latin) };
}

/**
 * The most probable label of each step, repeats merged and blanks dropped.
 * `probabilities` is [steps, classes]; `classes` limits the choice to some of them.
 */
export function decodeCtc(
  probabilities: Float32Array,
  steps: number,
  labels: readonly string[],
  classes?: Int32Array,
): Glyph[] {
  const width = labels.length;
  const glyphs: { label: string; probability: number; first: number; last: number }[] = [];
  let previous = 0;
  for (let step = 0; step < steps; step++) {
    const row = probabilities.subarray(step * width, (step + 1) * width);
    const best = classes === undefined ? argmax(row) : argmaxAmong(row, classes);
    const probability = row[best] ?? 0;
    const glyph = glyphs.at(-1);
    if (best !== 0 && best === previous && glyph !== undefined) {
      glyph.probability = Math.max(glyph.probability, probability);
      glyph.last = step;
    } else if (best !== 0) {
      glyphs.push({ label: labels[best] ?? '', probability, first: step, last: step });
    }
    previous = best;
  }
  return glyphs.map(({ label, probability, first, last }) => ({
    label,
    probability,
    step: (first + last) / 2,
  }));
}

function argmax(row: Float32Array): number {
  let best = 0;
  let top = row[0] ?? 0;
  for (let i = 1; i < row.length; i++) {
    const value = row[i] ?? 0;
    if (value > top) {
      top = value;
      best = i;
    }
  }
  return best;
}

function argmaxAmong(row: Float32Array, classes: Int32Array): number {
  let best = 0;
  let top = -1;
  for (const index of classes) {
    const value = row[index] ?? 0;
    if (value > top) {
      top = value;
      best = index;
    }
  }
  return best;
}

/** Mean probability of the characters, 0..1; 0 for none. */
export function scoreOf(glyphs: readonly Glyph[]): number {
  if (glyphs.length === 0) return 0;
  return glyphs.reduce((sum, { probability }) => sum + probability, 0) / glyphs.length;
}
