/** The check of replies can be trusted: it agrees with Ajv, and it finds what it is there to find. */
import Ajv2020 from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { openApiDocument } from '#edge/docs/document';
import { operations } from '#shared/api/operations';
import { schemas as zodSchemas } from '#shared/api/schemas';
import { checked } from './checked.ts';
import { closed, faultsOf, type Schemas } from './json-schema.ts';
import { checkReply } from './reply.ts';

// The faults of this file are what is looked for.
afterEach(() => void checked.faults.splice(0));

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

describe('events of a stream', () => {
  const read = async (path: string, method: string, ...data: unknown[]) => {
    const blocks = data.map(
      (one) => `id: 1\ndata: ${typeof one === 'string' ? one : JSON.stringify(one)}\n\n`,
    );
    const body = [': ping\n\n', ...blocks].join('');
    // Cut anywhere, as networks do.
    const pieces = body.match(/[\s\S]{1,7}/g) ?? [];
    const stream = ReadableStream.from(pieces.map((piece) => Buffer.from(piece)));
    const response = new Response(stream, { headers: { ...headers, 'content-type': 'text/event-stream' } });
    return [await (await checkReply(method, path, response)).text(), body];
  };
  const watch = (...data: unknown[]) => read(`/v1/runs/run_${'0'.repeat(32)}/events`, 'GET', ...data);
  const chat = (...data: unknown[]) => read('/v1/chat/completions', 'POST', ...data);
  const error = { message: 'm', type: 'server_error', code: 'internal', param: null, request_id: 'req_1' };
  const chunk = { id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [] };

  it('pass as they are when they are as described, and are counted', async () => {
    const before = checked.events;
    const [events, sentEvents] = await watch({ type: 'step.started', seq: 1, index: 0 });
    expect(events).toBe(sentEvents);
    const [chunks, sentChunks] = await chat(chunk, '[DONE]');
    expect(chunks).toBe(sentChunks);
    await chat({ error });
    expect(checked.events).toBe(before + 4);
    expect(checked.faults).toEqual([]);
  });

  it.each([
    ['a number too low', () => watch({ type: 'step.started', seq: 0, index: 0 }), /fits 0 of 8/],
    ['a type that nobody described', () => watch({ type: 'step.invented', seq: 1 }), /fits 0 of 8/],
    ['a chunk that lacks a member', () => chat({ ...chunk, model: undefined }), /lacks model/],
    ['an error that lacks its code', () => chat({ error: { ...error, code: undefined } }), /lacks code/],
    [
      'a response event of no type',
      () => read('/v1/responses', 'POST', { sequence_number: 1 }),
      /lacks type/,
    ],
  ])('break their stream: %s', async (_, attempt, fault) => {
    await expect(attempt()).rejects.toThrow(fault);
    // Remembered too: a client that passes over a broken stream would hide it.
    expect(checked.faults).toEqual([expect.stringMatching(fault)]);
  });
});
