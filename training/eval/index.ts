/**
 * `npm run eval -- SUITE [options]`: quality on data that training never saw. Suites of `asked.ts` ask the
 * whole service; the others measure the model behind one tool.
 */
import { askedSuites, runAsked, USAGE } from './asked.ts';
import { UsageError } from './suite.ts';

/** Runs one suite with the words behind its name. Throws UsageError. */
type Evaluation = (args: readonly string[]) => Promise<void>;

/** Loaded when named: a suite may open models of its own. */
const toolSuites: Readonly<Record<string, () => Promise<{ readonly run: Evaluation }>>> = {
  depth: () => import('./depth/index.ts'),
  objects: () => import('./objects/index.ts'),
  ocr: () => import('./ocr/index.ts'),
  similarity: () => import('./similarity/index.ts'),
  faces: () => import('./faces/index.ts'),
  tsv: () => import('./benchmarks/index.ts'),
  compare: () => import('./compare.ts'),
};

async function evaluationOf(name: string): Promise<Evaluation> {
  const asked = askedSuites[name];
  if (asked) return (args) => runAsked(asked, args);
  const tool = toolSuites[name];
  if (tool) return (await tool()).run;
  const known = [...Object.keys(askedSuites), ...Object.keys(toolSuites)].join(', ');
  throw new UsageError(`expected a suite (${known}), got ${name === '' ? 'none' : name}`);
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
