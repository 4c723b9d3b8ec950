/** Questions that one look at the text answers: labelled facts, opening hours, a message. */
import type { Random } from '../random.ts';
import type { Field, Hours } from '../scenes/scene.ts';
import type { Observed } from './observed.ts';
import { type Problem, terminate } from './trace.ts';
import { asTyped, word } from './wording.ts';
import { type QuestionType, wordings } from './wordings/index.ts';

const ask = (type: QuestionType, slots: Record<string, string>, random: Random): string =>
  asTyped(word(random.pick(wordings[type]), slots, random), random);

/** One labelled fact: the thought quotes its row, the answer is the value in it. */
export function fieldProblem(fields: readonly Field[], seen: Observed, random: Random): Problem | undefined {
  if (fields.length === 0) return undefined;
  const { subject, value } = random.pick(fields);
  if (subject === 'message') {
    const text = seen.text;
    return {
      type: subject,
      question: ask(subject, {}, random),
      answer: text,
      printed: value,
      steps: [terminate('I read it out.', text)],
    };
  }
  const row = seen.rowOf(value);
  const answer = seen.seen(value);
  if (row === undefined || answer === undefined) return undefined;
  return {
    type: subject,
    question: ask(subject, {}, random),
    answer,
    printed: value,
    steps: [terminate(`${row}.`, answer)],
  };
}

/** All rows of a small sign, in one answer. */
export function readAllProblem(seen: Observed, random: Random): Problem | undefined {
  const text = seen.text;
  if (text.length === 0 || text.length > 90) return undefined;
  return {
    type: 'readAll',
    question: ask('readAll', {}, random),
    answer: text,
    steps: [terminate('I read it out.', text)],
  };
}

/** When it opens or closes on one day; the row may name a range of days. */
export function hoursProblem(hours: readonly Hours[], seen: Observed, random: Random): Problem | undefined {
  if (hours.length === 0) return undefined;
  const { days, label, open, close } = random.pick(hours);
  const day = random.pick(days);
  const row = seen.rowOf(label);
  if (row === undefined) return undefined;
  const type = random.weighted({ closing: 6, opening: 3, hoursOn: 1 });
  const question = ask(type, { d: random.chance(0.8) ? day : day.toLowerCase() }, random);
  const answer =
    open === undefined
      ? 'It is closed.'
      : { closing: close ?? '', opening: open, hoursOn: `${open} - ${close}` }[type];
  return { type, question, answer, steps: [terminate(`${row}.`, answer)] };
}

/** A question that text cannot answer. */
export function unsupportedProblem(random: Random): Problem {
  const answer = 'I can only answer from the text in the image.';
  return {
    type: 'unsupported',
    question: ask('unsupported', {}, random),
    answer,
    steps: [terminate('The text does not tell.', answer)],
  };
}

/** Any question on a picture without text: say so and invent nothing. */
export function blankProblem(random: Random): Problem {
  const type = random.pick(Object.keys(wordings) as QuestionType[]);
  const slots = {
    x: random.pick(['coffee', 'the soup', 'two cakes', 'Tea', 'bread', 'the lamp']),
    y: random.pick(['a scarf', 'Salad', 'one juice', 'the blue pen', 'milk']),
    d: random.pick(['Monday', 'Friday', 'Sunday']),
    v: random.pick(['x', 'y', 'n']),
    p: random.pick(['10', '15', '20', '5']),
    k: random.pick(['2', 'three', '4', 'five']),
    m: random.pick(['20', '$50', '100 euros']),
    u: random.pick(['kg', 'piece']),
    c: random.pick(['Score', 'Sales', 'points', 'March', 'platform']),
    h: random.pick(['team', 'row', 'person']),
    r: random.pick(['Anna', 'Porto', 'Lamp']),
    s: random.pick(['Ben', 'Leeds', 'Clock']),
  };
  const answer = 'I cannot tell: there is no text to read in the image.';
  return {
    type: 'blank',
    question: ask(type, slots, random),
    answer,
    steps: [terminate('There is no text.', answer)],
  };
}
