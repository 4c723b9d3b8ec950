/**
 * The final answer in the form that a caller asked for. The planner gives one text, so a JSON object
 * can have one plain property; anything else is refused before the run. Pure.
 */
import * as z from 'zod';
import { invalidRequest } from '#edge/body';

/** How the answer becomes the content. It is stored with a run, hence plain data. */
export const answerFormat = z.discriminatedUnion('type', [
  z.object({ type: z.literal('text') }),
  z.object({
    type: z.literal('property'),
    name: z.string(),
    of: z.enum(['string', 'number', 'integer', 'boolean']),
    nullable: z.boolean(),
    choices: z.array(z.string()).optional(),
  }),
]);
export type AnswerFormat = z.infer<typeof answerFormat>;

export type Formatted =
  | { readonly content: string; readonly refusal?: undefined }
  | { readonly content?: undefined; readonly refusal: string };

export const TEXT: AnswerFormat = { type: 'text' };
const ANSWER_OBJECT: AnswerFormat = { type: 'property', name: 'answer', of: 'string', nullable: false };

const plainType = z.enum(['string', 'number', 'integer', 'boolean']);
const property = z.strictObject({
  type: z.union([plainType, z.tuple([plainType, z.literal('null')])]),
  enum: z.array(z.string().max(1_000)).min(1).max(500).optional(),
  title: z.string().optional(),
  description: z.string().optional(),
  examples: z.array(z.unknown()).optional(),
});
const objectSchema = z.object({
  type: z.literal('object'),
  properties: z.record(z.string(), z.unknown()),
});

const SUPPORTED =
  'expected a schema of an object with one property of type string, number, integer or boolean, such as {"type":"object","properties":{"total":{"type":"number"}},"required":["total"],"additionalProperties":false}';

/** `path` leads to the schema in the request. @throws ApiError `invalid_request` */
export function formatOf(
  wish: { readonly type: 'text' | 'json_object' | 'json_schema'; readonly schema?: unknown },
  path: readonly PropertyKey[],
): AnswerFormat {
  if (wish.type === 'text') return TEXT;
  if (wish.type === 'json_object') return ANSWER_OBJECT;
  const object = objectSchema.safeParse(wish.schema);
  const [[name, inner] = ['', undefined], ...further] = Object.entries(object.data?.properties ?? {});
  const parsed = property.safeParse(inner);
  if (!parsed.success || further.length > 0) throw invalidRequest([{ path, message: SUPPORTED }]);
  const { type, enum: choices } = parsed.data;
  const [of, nullable] = typeof type === 'string' ? [type, false] : [type[0], true];
  if (choices && of !== 'string') throw invalidRequest([{ path, message: SUPPORTED }]);
  return { type: 'property', name, of, nullable, ...(choices ? { choices } : {}) };
}

/** A refusal when the answer is not of the asked kind. */
export function formatted(answer: string, format: AnswerFormat): Formatted {
  if (format.type === 'text') return { content: answer };
  const value = read(answer, format);
  if (value !== undefined) return { content: JSON.stringify({ [format.name]: value }) };
  if (format.nullable) return { content: JSON.stringify({ [format.name]: null }) };
  const wanted = format.choices ? `one of ${format.choices.join(', ')}` : format.of;
  return { refusal: `the answer is not of the asked form (${wanted.slice(0, 500)}): ${answer}` };
}

function read(answer: string, format: AnswerFormat & { type: 'property' }): unknown {
  const text = answer.trim();
  switch (format.of) {
    case 'string':
      return format.choices
        ? format.choices.find((choice) => choice.toLowerCase() === text.toLowerCase())
        : answer;
    case 'boolean':
      if (/^(yes|true)\b/i.test(text)) return true;
      return /^(no|false)\b/i.test(text) ? false : undefined;
    case 'number':
      return onlyNumber(text);
    case 'integer': {
      const value = onlyNumber(text);
      return Number.isSafeInteger(value) ? value : undefined;
    }
  }
}

const NUMBER = /-?\d{1,3}(?:,\d{3})+(?:\.\d+)?(?![\d,])|-?\d+(?:\.\d+)?/g;

/** The number in a text such as "$1,250.50"; undefined when there is none or more than one. */
function onlyNumber(text: string): number | undefined {
  const found = text.match(NUMBER) ?? [];
  const value = Number(found[0]?.replaceAll(',', ''));
  return found.length === 1 && Number.isFinite(value) ? value : undefined;
}
