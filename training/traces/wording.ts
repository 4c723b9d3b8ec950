/** A small language for wordings: `[a|b|]` is a choice, `{name}` a slot. */
import type { Random } from '../random.ts';

export type Slots = Readonly<Record<string, string>>;

/** Expands one template. Choices do not nest; an unknown slot is a mistake of the program and throws. */
export function word(template: string, slots: Slots, random: Random): string {
  const chosen = template.replace(/\[([^[\]]*)\]/g, (_, options: string) => random.pick(options.split('|')));
  const filled = chosen.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = slots[name];
    if (value === undefined) throw new RangeError(`no slot ${name} for "${template}"`);
    return value;
  });
  return filled
    .replace(/ {2,}/g, ' ')
    .replace(/ ([?.,])/g, '$1')
    .trim();
}

const polite = [
  'Please tell me: {q}',
  'Can you tell me: {q}',
  '{q} Please.',
  'Hi! {q}',
  'Hello, {q}',
  'Question: {q}',
  'I need to know: {q}',
  'Look at the photo. {q}',
  '{q} Thanks.',
  'In this picture, {q}',
  'From the image: {q}',
  'Quick question: {q}',
  '{q} (see photo)',
  'Please help. {q}',
];

/** A question as people type it: now and then with a greeting, in lower case, without its mark. */
export function asTyped(question: string, random: Random): string {
  let text = question.charAt(0).toUpperCase() + question.slice(1);
  if (random.chance(0.1))
    text = random
      .pick(polite)
      .replace('{q}', random.chance(0.5) ? text : text.charAt(0).toLowerCase() + text.slice(1));
  if (random.chance(0.12)) text = text.charAt(0).toLowerCase() + text.slice(1);
  if (random.chance(0.12)) text = text.replace(/[?.]$/, '');
  return text;
}

const numerals = [
  'zero',
  'one',
  'two',
  'three',
  'four',
  'five',
  'six',
  'seven',
  'eight',
  'nine',
  'ten',
  'eleven',
  'twelve',
];
export function numeral(value: number, random: Random): string {
  return random.chance(0.6) ? (numerals[value] ?? String(value)) : String(value);
}

export function plural(name: string): string {
  return /(s|x|ch|sh)$/i.test(name) ? `${name}es` : `${name}s`;
}
