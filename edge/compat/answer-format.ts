/**
 * The final answer in the form that a caller asked for. The planner gives one text. Of an object with one
 * plain property that text is read for its value; for more the planner is asked for JSON, and what it writes
 * is held to the schema. What does not fit is a refusal, never a guess. Pure.
 */
import * as z from 'zod';
import { invalidRequest } from '#edge/body';
import { QUESTION_CHARS_MAX } from '#shared/limits';
import { type AnswerField, answerField, fieldsOf } from './answer-schema.ts';
import type { Question } from './question.ts';

/** How the answer becomes the content. It is stored with a run, hence plain data. */
export const answerFormat = z.discriminatedUnion('type', [
  z.object({ type: z.literal('text') }),
  answerField
    .pick({ name: true, of: true, nullable: true, choices: true, minimum: true, maximum: true })
    .extend({
      type: z.literal('property'),
    }),
  z.object({ type: z.literal('object'), fields: z.array(answerField) }),
]);
export type AnswerFormat = z.infer<typeof answerFormat>;

export type Formatted =
  | { readonly content: string; readonly refusal?: undefined }
  | { readonly content?: undefined; readonly refusal: string };

export const TEXT: AnswerFormat = { type: 'text' };
const ANSWER_OBJECT: AnswerFormat = { type: 'property', name: 'answer', of: 'string', nullable: false };

/** `path` leads to the schema in the request. @throws ApiError `invalid_request` */
export function formatOf(
  wish: { readonly type: 'text' | 'json_object' | 'json_schema'; readonly schema?: unknown },
  path: readonly PropertyKey[],
): AnswerFormat {
  if (wish.type === 'text') return TEXT;
  if (wish.type === 'json_object') return ANSWER_OBJECT;
  const fields = fieldsOf(wish.schema, path);
  const [field] = fields;
  if (!field || field.list || fields.length > 1) return { type: 'object', fields };
  const { list: _, required: __, ...property } = field;
  return { type: 'property', ...property };
}

/** The question as it goes to the planner: for an object of more than one value it asks for JSON. @throws ApiError */
export function asking<Asked extends Question>(
  asked: Asked,
  format: AnswerFormat,
  path: readonly PropertyKey[],
): Asked {
  if (format.type !== 'object') return asked;
  const members = format.fields.map((field) => `${JSON.stringify(field.name)}: ${kindOf(field)}`);
  const question = `${asked.question}\n\nAnswer with one JSON object and nothing else: {${members.join(', ')}}`;
  if (question.length <= QUESTION_CHARS_MAX) return { ...asked, question };
  const message = `the question and this schema together have more than ${QUESTION_CHARS_MAX} characters`;
  throw invalidRequest([{ path, message }]);
}

/** A refusal when the answer is not of the asked kind. */
export function formatted(answer: string, format: AnswerFormat): Formatted {
  switch (format.type) {
    case 'text':
      return { content: answer };
    case 'property': {
      const value = read(answer, format) ?? (format.nullable ? null : undefined);
      return value === undefined
        ? refused(kindOf(format), answer)
        : { content: JSON.stringify({ [format.name]: value }) };
    }
    case 'object':
      return objectOf(answer, format.fields);
  }
}

function refused(wanted: string, answer: string): Formatted {
  return { refusal: `the answer is not of the asked form (${wanted.slice(0, 500)}): ${answer}` };
}

type ScalarField = Pick<AnswerField, 'of' | 'nullable' | 'choices' | 'minimum' | 'maximum'>;

function kindOf(field: ScalarField & { readonly list?: boolean }): string {
  const value = field.choices ? `one of ${field.choices.join(', ')}` : field.of;
  return `${field.list ? `[${value}, ...]` : value}${field.nullable ? ' or null' : ''}`;
}

/** The members that the schema names, in its order; others that the planner wrote are left out. */
function objectOf(answer: string, fields: readonly AnswerField[]): Formatted {
  const found = jsonObjectIn(answer);
  if (!found) return refused('a JSON object', answer);
  const content: Array<[string, unknown]> = [];
  for (const field of fields) {
    const given = Object.hasOwn(found, field.name) ? found[field.name] : undefined;
    if (given === undefined && !field.required) continue;
    const value = memberOf(given, field);
    if (value === undefined) return refused(`"${field.name}": ${kindOf(field)}`, answer);
    content.push([field.name, value]);
  }
  return { content: JSON.stringify(Object.fromEntries(content)) };
}

function memberOf(given: unknown, field: AnswerField): unknown {
  if (given === null || given === undefined) return field.nullable ? null : undefined;
  if (!field.list) return scalarOf(given, field);
  const { minItems = 0, maxItems = Number.POSITIVE_INFINITY } = field;
  if (!Array.isArray(given) || given.length < minItems || given.length > maxItems) return undefined;
  const values = given.map((item) => scalarOf(item, field));
  return values.includes(undefined) ? undefined : values;
}

/** A number as JSON has it, or as text such as "$4.20"; nothing else is turned into another type. */
function scalarOf(given: unknown, field: ScalarField): unknown {
  switch (typeof given) {
    case 'string':
      return read(given, field);
    case 'number':
      return field.of === 'number' || field.of === 'integer' ? bounded(given, field) : undefined;
    case 'boolean':
      return field.of === 'boolean' ? given : undefined;
    default:
      return undefined;
  }
}

/** The text as a JSON object, or the one that stands within other words or a fence of Markdown. */
function jsonObjectIn(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text.slice(text.indexOf('{'), text.lastIndexOf('}') + 1));
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

function read(answer: string, field: ScalarField): unknown {
  const text = answer.trim();
  switch (field.of) {
    case 'string':
      return field.choices
        ? field.choices.find((choice) => choice.toLowerCase() === text.toLowerCase())
        : answer;
    case 'boolean':
      if (/^(yes|true)\b/i.test(text)) return true;
      return /^(no|false)\b/i.test(text) ? false : undefined;
    case 'number':
    case 'integer':
      return bounded(onlyNumber(text), field);
  }
}

function bounded(value: number | undefined, { of, minimum, maximum }: ScalarField): number | undefined {
  if (value === undefined || (of === 'integer' && !Number.isSafeInteger(value))) return undefined;
  return value >= (minimum ?? value) && value <= (maximum ?? value) ? value : undefined;
}

const NUMBER = /-?\d{1,3}(?:,\d{3})+(?:\.\d+)?(?![\d,])|-?\d+(?:\.\d+)?/g;

/** The number in a text such as "$1,250.50"; undefined when there is none or more than one. */
function onlyNumber(text: string): number | undefined {
  const found = text.match(NUMBER) ?? [];
  const value = Number(found[0]?.replaceAll(',', ''));
  return found.length === 1 && Number.isFinite(value) ? value : undefined;
}
