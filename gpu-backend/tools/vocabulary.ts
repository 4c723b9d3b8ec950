/** What is said of a closed vocabulary: which names are not in it, and which are. */

import type { ObjectModel } from '#backend/tools/roles';

/** Of the names that are listed; the rest is counted. */
const LISTED_CHARS_MAX = 1_500;

/** Lower case and single blanks, as the names of a vocabulary. */
export function folded(name: string): string {
  return name.trim().toLowerCase().replace(/\s+/g, ' ');
}

/** The names that a model does not know, as they were written; none where it takes any words. */
export function unknownNames(model: ObjectModel, names: readonly string[]): string[] {
  if (!model.vocabulary) return [];
  const known = new Set(model.vocabulary);
  return names.filter((name) => !(known.has(folded(name)) || model.knows?.(name)));
}

/** `Not known here: ...; known are: ...`, names that share a word with those asked for first. */
export function unknownNote({ vocabulary = [] }: ObjectModel, unknown: readonly string[]): string {
  const words = new Set(unknown.flatMap((name) => folded(name).split(' ')));
  const isNear = (name: string): boolean => name.split(' ').some((word) => words.has(word));
  const sorted = vocabulary.toSorted();
  const listed: string[] = [];
  let chars = 0;
  for (const name of [...sorted.filter(isNear), ...sorted.filter((each) => !isNear(each))]) {
    chars += name.length + 2;
    if (chars > LISTED_CHARS_MAX) break;
    listed.push(name);
  }
  const rest = vocabulary.length - listed.length;
  const more = rest > 0 ? ` and ${rest} more` : '';
  return `Not known here: ${unknown.join(', ')}. Known are: ${listed.join(', ')}${more}.`;
}
