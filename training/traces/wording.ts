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
  'Could you tell me this: {q}',
  '{q} Please.',
  '{q} Thanks.',
  '{q} Thank you!',
  '{q} Thx',
  '{q} (see photo)',
  '{q} See the picture.',
  '{q} It is in the photo.',
  '{q} It should be in the picture.',
  '{q} You can see it in the image.',
  "{q} I can't read it.",
  '{q} Just the answer.',
  '{q} Short answer please.',
  '{q} Keep it short.',
  '{q} Be quick please.',
  '{q} I am in a hurry.',
  '{q} I forgot my glasses.',
  '{q} Do you know?',
  '{q} Any idea?',
  '{q} Can you help?',
  '{q} Look closely.',
  'Hi! {q}',
  'Hi, {q}',
  'Hey, {q}',
  'Hello, {q}',
  'Hello there. {q}',
  'Good morning, {q}',
  'Ok, {q}',
  'So, {q}',
  'Sorry, {q}',
  'Excuse me, {q}',
  'Question: {q}',
  'Quick question: {q}',
  'One question: {q}',
  'My question is: {q}',
  'Next question: {q}',
  'I need to know: {q}',
  'I want to know: {q}',
  'I was wondering: {q}',
  "I can't read it well: {q}",
  'I have this photo. {q}',
  'I took this picture. {q}',
  'Look at the photo. {q}',
  'Have a look. {q}',
  'Take a look at this: {q}',
  'Here is a photo. {q}',
  'Check the image: {q}',
  'In this picture, {q}',
  'In the photo: {q}',
  'From the image: {q}',
  'According to the picture, {q}',
  'According to the image: {q}',
  'Based on this photo, {q}',
  'Going by the photo, {q}',
  'Please help. {q}',
  'Help me out: {q}',
  'Please answer: {q}',
];
/** These fit only where a number is asked for. */
const politeForNumbers = ['{q} Just the number.', '{q} Only the number please.', '{q} A number is enough.'];

/** A question as people type it: now and then in a frame, in lower case, without its mark, with a double space. */
export function asTyped(question: string, random: Random, names: readonly string[] = []): string {
  let text = question.charAt(0).toUpperCase() + question.slice(1);
  if (random.chance(0.18)) {
    const frames = /^how (much|many) /i.test(text) && random.chance(0.15) ? politeForNumbers : polite;
    const inner = random.chance(0.5) ? text : decapitalized(text);
    text = random.pick(frames).replace('{q}', () => inner);
  }
  if (random.chance(0.14)) text = decapitalized(text);
  // Only the starts of sentences: a name inside must stay as the thought will copy it.
  if (random.chance(0.04)) text = text.replace(/(?<=[.!?:] )[A-Z]/g, (letter) => letter.toLowerCase());
  if (random.chance(0.14)) text = text.replace(/[?.]$/, '');
  if (random.chance(0.02)) text = text.replace(/([.,:?]) /, '$1  ');
  return names.reduce(written, text);
}

/** The text with `name` in the letters that the thought will copy, wherever it stands. */
function written(text: string, name: string): string {
  const at = text.toLowerCase().indexOf(name.toLowerCase());
  return name === '' || at < 0 ? text : text.slice(0, at) + name + text.slice(at + name.length);
}

const decapitalized = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);

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
