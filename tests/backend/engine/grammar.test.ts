import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { Automaton, DEAD } from '#backend/engine/grammar/automaton';
import { TokenGrammar, TurnMatcher } from '#backend/engine/grammar/matcher';
import { bytes, choice, literal, repeat, sequence, star } from '#backend/engine/grammar/pattern';
import { type TurnLanguage, turnPattern } from '#backend/engine/grammar/turn-pattern';
import { Vocabulary } from '#backend/engine/grammar/vocabulary';
import { openTextCodec } from '#backend/engine/tokenizer';
import { imageIndex } from '#shared/conversation';
import { toolSpec, toolSpecs } from '#shared/tools/index';
import { parseTurn } from '#shared/turn';
import { fixtureFolder } from '../models/fixture.ts';

const everyTool = toolSpecs.map((spec) => spec.name);
const encoder = new TextEncoder();
let vocabulary: Vocabulary;
beforeAll(async () => {
  vocabulary = (await openTextCodec(fixtureFolder('grouped-f32'), 348)).vocabulary;
});

function accepts(automaton: Automaton, text: string): boolean {
  let state = automaton.start;
  for (const byte of encoder.encode(text)) {
    state = automaton.next(state, byte);
    if (state === DEAD) return false;
  }
  return automaton.isAccepting(state);
}

test('patterns: sequence, choice, star, repeat', () => {
  const automaton = new Automaton(
    sequence(choice(literal('a'), literal('é')), star(bytes([0x30, 0x39])), repeat(literal('z'), 1, 3)),
  );
  for (const text of ['az', 'é42zzz', 'a0zz']) expect(accepts(automaton, text)).toBe(true);
  for (const text of ['a', 'azzzz', 'b1z', 'é4', '\u00c3z']) expect(accepts(automaton, text)).toBe(false);
  expect(automaton.distance(automaton.start)).toBe(2);
});

describe('the language of turns', () => {
  const language: TurnLanguage = { tools: everyTool, images: 2, final: false };
  const automaton = new Automaton(turnPattern(language));
  const turn = (name: string, input: unknown): string =>
    JSON.stringify({ thought: 'why', actions: [{ name, arguments: input }] });

  test('every example of every tool is in it', () => {
    const all = new Automaton(turnPattern({ ...language, images: 3 }));
    for (const spec of toolSpecs) {
      for (const example of spec.examples) {
        expect(accepts(all, turn(spec.name, example.arguments)), JSON.stringify(example)).toBe(true);
      }
    }
  });

  const refused: ReadonlyArray<readonly [string, string]> = [
    ['no action', '{"thought":"","actions":[]}'],
    [
      'two actions',
      '{"thought":"","actions":[{"name":"OCR","arguments":{"image":"image-0"}},{"name":"OCR","arguments":{"image":"image-0"}}]}',
    ],
    ['an unknown tool', turn('Shell', {})],
    ['an image that does not exist', turn('OCR', { image: 'image-2' })],
    ['an argument too many', turn('OCR', { image: 'image-0', page: 1 })],
    ['an argument too few', turn('Crop', { image: 'image-0' })],
    ['a box outside of the image', turn('Crop', { image: 'image-0', bbox: [0, 0, 1.5, 1] })],
    ['a zoom of one', turn('ZoomIn', { image: 'image-0', bbox: [0, 0, 1, 1], zoom_factor: 1 })],
    ['an empty answer', turn('Terminate', { answer: '' })],
    ['a query of blanks', turn('SolveMathEquation', { query: ' \u00a0' })],
    [
      'a line feed in a string',
      '{"thought":"a\nb","actions":[{"name":"OCR","arguments":{"image":"image-0"}}]}',
    ],
    ['mixed separators', '{"thought":"","actions": [{"name": "OCR","arguments":{"image":"image-0"}}]}'],
    ['text after the end', `${turn('OCR', { image: 'image-0' })} `],
  ];
  test.each(refused)('%s is not in it', (_, text) => expect(accepts(automaton, text)).toBe(false));

  test('blanks after all separators are in it, and other scripts in strings', () => {
    expect(
      accepts(
        automaton,
        '{"thought": "×½ 漢字 🙂 \\n", "actions": [{"name": "OCR", "arguments": {"image": "image-1"}}]}',
      ),
    ).toBe(true);
    expect(accepts(automaton, turn('Terminate', { answer: '€ 12' }))).toBe(true);
    expect(accepts(automaton, turn('Terminate', { answer: '“ja”' }))).toBe(true);
  });

  test('the last step knows Terminate only', () => {
    const last = new Automaton(turnPattern({ ...language, final: true }));
    expect(accepts(last, turn('Terminate', { answer: '7' }))).toBe(true);
    expect(accepts(last, turn('OCR', { image: 'image-0' }))).toBe(false);
  });

  test('a tool that does not exist is the request’s fault', () => {
    expect(() => turnPattern({ ...language, tools: ['Shell'] })).toThrow(/no tool named "Shell"/);
  });
});

