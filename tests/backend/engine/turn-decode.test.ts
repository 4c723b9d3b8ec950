import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SequenceDecoder } from '#backend/engine/decoder';
import { Drafter, type DraftSource } from '#backend/engine/drafts';
import { Automaton } from '#backend/engine/grammar/automaton';
import { TokenGrammar } from '#backend/engine/grammar/matcher';
import { turnPattern } from '#backend/engine/grammar/turn-pattern';
import { KvSequence } from '#backend/engine/kv-sequence';
import { prefill } from '#backend/engine/prefill';
import { Scheduler } from '#backend/engine/scheduler';
import { openTextCodec, type TextCodec } from '#backend/engine/tokenizer';
import { decodeTurn } from '#backend/engine/turn-decode';
import { TurnWriter } from '#backend/engine/turn-writer';
import { type LlavaModel, openLlava } from '#backend/models/llava';
import { fixtureFolder } from '../models/fixture.ts';

const BUDGET = 160;
const prompts = ['What does it cost?', '{"total":"12.50"} What is the total?', 'I read it. I read it.'];
let model: LlavaModel;
let codec: TextCodec;
let grammar: TokenGrammar;
beforeAll(async () => {
  model = await openLlava(fixtureFolder('grouped-f32'), { device: 'cpu', threads: 1 });
  codec = await openTextCodec(fixtureFolder('grouped-f32'), model.config.text.vocab_size);
  const language = { tools: ['OCR', 'Crop', 'Calculate', 'Terminate'], images: 2, final: false };
  grammar = new TokenGrammar(new Automaton(turnPattern(language)), codec.vocabulary);
});
afterAll(async () => model.release());

type Written = { readonly tokens: readonly number[]; readonly streamed: string; readonly passes: number };

/** Decodes the turns after all prompts, together, `rounds` times; gives those of the last round. */
async function decoded(drafts: Drafter, rounds = 1): Promise<Written[]> {
  const scheduler = new Scheduler(model);
  let last: Written[] = [];
  for (let round = 0; round < rounds; round++) {
    last = await Promise.all(
      prompts.map(async (text) => {
        const signal = new AbortController().signal;
        const decoder = new SequenceDecoder(scheduler, new KvSequence(scheduler.shape), signal);
        const writer = new TurnWriter(grammar, codec, BUDGET);
        const prompt = codec.encode(text);
        const first = await prefill(decoder, { ids: prompt, images: [] }, [], model.config);
        let streamed = '';
        let passes = 0;
        await decodeTurn({
          decoder: {
            sequence: decoder.sequence,
            appendKeeping: (ids, keep) => {
              passes++;
              return decoder.appendKeeping(ids, keep);
            },
          },
          writer,
          prompt,
          first,
          rows: () => 1,
          drafts,
          tenant: 'tenant',
          onText: (piece) => {
            streamed += piece;
          },
          signal,
        });
        const held = decoder.sequence.length;
        expect(held).toBeLessThanOrEqual(prompt.length + writer.tokens.length);
        decoder.release();
        return { tokens: writer.tokens, streamed, passes };
      }),
    );
  }
  return last;
}

const total = (turns: readonly Written[]): number => turns.reduce((sum, { passes }) => sum + passes, 0);
const sources: readonly (readonly DraftSource[])[] = [
  ['prompt'],
  ['tenant'],
  ['public'],
  ['prompt', 'tenant', 'public'],
];

describe('turns under the grammar', () => {
  test.each(sources.map((list) => ({ list, name: list.join(' and ') })))(
    'drafts from $name change no token, and save passes',
    async ({ list }) => {
      const costs = { fixed: () => 100 };
      const plain = await decoded(new Drafter(costs, [], []));
      const turns = plain.map(({ tokens }) => tokens);
      const drafter = new Drafter(costs, turns, list);
      // In the second round a tenant's own turns are known.
      const again = await decoded(drafter, 2);
      expect(again.map(({ tokens }) => tokens)).toEqual(turns);
      expect(again.map(({ streamed }) => streamed)).toEqual(plain.map(({ streamed }) => streamed));
      expect(drafter.counts.accepted).toBeGreaterThan(0);
      expect(total(again)).toBeLessThan(total(plain));
    },
  );

  test('wrong drafts change no token either', async () => {
    const plain = await decoded(new Drafter({ fixed: () => 0 }, [], []));
    const wrong = new Drafter({ fixed: () => 100 }, []);
    let proposed = 0;
    wrong.propose = ({ countMax, permitted, context }) => {
      const tokens = permitted([(context.length * 7) % 300, (context.length * 13) % 300].slice(0, countMax));
      proposed += tokens.length;
      return tokens.length === 0 ? { tokens } : { tokens, kind: 'public 2' };
    };
    const drafted = await decoded(wrong);
    expect(proposed).toBeGreaterThan(10);
    expect(drafted.map(({ tokens }) => tokens)).toEqual(plain.map(({ tokens }) => tokens));
  });
});
