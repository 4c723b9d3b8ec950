/** Nouns in a sentence: many of them, and one of them. */

/** What `-s` makes wrong. */
const irregular: Readonly<Record<string, string>> = {
  leaf: 'leaves',
  snowman: 'snowmen',
  man: 'men',
  woman: 'women',
  mouse: 'mice',
  knife: 'knives',
  fish: 'fish',
  sheep: 'sheep',
  'thumbs up': 'thumbs up',
  'thumbs down': 'thumbs down',
};

/** Words that are many by themselves, such as trousers. */
const isMany = (name: string): boolean => /[^su]s$/i.test(name);

export function pluralOf(name: string): string {
  const [, first = '', last = name] = /^(.* )?([^ ]+)$/.exec(name) ?? [];
  const whole = irregular[name] ?? irregular[last];
  if (whole !== undefined) return whole === irregular[name] ? whole : first + whole;
  if (isMany(name)) return name;
  if (/[^aeiou]y$/i.test(name)) return `${name.slice(0, -1)}ies`;
  return /(s|x|ch|sh)$/i.test(name) ? `${name}es` : `${name}s`;
}

/** `a dog`, `an apple`, `some trousers`. */
export function oneOf(name: string): string {
  if (isMany(name)) return `some ${name}`;
  return /^([aeio]|um|hour)/i.test(name) && !/^one/i.test(name) ? `an ${name}` : `a ${name}`;
}
