/**
 * Checks JSON by the part of JSON Schema that the document uses. Small, because workerd compiles no
 * code at run time and so runs no Ajv; `reply.test.ts` holds it to Ajv's verdicts.
 */
export type JsonSchema = { readonly [keyword: string]: unknown };
export type Schemas = Readonly<Record<string, JsonSchema>>;

type Check = (value: unknown, operand: never, context: Context) => string[];
type Context = { readonly at: string; readonly schemas: Schemas; readonly schema: JsonSchema };

const FORMATS: Readonly<Record<string, RegExp>> = {
  'date-time': /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/,
  date: /^\d{4}-\d\d-\d\d$/,
  uri: /^[a-z][a-z0-9+.-]*:\S+$/i,
};

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const TYPES: Readonly<Record<string, (value: unknown) => boolean>> = {
  string: (value) => typeof value === 'string',
  number: (value) => typeof value === 'number',
  integer: (value) => Number.isInteger(value),
  boolean: (value) => typeof value === 'boolean',
  null: (value) => value === null,
  array: Array.isArray,
  object: isObject,
};

const length = (value: unknown): number => (typeof value === 'string' ? [...value].length : Number.NaN);
const size = (value: unknown): number => (Array.isArray(value) ? value.length : Number.NaN);
const amount = (value: unknown): number => (typeof value === 'number' ? value : Number.NaN);

const fault =
  (fails: (value: unknown, operand: never) => boolean): Check =>
  (value, operand, { at }) =>
    fails(value, operand)
      ? [`${at}: ${JSON.stringify(value)?.slice(0, 80)} against ${JSON.stringify(operand)}`]
      : [];

const ANNOTATIONS = ['description', 'default', 'discriminator', 'title', 'examples'];

const KEYWORDS: ReadonlyMap<string, Check> = new Map<string, Check>([
  ...ANNOTATIONS.map((name): [string, Check] => [name, () => []]),
  ['type', fault((value, types: string | string[]) => ![types].flat().some((type) => TYPES[type]?.(value)))],
  ['const', fault((value, expected: unknown) => value !== expected)],
  ['enum', fault((value, members: unknown[]) => !members.includes(value))],
  [
    'pattern',
    fault((value, pattern: string) => typeof value === 'string' && !new RegExp(pattern, 'u').test(value)),
  ],
  [
    'format',
    fault((value, name: string) => typeof value === 'string' && FORMATS[name]?.test(value) !== true),
  ],
  ['minLength', fault((value, least: number) => length(value) < least)],
  ['maxLength', fault((value, most: number) => length(value) > most)],
  ['minItems', fault((value, least: number) => size(value) < least)],
  ['maxItems', fault((value, most: number) => size(value) > most)],
  ['minimum', fault((value, least: number) => amount(value) < least)],
  ['exclusiveMinimum', fault((value, bound: number) => amount(value) <= bound)],
  ['maximum', fault((value, most: number) => amount(value) > most)],
  [
    'required',
    (value, names: string[], { at }) =>
      isObject(value) ? names.filter((name) => !(name in value)).map((name) => `${at}: lacks ${name}`) : [],
  ],
  [
    'items',
    (value, item: JsonSchema, { at, schemas }) =>
      Array.isArray(value)
        ? value.flatMap((one, index) => faultsOf(one, item, schemas, `${at}/${index}`))
        : [],
  ],
  [
    'properties',
    (value, members: Schemas, { at, schemas }) =>
      isObject(value)
        ? Object.entries(members).flatMap(([name, member]) =>
            name in value ? faultsOf(value[name], member, schemas, `${at}/${name}`) : [],
          )
        : [],
  ],
  [
    'propertyNames',
    (value, names: JsonSchema, { at, schemas }) =>
      isObject(value)
        ? Object.keys(value).flatMap((name) => faultsOf(name, names, schemas, `${at}/${name}`))
        : [],
  ],
  [
    'additionalProperties',
    (value, member: boolean | JsonSchema, { at, schemas, schema }) => {
      if (!isObject(value) || member === true) return [];
      const known = Object.keys((schema['properties'] ?? {}) as Schemas);
      const others = Object.keys(value).filter((name) => !known.includes(name));
      if (member === false) return others.map((name) => `${at}: ${name} is not described`);
      return others.flatMap((name) => faultsOf(value[name], member, schemas, `${at}/${name}`));
    },
  ],
  ['$ref', (value, ref: string, { at, schemas }) => faultsOf(value, resolve(ref, schemas), schemas, at)],
  [
    'oneOf',
    (value, members: JsonSchema[], { at, schemas }) => {
      const faults = members.map((member) => faultsOf(value, member, schemas, at));
      const fitting = faults.filter((found) => found.length === 0).length;
      return fitting === 1 ? [] : [`${at}: fits ${fitting} of ${members.length} members`];
    },
  ],
]);

/** What does not fit; empty when all does. @throws Error on a keyword that is not known here. */
export function faultsOf(value: unknown, schema: JsonSchema, schemas: Schemas, at = ''): string[] {
  return Object.entries(schema).flatMap(([keyword, operand]) => {
    const check = KEYWORDS.get(keyword);
    if (!check) throw new Error(`the keyword ${keyword} is not known to tests/spec/json-schema.ts`);
    return check(value, operand as never, { at, schemas, schema });
  });
}

function resolve(ref: string, schemas: Schemas): JsonSchema {
  const schema = schemas[ref.slice(ref.lastIndexOf('/') + 1)];
  if (!schema) throw new Error(`${ref} leads nowhere`);
  return schema;
}

/**
 * The schema as a test reads it: a reply with a member that nobody described is a fault. The document
 * itself lets clients pass over members that they do not know.
 */
export function closed<Value>(schema: Value): Value {
  if (Array.isArray(schema)) return schema.map(closed) as Value;
  if (!isObject(schema)) return schema;
  const inner = Object.fromEntries(Object.entries(schema).map(([name, value]) => [name, closed(value)]));
  const isOpen =
    isObject(schema['properties']) && !('additionalProperties' in schema) && schema['type'] === 'object';
  return (isOpen ? { ...inner, additionalProperties: false } : inner) as Value;
}
