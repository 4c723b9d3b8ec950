/**
 * Writes training conversations as JSON lines {kind, messages: [[role, content], ...]}.
 *
 *   node training/planner/write-traces.ts --seed 1 --count 100000 --problems 5 --out FILE
 *
 * A run has one question. For training, further questions on the same reading follow as further
 * turns of the conversation, so that a look-up costs far fewer tokens.
 */

import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { parseArgs } from 'node:util';
import { type Message, messagesOf, simpleSystemPrompt, turnText } from '#shared/prompt';
import { advertisedToolSpecs } from '#shared/tools/index';
import { type Random, randomOf } from '../random.ts';
import { type Case, caseOf } from '../traces/index.ts';
import { ocrTurn } from '../traces/trace.ts';

const always = ['OCR', 'Crop', 'ZoomIn', 'Calculate', 'SolveMathEquation', 'Terminate'];
const paper = advertisedToolSpecs.map(({ name }) => name as string);

/** The listed actions: today's, the paper's, or some of them, so that no listing surprises the planner. */
function listing(random: Random): string[] {
  const form = random.weighted({ today: 8, paper: 1, some: 1 });
  if (form === 'today') return always;
  return form === 'paper'
    ? paper
    : paper.filter(
        (name) => ['OCR', 'Calculate', 'SolveMathEquation', 'Terminate'].includes(name) || random.chance(0.4),
      );
}

const digest = '0'.repeat(64);

/** The conversation of a case: reading, then each problem behind it. */
function readingOf({ text, problems }: Case, system: string): Message[] {
  const reading = { text: turnText(ocrTurn), turn: ocrTurn, observation: { text } };
  return problems.flatMap((problem, index) => {
    const steps = problem.steps.map(({ turn, observation }) => ({
      text: turnText(turn),
      turn,
      observation: observation ?? {},
    }));
    const messages = messagesOf(
      { question: problem.question, images: [digest], steps: [reading, ...steps] },
      system,
      'after-reading',
    );
    // What follows Terminate is never read. Later problems stand on the first one's reading.
    return index === 0
      ? messages.slice(0, -1)
      : [{ role: 'user', content: problem.question } as const, ...messages.slice(4, -1)];
  });
}

/** The first step of a run alone: the question stands with the image, the text is not read yet. */
function firstStepOf({ problems }: Case, system: string): Message[] {
  const question = problems[0]?.question ?? '';
  return [
    ...messagesOf({ question, images: [digest], steps: [] }, system, 'after-reading'),
    { role: 'assistant', content: turnText(ocrTurn) },
  ];
}

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    count: { type: 'string', default: '1000' },
    problems: { type: 'string', default: '5' },
    out: { type: 'string', default: '/dev/stdout' },
  },
});
const random = randomOf(Number(values.seed));
const out = createWriteStream(values.out);
/** One first step to this many whole conversations. */
const FIRST_STEPS = 0.1;

for (let written = 0; written < Number(values.count); ) {
  const one = caseOf(random, Number(values.problems));
  if (one.problems.length === 0) continue;
  const system = simpleSystemPrompt(listing(random));
  const first = random.chance(FIRST_STEPS);
  const messages = first ? firstStepOf(one, system) : readingOf(one, system);
  const types = first ? [] : one.problems.map((problem) => problem.type);
  written++;
  const line = JSON.stringify({
    kind: one.kind,
    types,
    messages: messages.map(({ role, content }) => [role, content]),
  });
  if (!out.write(`${line}\n`)) await once(out, 'drain');
}
out.end();
