/**
 * The house rules hold, and each rule can fail: a rule whose pattern matches nothing would pass for
 * ever, so every one is shown a planted violation and must find exactly that.
 */
import { describe, expect, test } from 'vitest';
import { type Rule, rules } from './rules.ts';
import { importsOf, readSources } from './source.ts';

/** By guarantee: a small tree with one violation, and what the rule must say of it. */
const planted: ReadonlyArray<readonly [files: Record<string, string>, violation: string]> = [
  [{ 'shared/a.ts': "import type { E } from '#edge/env';" }, 'shared/a.ts: imports edge/env.ts'],
  [
    {
      'shared/tools/crop.ts': '',
      'shared/tools/ocr.ts': '',
      'gpu-backend/tools/crop.ts': '',
      'gpu-backend/tools/ocr.ts': "import { crop } from './crop.ts';",
    },
    'gpu-backend/tools/ocr.ts: imports the tool gpu-backend/tools/crop.ts',
  ],
  [{ 'edge/a.ts': "import { b } from './run';" }, 'edge/a.ts: imports edge/run without its suffix'],
  [{ 'edge/tools/a.ts': "await fetch('http://x');" }, 'edge/tools/a.ts: uses fetch'],
  [{ 'edge/a.ts': 'const key = context.env.KEY;' }, 'edge/a.ts: reads context.env'],
  [{ 'gpu-backend/a.ts': 'const key = process.env.KEY;' }, 'gpu-backend/a.ts: reads process.env'],
  [
    {
      'edge/a.ts': 'send(problemOf(error));',
      'edge/b.ts': 'send(problemOf(error));',
      'gpu-backend/a.ts': 'problemOf(error)',
    },
    'edge/b.ts: calls problemOf, as edge/a.ts does',
  ],
  [{ 'edge/a.ts': 'const seen = new Map<string, number>();' }, 'edge/a.ts: has a variable of the module'],
  [{ 'shared/a.ts': 'const now = Date.now();' }, 'shared/a.ts: calls Date.now'],
  [{ 'edge/a.ts': "import { z } from 'zod';" }, 'edge/a.ts: imports names of zod'],
  [
    { 'shared/tools/crop.ts': "  runs: 'backend',", 'edge/tools/crop.ts': '' },
    'edge/tools/crop.ts: the spec says that the tool runs on the side backend',
  ],
  [
    {
      'shared/tools/index.ts': "import { ocr } from './ocr.ts';",
      'shared/tools/ocr.ts': '',
      'shared/tools/x.ts': '',
    },
    'shared/tools/x.ts: is not in shared/tools/index.ts',
  ],
  [{ 'edge/a.ts': 'function f(value: any) {}' }, 'edge/a.ts: uses any'],
  [{ 'edge/a.ts': `// ${'TO'}${'DO'} later` }, `edge/a.ts: says ${'TO'}${'DO'}`],
  [{ 'edge/a.ts': 'export default 1;' }, 'edge/a.ts: has a default export'],
  [{ 'edge/a.ts': 'x;\n'.repeat(301) }, 'edge/a.ts: has 301 lines'],
  [{ 'edge/runLoop.ts': '' }, 'edge/runLoop.ts: is not kebab-case'],
];

const sources = readSources();

test('the sources are there to be read', () => {
  expect([...sources.keys()]).toEqual(expect.arrayContaining(['shared/contract.ts', 'shared/tools/ocr.ts']));
  expect(sources.size).toBeGreaterThan(50);
});

test('every rule has a planted violation', () => {
  expect(planted).toHaveLength(rules.length);
});

describe.each(rules.map((rule, index): [string, Rule, number] => [rule.guarantee, rule, index]))(
  '%s',
  (_guarantee, rule, index) => {
    test('holds', () => {
      expect(rule.violations(sources)).toEqual([]);
    });

    test('can fail', () => {
      const [files, violation] = planted[index] ?? [{}, ''];
      expect(rule.violations(new Map(Object.entries(files)))).toEqual([violation]);
    });
  },
);

describe('the table of imports', () => {
  test.each([
    ['edge/run/loop.ts', '#backend/engine/runtime', 'gpu-backend/engine/runtime.ts'],
    ['gpu-backend/app.ts', '../edge/app.ts', 'edge/app.ts'],
    ['shared/a.ts', 'hono', 'hono'],
    ['edge/a.ts', 'node:fs', 'node:fs'],
    ['edge/a.ts', 'onnxruntime-node', 'onnxruntime-node'],
    ['gpu-backend/models/llava.ts', 'onnxruntime-node', 'onnxruntime-node'],
    ['shared/tools/crop.ts', './ocr.ts', 'shared/tools/ocr.ts'],
    ['edge/tools/calculate.ts', '#edge/run/loop', 'edge/run/loop.ts'],
  ])('keeps %s from importing %s', (path, specifier, target) => {
    const [rule] = rules;
    const file = new Map([[path, `import { x } from '${specifier}';`]]);
    expect(rule?.violations(file)).toEqual([`${path}: imports ${target}`]);
  });
});

test('imports are seen in every form, but not in comments', () => {
  const source = `
    import 'side';
    import whole from 'whole';
    import {
      a,
    } from 'lines';
    export * from './near.ts';
    export type { T } from '#shared/turn';
    const late = await import('late');
    // import 'comment';
    /* from 'block' */
  `;
  expect(importsOf('edge/run/a.ts', source)).toEqual([
    'side',
    'whole',
    'lines',
    'edge/run/near.ts',
    'shared/turn.ts',
    'late',
  ]);
});
