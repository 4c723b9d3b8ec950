/**
 * The JSON Schema of an answer, read into what can be held: an object of plain properties and of lists of
 * plain values. The planner writes one text and is not constrained by it, so what could not be checked on
 * that text is refused before the run, by its name. Pure.
 */
import * as z from 'zod';
import { invalidRequest } from '#edge/body';
import { ANSWER_CHOICES_MAX, ANSWER_NAME_CHARS_MAX, ANSWER_PROPERTIES_MAX } from '#shared/limits';

const plainType = z.enum(['string', 'number', 'integer', 'boolean']);

/** One property. It is stored with a run, hence plain data. */
export const answerField = z.object({
  name: z.string(),
  of: plainType,
  /** A list of such values. */
  list: z.boolean(),
  nullable: z.boolean(),
  required: z.boolean(),
  choices: z.array(z.string()).optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  minItems: z.int().optional(),
  maxItems: z.int().optional(),
});
export type AnswerField = z.infer<typeof answerField>;

const notes = {
  title: z.unknown().optional(),
  description: z.unknown().optional(),
  examples: z.unknown().optional(),
};
const scalarSchema = z.strictObject({
  type: plainType,
  enum: z.array(z.string().max(1_000)).min(1).max(ANSWER_CHOICES_MAX).optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  ...notes,
});
const listSchema = z.strictObject({
  type: z.literal('array'),
  items: z.unknown(),
  minItems: z.int().min(0).optional(),
  maxItems: z.int().min(0).optional(),
  ...notes,
});
const objectSchema = z.strictObject({
  type: z.literal('object'),
  properties: z.record(z.string().min(1).max(ANSWER_NAME_CHARS_MAX), z.unknown()),
  required: z.array(z.string()).optional(),
  additionalProperties: z.boolean().optional(),
  $schema: z.unknown().optional(),
  ...notes,
});

const SUPPORTED =
  'expected an object whose properties are of type string, number, integer or boolean, or lists of these, such as {"type":"object","properties":{"total":{"type":"number"},"items":{"type":"array","items":{"type":"string"}}},"required":["total","items"],"additionalProperties":false}';

type Path = readonly PropertyKey[];

/** `path` leads to the schema in the request. @throws ApiError `invalid_request` that names what is not supported. */
export function fieldsOf(schema: unknown, path: Path): AnswerField[] {
  const { properties, required = [] } = read(objectSchema, schema, path);
  const entries = Object.entries(properties);
  if (entries.length === 0 || entries.length > ANSWER_PROPERTIES_MAX)
    throw unsupported([...path, 'properties'], `1 to ${ANSWER_PROPERTIES_MAX} properties are`);
  const stray = required.findIndex((name) => !Object.hasOwn(properties, name));
  if (stray >= 0) throw unsupported([...path, 'required', stray], 'names of `properties` are');
  return entries.map(([name, property]) => {
    const field = fieldOf(property, [...path, 'properties', name]);
    return { name, ...field, required: required.includes(name) };
  });
}

type Shape = Omit<AnswerField, 'name' | 'required'>;

function fieldOf(given: unknown, path: Path): Shape {
  const { schema, nullable } = withoutNull(given);
  if (Object(schema).type !== 'array') return { ...scalarOf(schema, path), list: false, nullable };
  const { items, minItems, maxItems } = read(listSchema, schema, path);
  const bounds = { ...present('minItems', minItems), ...present('maxItems', maxItems) };
  return { ...scalarOf(items, [...path, 'items']), ...bounds, list: true, nullable };
}

function scalarOf(schema: unknown, path: Path): Omit<Shape, 'list' | 'nullable'> {
  const { type, enum: choices, minimum, maximum } = read(scalarSchema, schema, path);
  if (choices && type !== 'string') throw unsupported([...path, 'enum'], 'choices among strings are');
  return {
    of: type,
    ...present('choices', choices),
    ...present('minimum', minimum),
    ...present('maximum', maximum),
  };
}

/** `type: [x, "null"]` and `anyOf: [x, {"type": "null"}]`, as the generators of schemas write it. */
function withoutNull(schema: unknown): { schema: unknown; nullable: boolean } {
  const { type, anyOf, ...rest } = Object(schema) as { type?: unknown; anyOf?: unknown };
  if (Array.isArray(type) && type.length === 2 && type.includes('null'))
    return { schema: { ...rest, type: type.find((name) => name !== 'null') }, nullable: true };
  const isNull = (member: unknown) => Object(member).type === 'null';
  if (type === undefined && Array.isArray(anyOf) && anyOf.length === 2 && anyOf.some(isNull))
    return { schema: { ...rest, ...Object(anyOf.find((member) => !isNull(member))) }, nullable: true };
  return { schema, nullable: false };
}

function read<Value>(type: z.ZodType<Value>, schema: unknown, path: Path): Value {
  const parsed = type.safeParse(schema);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const unknown = issue?.code === 'unrecognized_keys' ? issue.keys[0] : undefined;
  const place = [...path, ...(issue?.path ?? []), ...(unknown === undefined ? [] : [unknown])];
  throw invalidRequest([
    { path: place, message: `${what(schema, unknown)} is not supported here: ${SUPPORTED}` },
  ]);
}

/** What of a schema it was, in words. */
function what(schema: unknown, keyword: string | undefined): string {
  if (keyword !== undefined) return JSON.stringify(keyword.slice(0, 64));
  const type = Object(schema).type;
  return type === undefined
    ? 'a schema without a type'
    : `this schema of type ${JSON.stringify(type).slice(0, 64)}`;
}

function unsupported(path: Path, supported: string) {
  return invalidRequest([{ path, message: `only ${supported} supported here: ${SUPPORTED}` }]);
}

function present<Name extends string, Value>(
  name: Name,
  value: Value | undefined,
): Partial<Record<Name, Value>> {
  return value === undefined ? {} : ({ [name]: value } as Record<Name, Value>);
}
