import { beforeAll, expect, test } from 'vitest';
import { Automaton } from '#backend/engine/grammar/automaton';
import { TokenGrammar } from '#backend/engine/grammar/matcher';
import { turnPattern } from '#backend/engine/grammar/turn-pattern';
import { Vocabulary } from '#backend/engine/grammar/vocabulary';
import { openTextCodec, type TextCodec } from '#backend/engine/tokenizer';
import { bestToken, TurnWriter } from '#backend/engine/turn-writer';
import { fixtureFolder } from '../models/fixture.ts';

const VOCABULARY = 348;
let codec: TextCodec;
let grammar: TokenGrammar;
beforeAll(async () => {
  codec = await openTextCodec(fixtureFolder('grouped-f32'), VOCABULARY);
  const language = { tools: ['OCR', 'Crop', 'ZoomIn', 'Calculate', 'Terminate'], images: 2, final: false };
  grammar = new TokenGrammar(new Automaton(turnPattern(language)), codec.vocabulary);
});

const turns = [
  '{"thought":"I read the text first.","actions":[{"name":"OCR","arguments":{"image":"image-0"}}]}',
  '{"thought":"","actions":[{"name":"ZoomIn","arguments":{"image":"image-1","bbox":[0,0.25,1,0.5],"zoom_factor":2.5}}]}',
  '{"thought":"Two of them — 2 × 4.50 €.","actions":[{"name":"Calculate","arguments":{"expression":"2 * 4.50"}}]}',
  '{"thought": "It says so.", "actions": [{"name": "Terminate", "arguments": {"answer": "12.50"}}]}',
];

test.each(turns)('forced tokens are the tokenizer’s own, and save passes: %s', (text) => {
  const ids = codec.encode(text);
  const writer = new TurnWriter(grammar, codec, 512);
  let passes = 0;
  // A model that is sure of the next canonical token.
  while (!writer.isDone) {
    const logits = new Float32Array(VOCABULARY);
    logits[ids[writer.tokens.length] as number] = 1;
    writer.write(logits);
    passes++;
  }
  expect(writer.text).toBe(text);
  expect(writer.tokens).toEqual(ids);
  expect(passes).toBeLessThan(ids.length);
});

test('a forced token that the next character would join is left to the model', () => {
  // Bytes, and one token over the edge between forced text and free text.
  const tokens = new Map(Array.from({ length: 256 }, (_, byte) => [byte, Uint8Array.of(byte)] as const));
  const vocabulary = new Vocabulary(257, tokens.set(256, new TextEncoder().encode(':"!')));
  const encode = (text: string): number[] => {
    const bytes = new TextEncoder().encode(text);
    const ids: number[] = [];
    for (let start = 0; start < bytes.length; ) {
      const id = vocabulary.longestMatch(bytes.subarray(start)) as number;
      ids.push(id);
      start += vocabulary.bytesOf(id).length;
    }
    return ids;
  };
  const language = { tools: ['Calculate'], images: 1, final: false };
  const bytewise = new TokenGrammar(new Automaton(turnPattern(language)), vocabulary);
  const text = '{"thought":"a","actions":[{"name":"Calculate","arguments":{"expression":"!5"}}]}';
  const ids = encode(text);
  const writer = new TurnWriter(bytewise, { ...codec, vocabulary, encode }, 512);
  while (!writer.isDone) {
    const logits = new Float32Array(257);
    logits[ids[writer.tokens.length] as number] = 1;
    writer.write(logits);
  }
  expect(writer.tokens).toEqual(ids);
});

test('what a model may not write is not written, however sure it is', () => {
  const writer = new TurnWriter(grammar, codec, 64);
  const logits = new Float32Array(VOCABULARY);
  for (const special of codec.specials) logits[codec.encode(special)[0] as number] = 100;
  while (!writer.isDone) writer.write(logits);
  for (const special of codec.specials) expect(writer.text).not.toContain(special);
  expect(writer.tokens.length).toBeLessThanOrEqual(64);
});

test('a model that loops in its thought is led out of the loop', () => {
  const writer = new TurnWriter(grammar, codec, 512);
  const [loved = 0] = codec.encode('!');
  const [quote = 0] = codec.encode('"');
  while (!writer.isDone) {
    const logits = new Float32Array(VOCABULARY);
    logits[loved] = 2;
    logits[quote] = 1;
    writer.write(logits);
  }
  expect(writer.text).toContain('!!!!!!!!');
  expect(writer.tokens.length).toBeLessThan(200);
});

test('the best token of a mask, the first of equals', () => {
  const mask = Uint32Array.of(1 << 31, 0b101);
  expect(
    bestToken(
      Float32Array.from({ length: 64 }, (_, id) => (id === 34 ? 2 : 1)),
      mask,
    ),
  ).toBe(34);
  expect(bestToken(new Float32Array(64), mask)).toBe(31);
  expect(bestToken(new Float32Array(64), new Uint32Array(2))).toBe(-1);
});
