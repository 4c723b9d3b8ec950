/**
 * `npm run eval -- SUITE [options]`: quality on data that training never saw. Suites of `asked.ts` ask the
 * whole service; the others measure the model behind one tool.
 */
import { askedSuites, runAsked, USAGE } from './asked.ts';
import { UsageError } from './suite.ts';
import { type Evaluation, suiteNames, toolSuites } from './suites.ts';

async function evaluationOf(name: string): Promise<Evaluation> {
  const asked = askedSuites[name];
  if (asked) return (args) => runAsked(asked, args);
  const tool = toolSuites[name];
  if (tool) return (await tool()).run;
  throw new UsageError(`expected a suite (${suiteNames.join(', ')}), got ${name === '' ? 'none' : name}`);
}

try {
  const [name = '', ...args] = process.argv.slice(2);
  const run = await evaluationOf(name);
  await run(args);
  process.exit(0);
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  console.error(`${error.message}\n\n${USAGE}`);
  process.exit(2);
}
