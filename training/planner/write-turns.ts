/**
 * Writes the planner's `turns.jsonl`: turns of made-up traces, one a line, as often as they come. The engine drafts from
 * them (gpu-backend/engine/drafts.ts); being made up, they are public.
 *
 *   node training/planner/write-turns.ts --in training/.work/kept --count 250 --out models/nano/planner/turns.jsonl
 */
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { turnText } from '#shared/prompt';
import { readTraces } from '../cota/shards.ts';
import { wholeNumber } from '../cota/usage.ts';

const { values } = parseArgs({
  options: {
    in: { type: 'string', default: 'training/.work/kept' },
    count: { type: 'string', default: '250' },
    out: { type: 'string', default: '/dev/stdout' },
  },
});
let left = wholeNumber('count', values.count, 1);
const turns: string[] = [];
for await (const { steps } of readTraces(values.in)) {
  if (left-- <= 0) break;
  turns.push(...steps.map(({ turn }) => turnText(turn)));
}
await writeFile(values.out, [...turns, ''].join('\n'));