/** Writes a turn of random choices, each made by a number of `picks` among the permitted tokens. */
function randomTurn(
  grammar: TokenGrammar,
  budget: number,
  picks: readonly number[],
): { text: string; tokens: number } {
  const matcher = new TurnMatcher(grammar, budget);
  const written: number[] = [];
  let tokens = 0;
  while (!matcher.isDone) {
    const mask = matcher.mask();
    const permitted: number[] = [];
    for (let token = 0; token < vocabulary.size; token++) {
      const isInMask = (((mask[token >> 5] as number) >>> (token & 31)) & 1) === 1;
      if (isInMask && matcher.permits(token)) permitted.push(token);
    }
    expect(permitted).toContain(matcher.closingToken());
    const token = permitted[(picks[tokens % picks.length] as number) % permitted.length] as number;
    matcher.advance(token);
    written.push(...vocabulary.bytesOf(token));
    tokens++;
  }
  return { text: new TextDecoder('utf-8', { fatal: true }).decode(Uint8Array.from(written)), tokens };
}

describe('random walks under the mask', () => {
  const grammars = new Map<string, TokenGrammar>();
  const grammarOf = (language: TurnLanguage): TokenGrammar => {
    const key = JSON.stringify(language);
    const grammar = grammars.get(key) ?? new TokenGrammar(new Automaton(turnPattern(language)), vocabulary);
    grammars.set(key, grammar);
    return grammar;
  };

  test('every turn parses, its arguments fit the spec, and it ends within the budget', () => {
    const walk = fc.record({
      images: fc.integer({ min: 1, max: 12 }),
      final: fc.boolean(),
      budget: fc.integer({ min: 64, max: 400 }),
      picks: fc.array(fc.nat(), { minLength: 8, maxLength: 64 }),
    });
    fc.assert(
      fc.property(walk, ({ images, final, budget, picks }) => {
        const { text, tokens } = randomTurn(grammarOf({ tools: everyTool, images, final }), budget, picks);
        expect(tokens).toBeLessThanOrEqual(budget);
        const parsed = parseTurn(text);
        expect(parsed.ok, text).toBe(true);
        if (!parsed.ok) return;
        const [action] = parsed.turn.actions;
        const spec = toolSpec(action?.name ?? '');
        expect(spec?.arguments.safeParse(action?.arguments).error, text).toBeUndefined();
        if (final) expect(action?.name).toBe('Terminate');
        for (const argument of spec?.imageArguments ?? []) {
          for (const name of [action?.arguments[argument]].flat())
            expect(imageIndex(String(name), images)).toBeDefined();
        }
      }),
      { numRuns: 60, seed: 5, endOnFailure: true },
    );
  });

  test('strings stay within their bounds, however long the model goes on', () => {
    const walk = fc.array(fc.nat(), { minLength: 40, maxLength: 200 });
    const grammar = grammarOf({ tools: ['Calculate'], images: 1, final: false });
    fc.assert(
      fc.property(walk, (picks) => {
        const parsed = parseTurn(randomTurn(grammar, 4096, picks).text);
        if (!parsed.ok) throw new Error(parsed.reason);
        expect(parsed.turn.thought.length).toBeLessThanOrEqual(600);
        expect(String(parsed.turn.actions[0]?.arguments['expression']).length).toBeLessThanOrEqual(256);
      }),
      { numRuns: 12, seed: 6, endOnFailure: true },
    );
  });

  test('a budget below the shortest turn still gives a turn', () => {
    const { text } = randomTurn(grammarOf({ tools: everyTool, images: 1, final: true }), 1, [0]);
    expect(parseTurn(text).ok).toBe(true);
  });
});

describe('the vocabulary', () => {
  const single = new Map(Array.from({ length: 256 }, (_, byte) => [byte, Uint8Array.of(byte)] as const));

  test('finds longest matches, and tokens of equal bytes', () => {
    const tokens = new Map([
      ...single,
      [256, encoder.encode('ab')],
      [257, encoder.encode('abc')],
      [258, encoder.encode('ab')],
    ]);
    const vocabulary = new Vocabulary(300, tokens);
    expect(vocabulary.longestMatch(encoder.encode('abd'))).toBe(258);
    expect(vocabulary.longestMatch(encoder.encode('abcd'))).toBe(257);
    const seen: number[] = [];
    const automaton = new Automaton(sequence(literal('a'), star(literal('b'))));
    vocabulary.visit(
      automaton.start,
      (state, byte) => automaton.next(state, byte),
      (token) => seen.push(token),
    );
    expect(seen.sort((a, b) => a - b)).toEqual([0x61, 256, 258]);
  });

  test('without a token for every byte it cannot promise a turn', () => {
    const tokens = new Map([...single].filter(([byte]) => byte !== 0x7b));
    expect(() => new Vocabulary(300, tokens)).toThrow(/the byte 123/);
  });
});
