/** The check of replies can be trusted: it agrees with Ajv, and it finds what it is there to find. */
import Ajv2020 from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openApiDocument } from '#edge/docs/document';
import { operations } from '#shared/api/operations';
import { schemas as zodSchemas } from '#shared/api/schemas';
import { closed, faultsOf, type Schemas } from './json-schema.ts';
import { checkEvent, checkReply } from './reply.ts';

const schemas = openApiDocument.components.schemas as unknown as Schemas;
const ajv = new Ajv2020.default({ strict: false });
addFormats.default(ajv);
ajv.addSchema({ $id: 'document', components: { schemas: closed(schemas) } });

const examples = operations.flatMap(({ operationId, body = [], replies }) =>
  [...body, ...Object.values(replies).flatMap(({ content = [] }) => content)].flatMap(
    ({ schema, examples = {} }) =>
      Object.entries(examples).map(([name, { value }]) => ({
        title: `${operationId}: ${name}`,
        schema,
        value,
      })),
  ),
);

const refTo = (name: string) => ({ $ref: `#/components/schemas/${name}` });

describe.each(examples)('$title', ({ schema, value }) => {
  const validate = ajv.compile({ $ref: `document#/components/schemas/${schema}` });
  const faults = (candidate: unknown) => faultsOf(candidate, refTo(schema), closed(schemas));

  it('fits its schema, by Ajv, by the check of replies and by zod', () => {
    expect(validate(value), JSON.stringify(validate.errors)).toBe(true);
    expect(faults(value)).toEqual([]);
    const zod = zodSchemas[schema as keyof typeof zodSchemas];
    expect(zod.safeParse(value).error).toBeUndefined();
  });

  it('with one member changed, is judged as Ajv judges it', () => {
    const places = placesIn(value);
    const mutant = fc
      .tuple(fc.constantFrom(...places), fc.oneof(fc.jsonValue({ maxDepth: 1 }), fc.constant(undefined)))
      .map(([place, replacement]) => replaced(value, place, replacement));
    fc.assert(
      fc.property(mutant, (candidate) => {
        expect(faults(candidate).length === 0, JSON.stringify(candidate)).toBe(validate(candidate));
      }),
      { seed: 20_261_123, numRuns: 300 },
    );
  });
});

type Place = readonly string[];

function placesIn(value: unknown, at: Place = []): Place[] {
  if (typeof value !== 'object' || value === null) return [at];
  return [at, ...Object.entries(value).flatMap(([name, inner]) => placesIn(inner, [...at, name]))];
}

/** A copy with another value in one place; `undefined` takes the member away. */
function replaced(value: unknown, [name, ...rest]: Place, replacement: unknown): unknown {
  if (name === undefined) return replacement ?? null;
  const copy = (Array.isArray(value) ? [...value] : { ...(value as object) }) as Record<string, unknown>;
  const next = replaced(copy[name], rest, replacement);
  if (rest.length === 0 && replacement === undefined && !Array.isArray(copy)) delete copy[name];
  else copy[name] = next;
  return copy;
}

const headers = { 'content-type': 'application/json', 'x-request-id': 'req_1' };
const result = { observation: { result: 1 }, ms: 1, cached: false };

describe('checkReply', () => {
  const check = (body: object, init: ResponseInit = {}, path = '/v1/tools/Calculate', method = 'POST') =>
    checkReply(method, path, new Response(JSON.stringify(body), { headers, ...init }));

  it('passes a reply as described, and leaves it to be read', async () => {
    expect(await (await check(result)).json()).toEqual(result);
  });

  it.each([
    ['a member that is missing', () => check({ ms: 1, cached: false }), /lacks observation/],
    ['a member of another type', () => check({ ...result, ms: '1' }), /\/ms/],
    ['a member that nobody described', () => check({ ...result, secret: 1 }), /secret is not described/],
    ['a status that nobody described', () => check(result, { status: 203 }), /203 is not described/],
    [
      'a content type that nobody described',
      () => check(result, { headers: { ...headers, 'content-type': 'text/plain' } }),
      /text\/plain is not described/,
    ],
    [
      'a reply without its id',
      () => check(result, { headers: { 'content-type': 'application/json' } }),
      /x-request-id/,
    ],
    [
      'a header that nobody described',
      () => check(result, { headers: { ...headers, location: '/v1/runs' } }),
      /Location is not described/,
    ],
    ['an unknown path that is no problem', () => check({}, {}, '/v1/nowhere'), /content type/],
  ])('finds %s', async (_, attempt, fault) => {
    await expect(attempt()).rejects.toThrow(fault);
  });
});

it('finds an event that is not as described', () => {
  checkEvent({ type: 'step.started', seq: 1, index: 0 });
  expect(() => checkEvent({ type: 'step.started', seq: 0, index: 0 })).toThrow(/fits 0 of 8/);
  expect(() => checkEvent({ type: 'step.invented', seq: 1 })).toThrow(/fits 0 of 8/);
});
