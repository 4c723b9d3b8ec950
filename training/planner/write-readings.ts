/**
 * Writes conversations on text in one picture as `cota mix --format planner` does, of several questions each.
 *
 *   node training/planner/write-readings.ts --seed 1 --count 60000 --problems 5 --out FILE
 *
 * A run has one question. For training, further questions on the same reading follow as further
 * turns of the conversation, so that a look-up costs far fewer tokens.
 */

import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { parseArgs } from 'node:util';
import { type Message, messagesOf, simpleSystemPrompt, turnText } from '#shared/prompt';
import { advertisedToolSpecs } from '#shared/tools/index';
import { randomOf } from '../random.ts';
import { type Case, caseOf } from '../traces/index.ts';
import { ocrTurn } from '../traces/trace.ts';

const system = simpleSystemPrompt(advertisedToolSpecs.map(({ name }) => name));
const digest = '0'.repeat(64);

/** The conversation of a case: reading, then each problem behind it. */
function readingOf({ text, problems }: Case): Message[] {
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
      'repeated',
    );
    // What follows Terminate is never read. Later problems stand on the first one's reading.
    return index === 0
      ? messages.slice(0, -1)
      : [{ role: 'user', content: problem.question } as const, ...messages.slice(4, -1)];
  });
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
for (let written = 0; written < Number(values.count); ) {
  const one = caseOf(random, Number(values.problems));
  if (one.problems.length === 0) continue;
  const line = JSON.stringify({
    id: `reading-${values.seed}-${written++}`,
    source: `scene/${one.kind}`,
    types: one.problems.map((problem) => problem.type),
    messages: readingOf(one).map(({ role, content }) => [role, content]),
  });
  if (!out.write(`${line}\n`)) await once(out, 'drain');
}
out.end();
