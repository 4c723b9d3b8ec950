import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { TURN_CHARS_MAX } from '#shared/limits';
import { turnText } from '#shared/prompt';
import { parseTurn, type Turn } from '#shared/turn';

const ocr = { name: 'OCR', arguments: { image: 'image-0' } };
const read: Turn = { thought: 'Read it.', actions: [ocr] };
const json = JSON.stringify(read);

/** The reference's parser tolerates or wrongly refuses these; models write all of them. */
describe('accepted', () => {
  test.each<[string, string, Turn]>([
    ['compact JSON', json, read],
    ['JSON with white space', JSON.stringify(read, null, 2), read],
    ['prose around it', `Sure! ${json} Hope that helps.`, read],
    ['a single quote mark in the prose', `It is 5" wide. ${json}`, read],
    ['a fence', `\`\`\`json\n${json}\n\`\`\``, read],
    ['a fence that is not closed', `\`\`\`json\n${json}`, read],
    ['a plain fence', `\`\`\`\n${json}\n\`\`\``, read],
    ['a trailing period', `${json}.`, read],
    ['a byte order mark', `\uFEFF${json}`, read],
    ['a second object', `${json}\n{"thought":"","actions":[]}`, read],
    ['another object before it', `{"note": 1} ${json}`, read],
    ['braces in the prose', `{so} ${json}`, read],
    ['no thought', JSON.stringify({ actions: [ocr] }), { thought: '', actions: [ocr] }],
    ['further keys', JSON.stringify({ ...read, step: 1, actions: [{ ...ocr, id: 7 }] }), read],
    ['no action', '{"thought":"Hm.","actions":[]}', { thought: 'Hm.', actions: [] }],
    [
      'an unknown action',
      '{"thought":"","actions":[{"name":"Fly","arguments":{}}]}',
      {
        thought: '',
        actions: [{ name: 'Fly', arguments: {} }],
      },
    ],
    [
      'a second action, which is ignored',
      JSON.stringify({ thought: '', actions: [ocr, { name: 'Crop', arguments: {} }] }),
      {
        thought: '',
        actions: [ocr],
      },
    ],
    [
      'a second action that is none',
      JSON.stringify({ thought: '', actions: [ocr, 'Crop'] }),
      { thought: '', actions: [ocr] },
    ],
    ['an opening brace in a string', '{"thought":"a { b","actions":[]}.', { thought: 'a { b', actions: [] }],
    ['a closing brace in a string', '{"thought":"a } b","actions":[]}.', { thought: 'a } b', actions: [] }],
    [
      'an escaped quote before a brace',
      '{"thought":"a \\"} b","actions":[]}.',
      { thought: 'a "} b', actions: [] },
    ],
    [
      'nesting beyond four levels',
      '{"thought":"","actions":[{"name":"X","arguments":{"a":[[{"b":[{"c":1}]}]]}}]}.',
      {
        thought: '',
        actions: [{ name: 'X', arguments: { a: [[{ b: [{ c: 1 }] }]] } }],
      },
    ],
  ])('%s', (_case, text, expected) => {
    expect(parseTurn(text)).toEqual({ ok: true, turn: expected });
  });
});

describe('refused, with a reason that says what is wrong', () => {
  test.each<[string, string, RegExp]>([
    ['nothing', '', /found none/],
    ['prose', 'The total is $12.', /found none/],
    ['single quotes', "{'thought': '', 'actions': []}", /found none/],
    ['a trailing comma', '{"thought":"","actions":[],}', /found none/],
    ['a raw line feed in a string', '{"thought":"a\nb","actions":[]}', /found none/],
    ['JSON that is not closed', json.slice(0, -1), /found none/],
    ['NaN', '{"thought":"","actions":[{"name":"X","arguments":{"a":NaN}}]}', /found none/],
    ['an array', '[]', /no turn/],
    ['a number', '12', /no turn/],
    ['no actions', '{"thought":"x"}', /actions/],
    ['no actions, with prose', 'Well: {"thought":"x"}', /actions/],
    ['null for actions', '{"thought":"x","actions":null}', /actions/],
    ['an object for actions', '{"thought":"x","actions":{"name":"OCR"}}', /actions/],
    ['an action without a name', '{"thought":"x","actions":[{"arguments":{}}]}', /name/],
    ['an action without arguments', '{"thought":"x","actions":[{"name":"OCR"}]}', /arguments/],
    ['a list of arguments', '{"thought":"x","actions":[{"name":"OCR","arguments":[1]}]}', /arguments/],
    ['a number as thought', '{"thought":5,"actions":[]}', /thought/],
    ['a text beyond the bound', ' '.repeat(TURN_CHARS_MAX + 1), /at most 16000 characters/],
    ['brackets nested 7,000 deep', deep(7_000), /deeper than 32/],
    ['the same in prose', `So: ${deep(7_000)}`, /deeper than 32/],
  ])('%s', (_case, text, reason) => {
    const parsed = parseTurn(text);
    expect(parsed).toMatchObject({ ok: false, reason: expect.stringMatching(reason) });
  });
});

function deep(levels: number): string {
  return `{"thought":"","actions":[{"name":"X","arguments":{"a":${'['.repeat(levels)}${']'.repeat(levels)}}}]}`;
}

test('the word Terminate in a thought ends nothing', () => {
  const parsed = parseTurn('{"thought":"I could Terminate now.","actions":[]}');
  expect(parsed).toEqual({ ok: true, turn: { thought: 'I could Terminate now.', actions: [] } });
});

test('no key of a turn reaches the prototype of objects', () => {
  parseTurn(
    '{"thought":"","actions":[{"name":"X","arguments":{"__proto__":{"polluted":1}}}],"__proto__":{"polluted":1}}',
  );
  expect('polluted' in {}).toBe(false);
});

test('no text makes the parser throw', () => {
  const pieces = fc.constantFrom(
    '{',
    '}',
    '[',
    ']',
    '"',
    '\\',
    ':',
    ',',
    'thought',
    '"actions"',
    '1e999',
    ' ',
    '\n',
    'null',
  );
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 200 }), (parts) => {
      expect(typeof parseTurn(parts.join('')).ok).toBe('boolean');
    }),
    { numRuns: 500 },
  );
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(typeof parseTurn(text).ok).toBe('boolean');
    }),
  );
});

test('every turn that we write is read back as it was, bare and in prose', () => {
  const turns = fc.record({
    thought: fc.string({ unit: 'grapheme' }),
    actions: fc.array(
      fc.record({
        name: fc.string(),
        arguments: fc.dictionary(
          fc.string().filter((key) => key !== '__proto__'),
          fc.string({ unit: 'grapheme' }),
        ),
      }),
      { maxLength: 1 },
    ),
  });
  fc.assert(
    fc.property(turns, (turn) => {
      expect(parseTurn(turnText(turn))).toEqual({ ok: true, turn });
      expect(parseTurn(`Here: ${turnText(turn)}.`)).toEqual({ ok: true, turn });
    }),
  );
});
