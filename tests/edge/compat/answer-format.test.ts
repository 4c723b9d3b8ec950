import { describe, expect, it } from 'vitest';
import { asking, formatOf, formatted } from '#edge/compat/answer-format';

const schema = (property: unknown, more: object = {}) => ({
  type: 'json_schema' as const,
  schema: { type: 'object', properties: { value: property, ...more } },
});

it.each([
  ['text', { type: 'text' as const }, '$4.20', { content: '$4.20' }],
  ['json_object', { type: 'json_object' as const }, '$4.20', { content: '{"answer":"$4.20"}' }],
  ['a string', schema({ type: 'string' }), ' two ', { content: '{"value":" two "}' }],
  ['a number with a currency', schema({ type: 'number' }), '$1,250.50', { content: '{"value":1250.5}' }],
  ['a negative number', schema({ type: 'number' }), '-3', { content: '{"value":-3}' }],
  ['a number with its unit', schema({ type: 'number' }), '4.5 km', { content: '{"value":4.5}' }],
  ['an integer', schema({ type: 'integer' }), 'there are 3', { content: '{"value":3}' }],
  ['yes', schema({ type: 'boolean' }), 'Yes, it is', { content: '{"value":true}' }],
  ['no', schema({ type: 'boolean' }), 'no', { content: '{"value":false}' }],
  ['a choice', schema({ type: 'string', enum: ['Red', 'Blue'] }), 'blue', { content: '{"value":"Blue"}' }],
  ['null for what does not fit', schema({ type: ['number', 'null'] }), 'none', { content: '{"value":null}' }],
])('gives %s', (_, wish, answer, expected) => {
  expect(formatted(answer, formatOf(wish, ['f']))).toEqual(expected);
});

it.each([
  ['two numbers', schema({ type: 'number' }), '3 of 4'],
  ['a comma that is no thousands separator', schema({ type: 'number' }), '24,25'],
  ['a digit too many in a group', schema({ type: 'number' }), '1,2345'],
  ['a fraction for an integer', schema({ type: 'integer' }), '2.5'],
  ['a number that is too large for JSON', schema({ type: 'number' }), '9'.repeat(400)],
  ['a word for a boolean', schema({ type: 'boolean' }), 'nothing'],
  ['what is no choice', schema({ type: 'string', enum: ['a'] }), 'b'],
  ['a number beyond its bounds', schema({ type: 'integer', minimum: 0, maximum: 9 }), '10'],
])('refuses %s', (_, wish, answer) => {
  const { content, refusal } = formatted(answer, formatOf(wish, ['f']));
  expect(content).toBeUndefined();
  expect(refusal).toContain(answer);
});

const receipt = {
  type: 'json_schema' as const,
  schema: {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    type: 'object',
    properties: {
      shop: { type: 'string', description: 'as printed' },
      total: { type: 'number' },
      paid: { type: 'boolean' },
      items: { type: 'array', items: { type: 'string' }, maxItems: 3 },
      tip: { anyOf: [{ type: 'number' }, { type: 'null' }] },
      note: { type: 'string' },
    },
    required: ['shop', 'total', 'paid', 'items', 'tip'],
    additionalProperties: false,
  },
};

describe('an object of several properties', () => {
  const format = formatOf(receipt, ['f']);
  const written = { shop: 'A', total: 7.1, paid: true, items: ['tea', 'bun'], tip: null };

  it('is asked for in the question, and nothing else changes it', () => {
    const asked = { question: 'What?', images: [] };
    expect(asking(asked, format, ['f']).question).toBe(
      'What?\n\nAnswer with one JSON object and nothing else: {"shop": string, "total": number, "paid": boolean, "items": [string, ...], "tip": number or null, "note": string}',
    );
    expect(asking(asked, formatOf(schema({ type: 'number' }), ['f']), ['f'])).toBe(asked);
    expect(() => asking({ ...asked, question: 'x'.repeat(7_950) }, format, ['f'])).toThrow('8000');
  });

  it.each([
    ['JSON', JSON.stringify(written)],
    ['JSON in a fence', `Here:\n\`\`\`json\n${JSON.stringify(written, null, 2)}\n\`\`\``],
    ['a number as it was printed', JSON.stringify({ ...written, total: '$7.10' })],
    ['a member that nobody asked for', JSON.stringify({ ...written, other: { deep: 1 } })],
    ['no member that may be null', JSON.stringify({ ...written, tip: undefined })],
  ])('is filled from %s', (_, answer) => {
    expect(JSON.parse(formatted(answer, format).content ?? 'null')).toEqual(written);
  });

  it.each([
    ['no JSON', 'tea and a bun'],
    ['a list', '[1]'],
    ['JSON that is cut off', JSON.stringify(written).slice(0, -5)],
    ['a member that is missing', JSON.stringify({ ...written, shop: undefined })],
    ['null where it may not be', JSON.stringify({ ...written, shop: null })],
    ['a member of another type', JSON.stringify({ ...written, paid: 1 })],
    ['a list with an item of another type', JSON.stringify({ ...written, items: ['tea', 3] })],
    ['a list that is too long', JSON.stringify({ ...written, items: ['a', 'b', 'c', 'd'] })],
    ['a value where a list was asked for', JSON.stringify({ ...written, items: 'tea' })],
  ])('is refused for %s', (_, answer) => {
    const { content, refusal } = formatted(answer, format);
    expect(content).toBeUndefined();
    expect(refusal).toContain(answer);
  });
});

describe('what is not supported is named, before the run', () => {
  const nested = { type: 'object', properties: {} };
  it.each([
    ['none', undefined, 'a.b'],
    ['null', null, 'a.b'],
    ['a list', { type: 'array', items: { type: 'string' } }, 'a.b.type'],
    ['no property', { type: 'object', properties: {} }, 'a.b.properties'],
    ['an object in it', schema(nested).schema, 'a.b.properties.value.type'],
    ['a list of objects', schema({ type: 'array', items: nested }).schema, 'a.b.properties.value.items.type'],
    [
      'a list of lists',
      schema({ type: 'array', items: { type: 'array' } }).schema,
      'a.b.properties.value.items.type',
    ],
    ['a list of anything', schema({ type: 'array' }).schema, 'a.b.properties.value.items'],
    ['a pattern', schema({ type: 'string', pattern: '^a$' }).schema, 'a.b.properties.value.pattern'],
    ['choices of numbers', schema({ type: 'number', enum: ['1'] }).schema, 'a.b.properties.value.enum'],
    [
      'a union',
      schema({ anyOf: [{ type: 'string' }, { type: 'number' }] }).schema,
      'a.b.properties.value.type',
    ],
    ['definitions', { ...receipt.schema, $defs: {} }, 'a.b.$defs'],
    ['a schema that is true', schema(true).schema, 'a.b.properties.value'],
    ['a required name that is not there', { ...receipt.schema, required: ['x'] }, 'a.b.required.0'],
  ])('%s', (_, wish, path) => {
    expect(() => formatOf({ type: 'json_schema', schema: wish }, ['a', 'b'])).toThrow(
      expect.objectContaining({
        code: 'invalid_request',
        errors: [{ path, message: expect.stringMatching(/supported here: expected an object whose/) }],
      }),
    );
  });
});
