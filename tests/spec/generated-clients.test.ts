/** What two generators make of the document compiles under the strictest settings, and is used as one would. */
import { execFile } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { CLIENT_TYPES, DOCUMENT } from '../../scripts/spec/files.ts';

const FOLDER = resolve('.tsbuild/generated-clients');
const GENERATE_MS_MAX = 300_000;

const OPENAPI_TYPESCRIPT = `
import type { components, operations } from '${resolve(CLIENT_TYPES)}';
type Schemas = components['schemas'];
const image: Schemas['ImageInput'] = { type: 'image_id', image_id: 'img_1' };
// @ts-expect-error: base64 has no image_id
export const wrong: Schemas['ImageInput'] = { type: 'base64', image_id: 'img_1' };
export const request: operations['createRun']['requestBody']['content']['application/json'] = {
  question: 'What?',
  images: [image],
};
export const answerOf = (event: Schemas['RunEvent']): string | undefined =>
  event.type === 'run.completed' ? event.run.answer : undefined;
export const isLimit = (problem: Schemas['Problem']): boolean => problem.code === 'overloaded';
`;

const HEY_API = `
import { client } from './hey-api/client.gen.ts';
import { createRun, type RunEvent, watchRun } from './hey-api/index.ts';
client.setConfig({ baseUrl: 'http://127.0.0.1:8787', auth: 'key' });
export async function ask(): Promise<string | undefined> {
  const { data, error } = await createRun({
    body: { question: 'What?', images: [{ type: 'image_id', image_id: 'img_1' }] },
  });
  if (error) throw new Error(error.code);
  return typeof data === 'object' && 'answer' in data ? data.answer : undefined;
}
export async function watch(id: string): Promise<void> {
  const { stream } = await watchRun({ path: { id } });
  for await (const event of stream) show(event as RunEvent);
}
const show = (event: RunEvent): void => console.log(event.type === 'run.completed' ? event.run.answer : event.type);
`;

function run(command: string, args: readonly string[]): Promise<{ status: unknown; output: string }> {
  return new Promise((settle) => {
    execFile(command, args, { maxBuffer: 2 ** 26 }, (error, stdout, stderr) =>
      settle({ status: error ? error.code : 0, output: `${stdout}\n${stderr}` }),
    );
  });
}

beforeAll(() => {
  rmSync(FOLDER, { recursive: true, force: true });
  mkdirSync(FOLDER, { recursive: true });
  const compilerOptions = {
    strict: true,
    noEmit: true,
    target: 'es2022',
    module: 'esnext',
    moduleResolution: 'bundler',
    allowImportingTsExtensions: true,
    lib: ['es2022', 'dom', 'dom.iterable'],
    types: [],
  };
  writeFileSync(join(FOLDER, 'package.json'), '{"type":"module"}');
  for (const [name, source] of [
    ['openapi-typescript', OPENAPI_TYPESCRIPT],
    ['hey-api', HEY_API],
  ] as const) {
    writeFileSync(join(FOLDER, `${name}.ts`), source);
    writeFileSync(join(FOLDER, `${name}.json`), JSON.stringify({ compilerOptions, files: [`${name}.ts`] }));
  }
});

const compile = (name: string) =>
  run('node_modules/.bin/tsc', ['-p', join(FOLDER, `${name}.json`), '--pretty', 'false']);

describe('tsc --strict takes', () => {
  it(
    'the types by openapi-typescript',
    async () => {
      const { status, output } = await compile('openapi-typescript');
      expect(status, output).toBe(0);
    },
    GENERATE_MS_MAX,
  );

  it(
    'the client by hey-api',
    async () => {
      const generator = 'node_modules/@hey-api/openapi-ts/dist/run.mjs';
      const options = [
        '-i',
        DOCUMENT,
        '-o',
        join(FOLDER, 'hey-api'),
        '-c',
        '@hey-api/client-fetch',
        '--no-log-file',
      ];
      const typescript = ['--import', './clients/typescript/typescript-5.mjs'];
      const made = await run(process.execPath, [...typescript, generator, ...options]);
      expect(made.status, made.output).toBe(0);
      const { status, output } = await compile('hey-api');
      expect(status, output).toBe(0);
    },
    GENERATE_MS_MAX,
  );
});
