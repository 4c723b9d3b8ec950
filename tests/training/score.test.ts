import { describe, expect, test } from 'vitest';
import type { Run } from '#shared/api';
import { judge } from '#training/eval/ask';
import { reportOf } from '#training/eval/report';
import { scoreOf } from '#training/eval/score';
import type { Item } from '#training/eval/suite';
import { textMath } from '#training/eval/text-math/items';

const itemOf = (id: string, value: number): Item => ({
  id,
  family: 'money',
  type: 'price',
  images: [{ type: 'scene', scene: { kind: 'menu', rows: [] }, seed: 1, split: 'heldout' }],
  question: 'How much is the tea?',
  truth: { type: 'number', value },
  needed: [['Tea', value.toFixed(2)]],
});

const step = (
  name: string | undefined,
  observation?: Run['steps'][number]['observation'],
): Run['steps'][number] => ({
  index: 0,
  thought: 't',
  actions: name === undefined ? [] : [{ name, arguments: {} }],
  ms: 1,
  cached: false,
  ...(observation ? { observation } : {}),
});

const runOf = (steps: Run['steps'], rest: Partial<Run>): Run => ({
  id: `run_${'0'.repeat(32)}`,
  object: 'run',
  status: 'succeeded',
  question: 'q',
  images: [],
  steps,
  usage: {
    steps: steps.length,
    tool_calls: 1,
    input_tokens: 1,
    cached_tokens: 0,
    output_tokens: 1,
    cost_units: steps.length,
  },
  created_at: '2026-01-01T00:00:00.000Z',
  expires_at: '2026-01-02T00:00:00.000Z',
  ...rest,
});

const read = (text: string): Run['steps'] => [step('OCR', { text }), step('Terminate')];

describe('judging a run', () => {
  const item = itemOf('a', 2.5);

  test('tells right answers, planner errors, tool errors and failures apart', () => {
    expect(judge(item, runOf(read('Tea 2.50'), { answer: '2.50' }), 5).outcome).toBe('right');
    expect(judge(item, runOf(read('Tea 2.50'), { answer: '9' }), 5).outcome).toBe('planner-error');
    expect(judge(item, runOf(read('Tea 2.60'), { answer: '2.60' }), 5).outcome).toBe('tool-error');
    expect(judge(item, runOf([step('Terminate')], { answer: '9' }), 5).outcome).toBe('planner-error');
    const failed = judge(
      item,
      runOf([], { status: 'failed', error: { code: 'no_answer', message: 'm' } }),
      5,
    );
    expect([failed.outcome, failed.error]).toEqual(['failed', 'no_answer']);
    expect(judge(item, runOf([], { status: 'failed' }), 5).error).toBe('uncoded');
  });

  test('counts turns that are no call', () => {
    const bad = step('OCR', { error: { code: 'invalid_arguments', message: 'm' } });
    const tool = step('Calculate', { error: { code: 'division_by_zero', message: 'm' } });
    expect(
      judge(item, runOf([bad, step(undefined), tool, step('Terminate')], { answer: '2.5' }), 5).invalidTurns,
    ).toBe(2);
  });
});

test('scores add up, with the majority beside them', () => {
  const items = [itemOf('a', 2.5), itemOf('b', 2.5), itemOf('c', 4)];
  const answers = ['2.50', '7', '4'];
  const results = items.map((item, index) =>
    judge(item, runOf(read('Tea 2.50'), { answer: answers[index] ?? '' }), 10 * (index + 1)),
  );
  const score = scoreOf(items, results);
  expect(score.all).toMatchObject({
    items: 3,
    right: 2,
    plannerErrors: 1,
    toolErrors: 0,
    majority: 2,
  });
  expect(score).toMatchObject({
    turns: 6,
    invalidTurns: 0,
    uncoded: 0,
    medianMs: 20,
    stepsHistogram: { 2: 3 },
  });
  const report = reportOf(textMath, score, {
    dev: false,
    command: 'npm run eval',
    planner: 'p',
    device: 'cpu',
    date: '2026-01-01',
  });
  expect(report).toContain('**66.7 %** right (2 of 3)');
  expect(report).toContain('| money | price | 3 | 2 (66.7 %) | 0-100 | 1 | 0 | 0 | 2.0 | 2.0 | 66.7 % |');
});
