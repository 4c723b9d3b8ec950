/** The compiler keeps each side from the other's runtime, because each folder has its own `types`. */
import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';

/** Error codes of the compiler for `source` as if it stood in the folder. */
function errorsIn(folder: string, source: string): Promise<string[]> {
  const place = `.tsbuild/planted/${folder}`;
  mkdirSync(place, { recursive: true });
  writeFileSync(`${place}/planted.ts`, source);
  writeFileSync(
    `${place}/tsconfig.json`,
    JSON.stringify({
      extends: `../../../${folder}/tsconfig.json`,
      compilerOptions: {
        composite: false,
        incremental: false,
        tsBuildInfoFile: null,
        emitDeclarationOnly: false,
        noEmit: true,
      },
      include: ['planted.ts'],
      references: [],
    }),
  );
  return new Promise((resolve) => {
    execFile('node_modules/.bin/tsc', ['-p', place, '--pretty', 'false'], (_error, stdout) => {
      resolve([...stdout.matchAll(/error (TS\d+)/g)].map(([, code = '']) => code));
    });
  });
}

const UNKNOWN_NAME = 'TS2304';
const UNKNOWN_GLOBAL = 'TS2584';
const UNKNOWN_NODE = 'TS2591';

test.each([
  ['the backend', 'gpu-backend', 'export type Store = KVNamespace;', [UNKNOWN_NAME]],
  [
    'the edge',
    'edge',
    "import { readFileSync } from 'node:fs'; export const read = readFileSync;",
    [UNKNOWN_NODE],
  ],
  ['the shared side', 'shared', "export const get = () => fetch('http://example.org');", [UNKNOWN_NAME]],
  ['the shared side', 'shared', 'export const bytes = Buffer.alloc(1);', [UNKNOWN_NODE]],
  ['the shared side', 'shared', 'console.log(1);\nexport {};', [UNKNOWN_GLOBAL]],
] as const)('%s (%s) does not compile: %s', async (_name, folder, source, codes) => {
  expect(await errorsIn(folder, source)).toEqual(codes);
});

test.each([
  ['gpu-backend', "import { readFileSync } from 'node:fs'; export const read = readFileSync;"],
  ['edge', 'export type Store = KVNamespace;'],
  ['shared', 'export const one: number = 1;'],
])('%s compiles what belongs there: %s', async (folder, source) => {
  expect(await errorsIn(folder, source)).toEqual([]);
});
