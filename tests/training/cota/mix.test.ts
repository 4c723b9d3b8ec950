import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { messagesOfTrace } from '#training/cota/formats';
import { formOf } from '#training/cota/forms';
import { mix, type Recipe } from '#training/cota/mix';
import { traceOf } from '#training/cota/programs';
import { writeShard } from '#training/cota/shards';
import { answerOf, type CotaTrace } from '#training/cota/trace';
import { freshFolder, traceWhere } from './support.ts';

const sum = traceWhere(({ steps }) => steps.length === 3);
const crop: CotaTrace = {
  ...sum,
  id: 'crop',
  steps: [
    {
      turn: {
        thought: 'Closer.',
        actions: [{ name: 'Crop', arguments: { image: 'image-0', bbox: [0, 0, 1, 1] } }],
      },
      observation: { bbox: [0, 0, 1, 1] },
      image: { type: 'file', path: 'closer.png' },
    },
    ...sum.steps,
  ],
};

test('the other forms answer alike, in one turn', () => {
  for (const form of ['cot', 'direct'] as const) {
    const made = formOf[form](sum);
    expect(made?.steps).toHaveLength(1);
    expect(made && answerOf(made)).toBe(answerOf(sum));
  }
  expect(formOf.cot(sum)?.steps[0]?.turn.thought).toContain(sum.steps[1]?.turn.thought);
  expect(formOf.cota({ ...sum, form: 'direct' })).toBeUndefined();
});

test('an example is what the engine serves: image markers count all images, and Terminate is last', () => {
  const messages = messagesOfTrace(crop);
  const markers = messages.map(({ content }) => content.split('<image>').length - 1);
  expect(markers.reduce((total, count) => total + count, 0)).toBe(2);
  expect(messages.map(({ role }) => role)).toEqual([
    'system',
    ...Array.from({ length: 4 }, () => ['user', 'assistant']).flat(),
  ]);
  expect(messages.at(-1)?.content).toContain('Terminate');
  expect(messages[3]?.content).toContain('image-1: <image>');
});

test('the planner fields of an observation are what is learnt', () => {
  const [step] = sum.steps;
  if (!step) throw new Error('a trace has steps');
  const wide = {
    ...sum,
    steps: [{ ...step, observation: { text: 'TOTAL 3', regions: [] } }, ...sum.steps.slice(1)],
  };
  expect(messagesOfTrace(wide)[3]?.content).toBe('OBSERVATION:\n{"text":"TOTAL 3"}');
});

const recipe = {
  seed: 1,
  parts: [
    { form: 'cota', share: 1, sources: { 'scene/blank': 0 } },
    { form: 'direct', share: 0.5, sources: {} },
  ],
} satisfies Recipe;

test('takes the shares of the recipe, the same ones each time, and draws the pictures', async () => {
  const folder = await freshFolder();
  const traces = Array.from({ length: 40 }, (_, index) => traceOf(9, index));
  await writeShard(folder, 0, traces);
  const options = { format: 'llava' } as const;
  const counts = await mix(folder, join(folder, 'a.jsonl'), recipe, options);
  await mix(folder, join(folder, 'b.jsonl'), recipe, options);
  const text = await readFile(join(folder, 'a.jsonl'), 'utf8');
  expect(await readFile(join(folder, 'b.jsonl'), 'utf8')).toBe(text);
  const of = (form: string): number =>
    Object.entries(counts).reduce((sum, [name, count]) => sum + (name.startsWith(`${form} `) ? count : 0), 0);
  expect(of('cota')).toBe(traces.filter(({ source }) => source !== 'scene/blank').length);
  expect(counts['cota scene/blank']).toBeUndefined();
  expect(of('direct')).toBeGreaterThan(8);
  expect(of('direct')).toBeLessThan(32);
  const [first] = text.split('\n');
  const example = JSON.parse(first ?? '');
  expect(example.conversations.map(({ from }: { from: string }) => from).slice(0, 2)).toEqual([
    'human',
    'gpt',
  ]);
});

test('forms of one trace share one picture', async () => {
  const folder = await freshFolder();
  await writeShard(folder, 0, [traceOf(9, 0)]);
  const forms = ['direct', 'cota'] as const;
  const both = { seed: 1, parts: forms.map((form) => ({ form, share: 1, sources: {} })) };
  await mix(folder, join(folder, 'mix.jsonl'), both, { format: 'chat', images: join(folder, 'pictures') });
  const lines = (await readFile(join(folder, 'mix.jsonl'), 'utf8'))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(lines).toHaveLength(2);
  expect(lines[0].images).toEqual(lines[1].images);
  const file = await readFile(join(folder, 'pictures', lines[0].images[0]));
  expect(file.subarray(0, 2)).toEqual(Buffer.from([0xff, 0xd8]));
});
