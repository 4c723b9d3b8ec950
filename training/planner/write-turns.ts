/**
 * Writes the planner's `turns.jsonl`: turns of the training programs, one a line, as often as they come. The engine
 * drafts from them (gpu-backend/engine/drafts.ts); being made up, they are public.
 *
 *   node training/planner/write-turns.ts --seed 77 --count 150 --out models/nano/planner/turns.jsonl
 */
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { turnText } from '#shared/prompt';
import { randomOf } from '../random.ts';
import { caseOf } from '../traces/index.ts';
import { ocrTurn } from '../traces/trace.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '77' },
    count: { type: 'string', default: '150' },
    out: { type: 'string', default: '/dev/stdout' },
  },
});
const random = randomOf(Number(values.seed));
const turns: string[] = [];
for (let cases = 0; cases < Number(values.count); ) {
  const { problems } = caseOf(random, 1);
  if (problems.length === 0) continue;
  cases++;
  turns.push(turnText(ocrTurn));
  for (const { steps } of problems) for (const { turn } of steps) turns.push(turnText(turn));
}
await writeFile(values.out, [...turns, ''].join('\n'));
