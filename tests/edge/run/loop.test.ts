import { describe, expect, it } from 'vitest';
import { TURN_CHARS_MAX } from '#shared/limits';
import { act, digest, inTurn, World, type WorldOptions } from './world.ts';

const ocr = act('OCR', { image: 'image-0' });
const answer = act('Terminate', { answer: '14.20' });

async function finished(options: WorldOptions): Promise<World> {
  const world = new World(options);
  await world.run();
  return world;
}

/** What the planner was told at its second turn. */
const told = (world: World) => world.requests[1]?.conversation.steps[0]?.observation;

describe('a run', () => {
  it('goes thought, action, observation, answer, and its events are numbered without a gap', async () => {
    const world = await finished({ plan: inTurn(ocr, answer) });
    expect(world.state).toMatchObject({ status: 'succeeded', answer: '14.20' });
    expect(world.events.map((event) => event.type)).toEqual([
      'run.started',
      'step.started',
      'step.completed',
      'tool.completed',
      'step.started',
      'step.completed',
      'run.completed',
    ]);
    expect(world.events.map((event) => 'seq' in event && event.seq)).toEqual([1, 2, 3, 4, 5, 6, 7]);
  });

  it('tells the planner only the fields that it is meant to read', async () => {
    const world = await finished({ plan: inTurn(ocr, answer) });
    expect(told(world)).toEqual({ text: 'TOTAL 14.20' });
    expect(world.state.steps[0]?.outcome?.observation).toHaveProperty('regions');
  });

  it('gives an image that a tool made the next number, and lets it be used', async () => {
    const crop = act('Crop', { image: 'image-0', bbox: [0, 0, 0.5, 0.5] });
    const tool = (name: string) =>
      name === 'Crop' ? { bbox: [0, 0, 1, 1] } : { text: 'small print', regions: [] };
    const world = await finished({ plan: inTurn(crop, act('OCR', { image: 'image-1' }), answer), tool });
    expect(world.requests[2]?.conversation.steps.map((step) => step.image)).toEqual([digest('0'), undefined]);
    expect(world.state.steps[1]?.outcome?.observation).toMatchObject({ text: 'small print' });
  });

  it('ignores actions after the first, as the reference does', async () => {
    const both = { thought: '', actions: [...ocr.actions, ...answer.actions] };
    const world = await finished({ plan: inTurn(both, answer) });
    expect(world.toolCalls).toEqual(['0:OCR']);
  });
});

describe('a turn that cannot be carried out becomes an observation and the run goes on', () => {
  const empty = { thought: '', actions: [] };
  const cases = [
    ['no JSON at all', empty, 'the total is 14', 'invalid_turn'],
    ['an empty list of actions', empty, undefined, 'no_action'],
    ['an endless turn', empty, `{${'"a'.repeat(TURN_CHARS_MAX)}`, 'invalid_turn'],
    ['an unknown tool', act('DeleteEverything', {}), undefined, 'unknown_tool'],
    ['a name of the prototype', act('constructor', {}), undefined, 'unknown_tool'],
    ['a path as a name', act('../OCR', {}), undefined, 'unknown_tool'],
    ['a tool that is not available', act('DetectFaces', { image: 'image-0' }), undefined, 'tool_unavailable'],
    [
      'an argument that is not listed',
      act('OCR', { image: 'image-0', tool_version: 'http://x' }),
      undefined,
      'invalid_arguments',
    ],
    ['an argument of a wrong type', act('OCR', { image: 7 }), undefined, 'invalid_arguments'],
    ['a missing argument', act('Calculate', {}), undefined, 'invalid_arguments'],
    ['an image that is not there', act('OCR', { image: 'image-9' }), undefined, 'unknown_image'],
    ['an image with a negative number', act('OCR', { image: 'image--1' }), undefined, 'invalid_arguments'],
    ['a path as an image', act('OCR', { image: '../7/image-1' }), undefined, 'invalid_arguments'],
    ['Terminate without an answer', act('Terminate', {}), undefined, 'invalid_arguments'],
    [
      'an argument of a megabyte',
      act('Calculate', { expression: '1'.repeat(1_000_000) }),
      undefined,
      'invalid_arguments',
    ],
  ] as const;
  it.each(cases)('%s', async (_, turn, text, code) => {
    const world = await finished({
      plan: ({ step }) => (step === 0 ? { turn, ...(text === undefined ? {} : { text }) } : { turn: answer }),
    });
    expect(told(world)).toMatchObject({ error: { code } });
    expect(JSON.stringify(told(world)).length).toBeLessThan(5_000);
    expect(world.state).toMatchObject({ status: 'succeeded', answer: '14.20' });
    expect(world.toolCalls).toEqual([]);
  });

  it('and so does what a tool says about its input', async () => {
    const error = { error: { code: 'empty_box', message: 'the box is empty' } };
    const world = await finished({ plan: inTurn(ocr, answer), tool: () => error });
    expect(told(world)).toEqual(error);
    expect(world.state.status).toBe('succeeded');
  });
});

