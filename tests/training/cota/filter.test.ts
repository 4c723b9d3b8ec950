import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { checks } from '#training/cota/checks';
import { filter } from '#training/cota/filter';
import { traceOf } from '#training/cota/programs';
import { reexecute } from '#training/cota/reexecute';
import { writeShard } from '#training/cota/shards';
import { openToolBench } from '#training/cota/tool-bench';
import type { CotaStep, CotaTrace } from '#training/cota/trace';
import { uselessness } from '#training/cota/usefulness';
import { freshFolder, tracesOf, traceWhere } from './support.ts';

const sound = traceWhere(
  ({ type, steps, truth }) =>
    type === 'sumTwo' &&
    truth.type === 'number' &&
    steps.some(({ turn }) => turn.actions[0]?.name === 'Calculate'),
);
const calculation = sound.steps.findIndex(({ turn }) => turn.actions[0]?.name === 'Calculate');

const reasonsOf = async (trace: CotaTrace): Promise<string[]> => {
  const found = await Promise.all(
    Object.entries(checks).map(async ([name, check]) => ((await check(trace)) === undefined ? [] : [name])),
  );
  return found.flat();
};
const withStep = (index: number, change: (step: CotaStep) => CotaStep): CotaTrace => ({
  ...sound,
  steps: sound.steps.map((step, at) => (at === index ? change(step) : step)),
});
const calling =
  (name: string, input: CotaStep['turn']['actions'][number]['arguments']) => (step: CotaStep) => ({
    ...step,
    turn: { ...step.turn, actions: [{ name, arguments: input }] },
  });

describe('a check', () => {
  test('lets a sound trace pass', async () => expect(await reasonsOf(sound)).toEqual([]));

  test.each([
    [
      'a call with a hidden argument',
      withStep(0, calling('OCR', { image: 'image-0', engine: 'x' })),
      'format',
    ],
    ['a call of an image that is not there', withStep(0, calling('OCR', { image: 'image-4' })), 'format'],
    ['Terminate before the end', withStep(0, calling('Terminate', { answer: '1' })), 'format'],
    ['no Terminate', { ...sound, steps: sound.steps.slice(0, -1) }, 'format'],
    [
      'an image that no tool made',
      withStep(0, (step) => ({ ...step, image: { type: 'file', path: 'x.jpg' } })),
      'images',
    ],
    [
      'a crop without its image',
      withStep(0, calling('Crop', { image: 'image-0', bbox: [0, 0, 1, 1] })),
      'images',
    ],
    ['a novel', withStep(0, (step) => ({ ...step, observation: { text: 'x'.repeat(20_000) } })), 'length'],
    [
      'a result that the tool does not give',
      withStep(calculation, (step) => ({ ...step, observation: { result: 1 } })),
      'inline_tools',
    ],
    ['a wrong answer', { ...sound, truth: { type: 'number', value: -7 } }, 'answer'],
  ] as const)('finds %s', async (_, trace, reason) => {
    expect(await reasonsOf(trace as CotaTrace)).toContain(reason);
  });

  test('finds an amount that stands nowhere', async () => {
    const made = withStep(calculation, (step) => ({
      ...calling('Calculate', { expression: '981.37 + 1' })(step),
      observation: { result: 982.37 },
    }));
    expect(await reasonsOf(made)).toEqual(['grounded']);
  });
});

test('a source is useless by the rules of the paper', () => {
  const counts = { cot_correct: 0, cot_wrong: 0, cota_correct: 50, cota_wrong: 50 };
  expect(uselessness(counts)).toBeUndefined();
  expect(uselessness({ ...counts, cota_correct: 40, cota_wrong: 60 })).toMatch(/wrong answers/);
  expect(uselessness({ cot_correct: 60, cot_wrong: 0, cota_correct: 40, cota_wrong: 0 })).toMatch(
    /without tools/,
  );
  expect(uselessness({ cot_correct: 55, cot_wrong: 0, cota_correct: 45, cota_wrong: 0 })).toBeUndefined();
});

test('keeps the sound ones, and reports what fell out', async () => {
  const [from, to] = [await freshFolder(), await freshFolder()];
  const wrong: CotaTrace = { ...sound, id: 'wrong', truth: { type: 'number', value: -7 } };
  await writeShard(from, 0, [sound, { ...sound, id: 'again' }, wrong]);
  await filter(from, to, { pictures: 0, toolsMin: 0, easyMax: 1, outcomes: {} });
  expect((await tracesOf(to)).map(({ id }) => id)).toEqual([sound.id]);
  const [row] = JSON.parse(await readFile(join(to, 'report.json'), 'utf8'));
  expect(row).toMatchObject({ read: 3, kept: 1, dropped: { answer: { count: 1 }, duplicate: { count: 1 } } });
  expect(await readFile(join(to, 'report.md'), 'utf8')).toContain('wrong: the answer is wrong');
});

test('keeps no more easy traces of a source than the share that is asked for', async () => {
  const [from, to] = [await freshFolder(), await freshFolder()];
  const traces = Array.from({ length: 120 }, (_, index) => traceOf(4, index, 'all'));
  await writeShard(from, 0, traces);
  const tally = await filter(from, to, { pictures: 0, toolsMin: 0, easyMax: 0.4, outcomes: {} });
  for (const { kept, calls } of tally.rows)
    expect((calls[0] ?? 0) + (calls[1] ?? 0)).toBeLessThanOrEqual(0.4 * kept);
  expect(tally.rows.some(({ dropped }) => (dropped['difficulty']?.count ?? 0) > 0)).toBe(true);
  expect((await tracesOf(to)).length).toBeGreaterThan(20);
});

test('looks at the picture again', async () => {
  const bench = await openToolBench();
  const clear = traceWhere(({ type, source }) => type === 'total' && source === 'scene/receipt');
  const blank = traceWhere(({ type }) => type === 'blank');
  const image = blank.images[0];
  if (!image) throw new Error('a trace has an image');
  expect(await reexecute(clear, bench)).toBeUndefined();
  // The same claims on a picture without text.
  expect(await reexecute({ ...clear, images: [image] }, bench)).toBeDefined();
});
