import { describe, expect, it } from 'vitest';
import type { Run, RunEvent } from '#shared/api';
import { createStyle, duration, harmless, wrap } from '../../scripts/cli/terminal.ts';
import { createTrace, observationText } from '../../scripts/cli/trace.ts';

const usage = { prompt_tokens: 1, cached_tokens: 0, completion_tokens: 1 };
const run: Run = {
  id: `run_${'0'.repeat(32)}`,
  object: 'run',
  status: 'succeeded',
  question: 'What is the total?',
  images: [],
  answer: '24.25',
  steps: [],
  usage: { steps: 2, tool_calls: 1, input_tokens: 9, cached_tokens: 0, output_tokens: 42, cost_units: 2 },
  created_at: '2026-01-01T00:00:00.000Z',
  finished_at: '2026-01-01T00:00:01.500Z',
  expires_at: '2026-01-02T00:00:00.000Z',
};
const read = { name: 'OCR', arguments: { image: 'image-0' } };
const events: RunEvent[] = [
  { type: 'run.started', seq: 1, run_id: run.id, created_at: run.created_at },
  { type: 'step.started', seq: 2, index: 0 },
  { type: 'step.delta', index: 0, offset: 0, text: '{"thought":"Rea' },
  { type: 'step.completed', seq: 3, index: 0, thought: 'Read it.', actions: [read], ms: 340, usage },
  {
    type: 'tool.completed',
    seq: 4,
    index: 0,
    name: 'OCR',
    observation: { text: 'TOTAL 24.25' },
    ms: 0,
    cached: true,
  },
  { type: 'run.completed', seq: 5, run },
];

function traceOf(list: readonly RunEvent[], isTTY = false): { lines: string[]; live: string[] } {
  const lines: string[] = [];
  const live: string[] = [];
  const show = createTrace({
    style: createStyle({ isTTY }, {}),
    width: 80,
    print: (line) => lines.push(line),
    live: (text) => live.push(text),
  });
  for (const event of list) show(event);
  return { lines, live };
}

describe('createTrace', () => {
  it('shows thought, action, observation, time, what was cached, and the answer', () => {
    const { lines, live } = traceOf(events);
    expect(lines).toEqual([
      '1  Read it.',
      '   OCR  image: image-0  0.3 s',
      '   │ TOTAL 24.25',
      '   └ cached',
      '',
      '',
      'answer  24.25',
      '        2 steps, 42 tokens, 1.5 s',
    ]);
    expect(live).toEqual(['   {"thought":"Rea', '', '']);
  });

  it('colours on a terminal only, and not where NO_COLOR is set', () => {
    expect(traceOf(events, true).lines.join('\n')).toContain('\u001b[36mOCR\u001b[39m');
    expect(createStyle({ isTTY: true }, { NO_COLOR: '1' }).bold('x')).toBe('x');
    expect(createStyle({ isTTY: true }, { TERM: 'dumb' }).bold('x')).toBe('x');
  });

  it('lets no text of a photo or a model reach the terminal as a command', () => {
    const evil = '\u001b]0;title\u0007\u001b[2Jhidden\u202e';
    const { lines } = traceOf([
      {
        type: 'step.completed',
        seq: 1,
        index: 0,
        thought: evil,
        actions: [{ name: evil, arguments: { a: evil } }],
        ms: 1,
        usage,
      },
      { type: 'tool.completed', seq: 2, index: 0, observation: { text: evil }, ms: 1, cached: false },
      { type: 'run.completed', seq: 3, run: { ...run, answer: evil } },
    ]);
    expect(lines.join('')).not.toMatch(/\p{C}/u);
  });

  it('gives the reason of a run without an answer', () => {
    const { answer, ...rest } = run;
    const failed: Run = { ...rest, status: 'failed', error: { code: 'no_answer', message: `not ${answer}` } };
    expect(traceOf([{ type: 'run.failed', seq: 1, run: failed }]).lines).toContain(
      'no answer  no_answer: not 24.25',
    );
  });
});

describe('observationText', () => {
  it('shortens long text and long lists', () => {
    const regions = Array.from({ length: 30 }, () => ({ text: 'x' }));
    const text = observationText({
      text: Array.from({ length: 30 }, (_, line) => `line ${line}`).join('\n'),
      regions,
    });
    expect(text.split('\n')).toHaveLength(14);
    expect(text).toContain('… 18 more lines');
  });

  it.each([
    [{ text: '' }, '(no text)'],
    [{ result: 12.5 }, '12.5'],
    [{ error: { code: 'empty_box', message: 'no area' } }, 'empty_box: no area'],
    [{ bbox: [0, 0, 1, 1], zoom_factor: 2 }, 'bbox: [0,0,1,1]\nzoom_factor: 2'],
  ])('%j', (observation, expected) => {
    expect(observationText(observation)).toBe(expected);
  });
});

describe('terminal', () => {
  it('wraps at spaces, and inside words that are too long', () => {
    expect(wrap('aaa bbb ccc', 7)).toEqual(['aaa bbb', 'ccc']);
    expect(wrap('abcdefghij', 4)).toEqual(['abcd', 'efgh', 'ij']);
    expect(wrap('one\n\ntwo', 9)).toEqual(['one', '', 'two']);
  });

  it('keeps letters of all scripts', () => {
    expect(harmless('Größe 中文 🙂\ttab\r\nnext')).toBe('Größe 中文 🙂\ttab\nnext');
  });

  it('words times', () => {
    expect([12, 340, 61_000].map(duration)).toEqual(['12 ms', '0.3 s', '1 min 1 s']);
  });
});
