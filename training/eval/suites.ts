/** Every suite of `npm run eval`, by name. */
import { askedSuites } from './asked.ts';

/** Runs one suite with the words behind its name. Throws UsageError. */
export type Evaluation = (args: readonly string[]) => Promise<void>;

/** Loaded when named: a suite may open models of its own. */
export const toolSuites: Readonly<Record<string, () => Promise<{ readonly run: Evaluation }>>> = {
  depth: () => import('./depth/index.ts'),
  objects: () => import('./objects/index.ts'),
  ocr: () => import('./ocr/index.ts'),
  similarity: () => import('./similarity/index.ts'),
  faces: () => import('./faces/index.ts'),
  tsv: () => import('./benchmarks/index.ts'),
  compare: () => import('./compare.ts'),
};

/** No name may stand in both tables: one would hide the other. */
export const suiteNames: readonly string[] = [...Object.keys(askedSuites), ...Object.keys(toolSuites)];
