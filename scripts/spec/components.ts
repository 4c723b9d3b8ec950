/** JSON Schema of every named schema, in the form that generators of clients digest. */
import { isDeepStrictEqual } from 'node:util';
import * as z from 'zod';
import { type SchemaName, schemaDescriptions, schemas } from '#shared/api/schemas';

export type JsonSchema = { [keyword: string]: unknown };
type Direction = 'input' | 'output';

export const refTo = (name: string): string => `#/components/schemas/${name}`;

/**
 * The named schemas that `requests` and `replies` lead to. Requests are described as they are read
 * (defaults may be left out), replies as they are written.
 * @throws Error when a schema breaks a rule: an anonymous union, or one name for two things.
 */
export function componentsOf(
  requests: readonly SchemaName[],
  replies: readonly SchemaName[],
): Record<string, JsonSchema> {
  const inputs = reachable(requests, namedSchemas('input'));
  const outputs = reachable(replies, namedSchemas('output'));
  for (const [name, schema] of inputs) {
    const other = outputs.get(name);
    if (other && !isDeepStrictEqual(schema, other))
      throw new Error(`${name} is not the same in requests and in replies; give each a name of its own`);
  }
  const all = [...new Map([...inputs, ...outputs])];
  return Object.fromEntries(all.sort(([a], [b]) => (a < b ? -1 : 1)));
}

function namedSchemas(io: Direction): Map<string, JsonSchema> {
  const registry = z.registry<{ id: string; description?: string }>();
  for (const [name, schema] of Object.entries(schemas)) {
    const description = schemaDescriptions[name as SchemaName];
    registry.add(schema, { id: name, ...(description ? { description } : {}) });
  }
  const { schemas: written } = z.toJSONSchema(registry, {
    target: 'draft-2020-12',
    io,
    uri: refTo,
    override: ({ zodSchema, jsonSchema }) => simplify(zodSchema, jsonSchema as JsonSchema, io),
  });
  const named = Object.entries(written).filter(([name]) => name !== '__shared');
  const finished = new Map(named.map(([name, schema]) => [name, schema as unknown as JsonSchema]));
  for (const [name, schema] of finished) {
    delete schema['$schema'];
    delete schema['$id'];
    flattenNullable(schema);
    checkUnions(name, schema, finished);
  }
  return finished;
}

/** What zod writes beyond what a reader or a generator can use. */
function simplify(source: z.core.$ZodType, schema: JsonSchema, io: Direction): void {
  const { def } = source._zod;
  // A safe integer is the rule of JSON; its bounds only make generators choose odd types.
  if (schema['maximum'] === Number.MAX_SAFE_INTEGER) delete schema['maximum'];
  if (schema['minimum'] === Number.MIN_SAFE_INTEGER) delete schema['minimum'];
  // `format` says it; the pattern counts leap years.
  if (schema['format'] === 'date-time' || schema['format'] === 'date') delete schema['pattern'];
  // A newer server may send more members than a client knows.
  if (def.type === 'object' && io === 'output') delete schema['additionalProperties'];
  if (def.type === 'record') {
    const { keyType, valueType } = def as z.core.$ZodRecordDef;
    if (isDeepStrictEqual(schema['propertyNames'], { type: 'string' }) || !keyType)
      delete schema['propertyNames'];
    // z.json(): a free value. A recursive schema would become a class in every client.
    if (['lazy', 'unknown'].includes(valueType._zod.def.type)) schema['additionalProperties'] = true;
  }
}

/** `anyOf` of a schema and null becomes the schema with one type more: no generator takes it for a union then. */
function flattenNullable(schema: unknown): void {
  if (typeof schema !== 'object' || schema === null) return;
  for (const inner of Object.values(schema)) flattenNullable(inner);
  const { anyOf } = schema as { anyOf?: JsonSchema[] };
  const [only, none] = anyOf ?? [];
  if (!only || typeof only['type'] !== 'string' || !isDeepStrictEqual(none, { type: 'null' })) return;
  const { const: value, enum: members = value === undefined ? undefined : [value], ...rest } = only;
  delete (schema as JsonSchema)['anyOf'];
  Object.assign(schema, rest, { type: [only['type'], 'null'] });
  if (Array.isArray(members)) Object.assign(schema, { enum: [...members, null] });
}

/** A union is one of named objects that one member tells apart: anything else breaks Swift and Kotlin clients. */
function checkUnions(at: string, schema: unknown, named: ReadonlyMap<string, JsonSchema>): void {
  if (Array.isArray(schema))
    for (const [index, item] of schema.entries()) checkUnions(`${at}.${index}`, item, named);
  if (typeof schema !== 'object' || schema === null || Array.isArray(schema)) return;
  if ('anyOf' in schema || 'allOf' in schema) throw new Error(`${at} is a union without a discriminator`);
  if ('oneOf' in schema) {
    const names = (schema.oneOf as JsonSchema[]).map(({ $ref }) => String($ref).replace(refTo(''), ''));
    Object.assign(schema, { type: 'object', discriminator: discriminatorOf(at, names, named) });
  }
  for (const [keyword, inner] of Object.entries(schema)) {
    if (keyword !== 'discriminator') checkUnions(`${at}.${keyword}`, inner, named);
  }
}

function discriminatorOf(
  at: string,
  names: readonly string[],
  named: ReadonlyMap<string, JsonSchema>,
): JsonSchema {
  const members = names.map((name) => {
    const properties = named.get(name)?.['properties'];
    if (!properties) throw new Error(`${at} has a member without a name in shared/api/schemas.ts`);
    return properties as Record<string, JsonSchema>;
  });
  const propertyName = Object.keys(members[0] ?? {}).find((property) =>
    members.every((member) => typeof member[property]?.['const'] === 'string'),
  );
  if (propertyName === undefined) throw new Error(`${at}: nothing tells the members apart`);
  const mapping = members.map((member, index) => [
    member[propertyName]?.['const'],
    refTo(names[index] ?? ''),
  ]);
  return { propertyName, mapping: Object.fromEntries(mapping) };
}

function reachable(from: readonly string[], named: ReadonlyMap<string, JsonSchema>): Map<string, JsonSchema> {
  const found = new Map<string, JsonSchema>();
  const open = [...from];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    const schema = named.get(name);
    if (!schema) throw new Error(`there is no schema ${name}`);
    if (found.has(name)) continue;
    found.set(name, schema);
    for (const [, next = ''] of JSON.stringify(schema).matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g))
      open.push(next);
  }
  return found;
}
