/** Reads `vocabulary.txt`: the closed vocabulary, and which pictures of the glyph sets show which name. */

export type Entry = {
  readonly name: string;
  readonly synonyms: readonly string[];
  /** Wider words that the name stands for too. */
  readonly groups: readonly string[];
  readonly emoji: readonly string[];
  readonly icons: readonly string[];
};

/** Throws where two entries claim one word. */
export function parseVocabulary(text: string): Entry[] {
  const entries: Entry[] = [];
  let groups: string[] = [];
  for (const line of text.split('\n').map((line) => line.trim())) {
    if (line === '' || line.startsWith('#')) continue;
    if (line.startsWith('[')) groups = listOf(line.slice(1, -1));
    else entries.push(entryOf(line, groups));
  }
  const words = entries.flatMap(({ name, synonyms }) => [name, ...synonyms]);
  const twice = words.filter((word, index) => words.indexOf(word) !== index);
  const wide = new Set(entries.flatMap((entry) => entry.groups));
  const both = words.filter((word) => wide.has(word));
  if (twice.length + both.length > 0)
    throw new Error(`expected each word once, found twice: ${[...twice, ...both].join(', ')}`);
  return entries;
}

function entryOf(line: string, groups: readonly string[]): Entry {
  const [head = '', icons] = line.split('|');
  const [words = '', emoji] = head.split('=');
  const [name = '', ...synonyms] = listOf(words);
  return {
    name,
    synonyms,
    groups,
    emoji: emoji === undefined ? [name] : emojiOf(emoji),
    icons: icons === undefined ? [name, ...synonyms].map(slugOf) : listOf(icons),
  };
}

/** Names of emoji hold commas of their own after a colon, as in "family: man, woman, boy". */
function emojiOf(text: string): string[] {
  const names: string[] = [];
  for (const part of listOf(text)) {
    const last = names.at(-1);
    if (last?.startsWith('family:')) names[names.length - 1] = `${last}, ${part}`;
    else if (part !== '@') names.push(part);
  }
  return names;
}

function listOf(text: string): string[] {
  return text
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '');
}

/** As the icon sets write names: `man’s shoe` is `mans-shoe`. */
export function slugOf(name: string): string {
  return name
    .normalize('NFD')
    .replaceAll(/[\u0300-\u036f’'.]/gu, '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/gu, '-')
    .replaceAll(/^-|-$/gu, '');
}