describe('the answer', () => {
  it.each([
    [14.2, '14.2'],
    [true, 'true'],
    [['a', 'b'], '["a","b"]'],
    ['x'.repeat(9_000), 'x'.repeat(8_000)],
  ])('in another form than short text is read as such (%#)', async (written, read) => {
    const world = await finished({ plan: inTurn(act('Terminate', { answer: written })) });
    expect(world.state.answer).toBe(read);
  });

  it('must be given at the last allowed step', async () => {
    let number = 0;
    const other = () => act('Calculate', { expression: `${++number} + 1` });
    const plan: WorldOptions['plan'] = ({ final }) => ({ turn: final ? answer : other() });
    const world = await finished({
      plan,
      maxSteps: 3,
      tool: (_, { expression }) => ({ result: String(expression).length }),
    });
    expect(world.requests.map((request) => request.final)).toEqual([false, false, true]);
    expect(world.state).toMatchObject({ status: 'succeeded', answer: '14.20' });
  });

  it('is asked for after the same action gave the same observation three times', async () => {
    const plan: WorldOptions['plan'] = ({ final }) => ({ turn: final ? answer : ocr });
    const world = await finished({ plan, maxSteps: 16 });
    expect(world.requests.map((request) => request.final)).toEqual([false, false, false, true]);
  });

  it('is asked for when the time is nearly up', async () => {
    const plan: WorldOptions['plan'] = ({ final, step }) => ({
      turn: final ? answer : act('Calculate', { expression: `${step}` }),
    });
    const world = await finished({
      plan,
      stepMs: 10_500,
      wallMs: 120_000,
      tool: (_, input) => ({ result: input['expression'] ?? 0 }),
    });
    expect(world.state).toMatchObject({ status: 'succeeded' });
    expect(world.requests.map((request) => request.final)).toEqual([false, false, false, false, false, true]);
  });

  it('that a planner withholds at the last step ends the run with a reason', async () => {
    const world = await finished({ plan: inTurn(ocr), maxSteps: 2 });
    expect(world.state).toMatchObject({ status: 'failed', error: { code: 'no_answer' } });
    expect(world.toolCalls).toEqual(['0:OCR']);
    expect(world.events.at(-1)?.type).toBe('run.failed');
  });
});

describe('a run that cannot go on ends with a reason', () => {
  it('when it takes longer than it may', async () => {
    const world = await finished({ plan: inTurn(ocr), stepMs: 70_000, wallMs: 120_000 });
    expect(world.state).toMatchObject({ status: 'failed', error: { code: 'deadline_exceeded' } });
  });

  it('when the planner throws', async () => {
    const world = await finished({
      plan: () => {
        throw new TypeError('boom');
      },
    });
    expect(world.state).toMatchObject({ status: 'failed', error: { code: 'internal' } });
  });
});
