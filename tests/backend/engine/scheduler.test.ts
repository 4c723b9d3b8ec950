import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SequenceDecoder } from '#backend/engine/decoder';
import { type KvPrefix, KvSequence } from '#backend/engine/kv-sequence';
import { KvStore } from '#backend/engine/kv-store';
import { placesOf } from '#backend/engine/places';
import { prefill } from '#backend/engine/prefill';
import type { Prompt } from '#backend/engine/prompts';
import { Scheduler } from '#backend/engine/scheduler';
import { openModel } from '#backend/models/architectures';
import type { ImageLayout, VisionLanguageModel } from '#backend/models/vision-language';
import { expectedOf, fixtureFolder, fixtures } from '../models/fixture.ts';

const never = new AbortController().signal;
const TOKENS = 24;

/** Shape of the new tokens of every run of the graph, [rows, tokens]. */
type Passes = Array<readonly number[]>;

/** The model, and what it is asked: it computes what it always does. */
function watched(model: VisionLanguageModel): {
  readonly model: VisionLanguageModel;
  readonly passes: Passes;
} {
  const passes: Passes = [];
  const run: VisionLanguageModel['decoder']['run'] = (feeds, outputs) => {
    passes.push(feeds['input_ids']?.dims ?? []);
    return model.decoder.run(feeds, outputs);
  };
  return { model: { ...model, decoder: { ...model.decoder, run } }, passes };
}

function best(logits: Float32Array): number {
  return logits.indexOf(Math.max(...logits));
}

/** Greedy tokens after the logits of the prompt. */
async function greedy(decoder: SequenceDecoder, first: Float32Array, count = TOKENS): Promise<number[]> {
  const tokens = [best(first)];
  while (tokens.length < count) tokens.push(best(await decoder.append(tokens.slice(-1))));
  return tokens;
}

