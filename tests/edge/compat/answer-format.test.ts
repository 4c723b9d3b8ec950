import { describe, expect, it } from 'vitest';
import { formatOf, formatted } from '#edge/compat/answer-format';

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
])('refuses %s', (_, wish, answer) => {
  const { content, refusal } = formatted(answer, formatOf(wish, ['f']));
  expect(content).toBeUndefined();
  expect(refusal).toContain(answer);
});

describe('a schema that cannot be met is refused before the run', () => {
  it.each([
    ['none', undefined],
    ['null', null],
    ['a list', { type: 'array', items: { type: 'string' } }],
    ['two properties', schema({ type: 'string' }, { other: { type: 'string' } }).schema],
    ['no property', { type: 'object', properties: {} }],
    ['an object in it', schema({ type: 'object', properties: {} }).schema],
    ['a bound that is not kept', schema({ type: 'string', pattern: '^a$' }).schema],
    ['choices that are no strings', schema({ type: 'number', enum: ['1'] }).schema],
    ['a schema that is true', schema(true).schema],
  ])('%s', (_, wish) => {
    expect(() => formatOf({ type: 'json_schema', schema: wish }, ['a', 'b'])).toThrow(
      expect.objectContaining({
        code: 'invalid_request',
        errors: [{ path: 'a.b', message: expect.stringMatching(/^expected a schema of an object with one/) }],
      }),
    );
  });
});