describe.each(fixtures)('%s', (fixture) => {
  const expected = expectedOf(fixture);
  let model: VisionLanguageModel;
  let layouts: ImageLayout[];
  let features: Float32Array[];
  let prompts: Prompt[];
  let alone: number[][];

  const layout = () => model.config;
  const open = (
    scheduler: Scheduler,
    { ids }: Prompt,
    { sequence = new KvSequence(scheduler.shape), signal = never } = {},
  ) => new SequenceDecoder(scheduler, sequence, signal, placesOf(ids, layouts, model.config.imageToken));
  const run = async (
    scheduler: Scheduler,
    prompt: Prompt,
    { sequence = new KvSequence(scheduler.shape), signal = never, count = TOKENS } = {},
  ): Promise<number[]> => {
    const decoder = open(scheduler, prompt, { sequence, signal });
    try {
      return await greedy(decoder, await prefill(decoder, prompt, features, layout()), count);
    } finally {
      decoder.release();
    }
  };

  beforeAll(async () => {
    model = await openModel(fixtureFolder(fixture), { device: 'cpu', threads: 1 });
    layouts = expected.images.map((image) => model.images.layout(image));
    features = expected.image_features.map(({ values }) => values);
    // Ragged: the whole prompt, cut ones, and ones that are longer than a chunk.
    const { input_ids: ids } = expected;
    const plain = ids.filter((id) => id !== model.config.imageToken);
    const of = (list: readonly number[]): Prompt => ({ ids: list, images: ['a', 'b'], layouts });
    const long = Array.from({ length: 12 }, () => plain).flat();
    prompts = [
      of(ids),
      of(ids.slice(0, -3)),
      of([...ids, ...plain]),
      of([...ids, ...long]),
      of([...ids, ...long.slice(5)]),
      of([...ids, ...ids.slice(-1), ...plain.slice(0, 9)]),
    ];
    alone = [];
    for (const prompt of prompts) alone.push(await run(new Scheduler(model), prompt));
  });
  afterAll(async () => model.release());

  test('alone writes what transformers writes', () => {
    expect(alone[0]?.slice(0, expected.greedy.length)).toEqual(expected.greedy.slice(0, TOKENS));
    expect(new Set(alone.map((tokens) => tokens.join())).size).toBeGreaterThan(2);
  });

  test('rows of different lengths that come and go write together what each writes alone', async () => {
    const { model: seen, passes } = watched(model);
    const scheduler = new Scheduler(seen);
    const together = await Promise.all(
      prompts.map((prompt, index) => run(scheduler, prompt, { count: TOKENS - 3 * index })),
    );
    expect(together).toEqual(alone.map((tokens, index) => tokens.slice(0, TOKENS - 3 * index)));
    expect(Math.max(...passes.map(([rows = 0]) => rows))).toBeGreaterThanOrEqual(prompts.length - 1);
    expect(scheduler.rows).toBe(0);
  });

  test('a shared beginning, batched, changes nothing', async () => {
    const scheduler = new Scheduler(model);
    const length = expected.input_ids.length - 3;
    const beginning = { ...(prompts[0] as Prompt), ids: expected.input_ids.slice(0, length) };
    const decoder = open(scheduler, beginning);
    await prefill(decoder, beginning, features, layout());
    const prefix: KvPrefix = decoder.sequence.freeze();
    const longer = prompts
      .map((prompt, index) => ({ prompt, index }))
      .filter(({ prompt }) => prompt.ids.length > length);
    const before = scheduler.counts.tokens;
    const together = await Promise.all(
      longer.map(({ prompt }) =>
        run(scheduler, prompt, { sequence: new KvSequence(scheduler.shape, prefix) }),
      ),
    );
    expect(together).toEqual(longer.map(({ index }) => alone[index]));
    const fresh = longer.reduce((sum, { prompt }) => sum + prompt.ids.length - length + TOKENS - 1, 0);
    expect(scheduler.counts.tokens - before).toBe(fresh);
  });

  test('right and wrong drafts, verified in one pass beside other rows, change nothing', async () => {
    const { model: seen, passes } = watched(model);
    const scheduler = new Scheduler(seen);
    const drafted = async (prompt: Prompt, truth: readonly number[]): Promise<number[]> => {
      const decoder = open(scheduler, prompt);
      const tokens = [best(await prefill(decoder, prompt, features, layout()))];
      while (tokens.length < TOKENS) {
        // Every third drafted token is wrong.
        const draft = truth
          .slice(tokens.length, tokens.length + 3)
          .map((token, index) => (index === tokens.length % 3 ? (token + 1) % 50 : token));
        const logits = await decoder.appendKeeping([...tokens.slice(-1), ...draft], draft.length + 1);
        let accepted = 0;
        for (;;) {
          const token = best(logits[accepted] as Float32Array);
          tokens.push(token);
          if (draft[accepted] !== token) break;
          accepted++;
        }
        decoder.sequence.truncate(decoder.sequence.length - draft.length + accepted);
      }
      decoder.release();
      return tokens.slice(0, TOKENS);
    };
    const together = await Promise.all([
      ...prompts.slice(0, 3).map((prompt, index) => drafted(prompt, alone[index] as number[])),
      run(scheduler, prompts[3] as Prompt),
    ]);
    expect(together).toEqual(alone.slice(0, 4));
    expect(passes.some(([rows = 0, width = 0]) => rows > 1 && width > 1)).toBe(true);
  });

  test('a sequence that was evicted is computed again, to the same tokens', async () => {
    const scheduler = new Scheduler(model);
    const store = new KvStore(scheduler.shape, layout(), 2_048);
    for (const round of ['first', 'again']) {
      for (const [index, prompt] of prompts.entries()) {
        const sequence = store.acquire(`run ${index}`, prompt);
        expect(await run(scheduler, prompt, { sequence })).toEqual(alone[index]);
        store.park(`run ${index}`, prompt, sequence);
        expect(store.tokens).toBeLessThanOrEqual(2_048);
      }
      if (round === 'first') expect(prompts.some((_, index) => !store.has(`run ${index}`))).toBe(true);
    }
  });

  test('a row that is given up leaves within a pass, and the others do not notice', async () => {
    const { model: seen, passes } = watched(model);
    const scheduler = new Scheduler(seen);
    const controller = new AbortController();
    const others = [0, 1].map((index) => run(scheduler, prompts[index] as Prompt));
    const decoder = open(scheduler, prompts[2] as Prompt, { signal: controller.signal });
    await prefill(decoder, prompts[2] as Prompt, features, layout());
    const length = decoder.sequence.length;
    const asked = decoder.append([7]);
    controller.abort(new Error('the client left'));
    await expect(asked).rejects.toThrow('the client left');
    expect(decoder.sequence.length).toBe(length);
    decoder.release();
    passes.length = 0;
    expect(await Promise.all(others)).toEqual(alone.slice(0, 2));
    expect(Math.max(...passes.map(([rows = 0]) => rows))).toBeLessThanOrEqual(2);
    expect(scheduler.rows).toBe(0);
  });

  test('what crosses the graph for a token is its own row and its logits', async () => {
    const scheduler = new Scheduler(model);
    const { layers, heads, headSize } = scheduler.shape;
    const { vocab_size: vocabulary } = model.config.text;
    const decoder = open(scheduler, prompts[0] as Prompt);
    await prefill(decoder, prompts[0] as Prompt, features, layout());
    const before = { ...scheduler.counts };
    await decoder.append([7]);
    // Three indices of eight bytes, or five; one float hides or shows each slot of the past.
    const bound = (layers * heads * headSize * 2 + vocabulary + decoder.sequence.capacity) * 4 + 40;
    expect(scheduler.counts.bytes - before.bytes).toBeLessThanOrEqual(bound);
    decoder.release();
  });
});

test('a long prompt and the tokens of another row take turns', async () => {
  const opened = await openModel(fixtureFolder('grouped-f32'), { device: 'cpu', threads: 1 });
  const { model, passes } = watched(opened);
  const scheduler = new Scheduler(model);
  const layout = model.config;
  const open = () => new SequenceDecoder(scheduler, new KvSequence(scheduler.shape), never);
  const [writer, reader] = [open(), open()];
  const first = await prefill(writer, { ids: [3, 4, 5], images: [] }, [], layout);
  passes.length = 0;
  const ids = Array.from({ length: 1_300 }, (_, index) => 3 + (index % 40));
  await Promise.all([greedy(writer, first, 40), prefill(reader, { ids, images: [] }, [], layout)]);
  const widths = passes.map(([, width = 0]) => width);
  const chunks = widths.flatMap((width, index) => (width > 16 ? [index] : []));
  expect(chunks.length).toBe(6);
  expect(Math.max(...widths)).toBeLessThanOrEqual(256);
  // One token of the writer between two chunks: neither waits for the other's end.
  const gaps = chunks.slice(1).map((at, index) => at - (chunks[index] as number));
  expect(gaps).toEqual(gaps.map(() => 2));
  await opened.release();
});
