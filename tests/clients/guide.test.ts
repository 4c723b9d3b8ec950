/** The TypeScript of docs/guide.md compiles as it stands, against the client as it is; `npm run guide` has the other languages. */
import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';

const FOLDER = resolve('.tsbuild/guide-typescript');
const examples = [...readFileSync('docs/guide.md', 'utf8').matchAll(/```ts\n([\s\S]*?)```/g)].map(
  ([, block = '']) => block,
);
/** What the page leaves to the reader: the photo that the app took. */
const IMPLIED = 'declare const photo: Blob;\n';

function compile(name: string, source: string): Promise<{ status: unknown; output: string }> {
  const folder = join(FOLDER, name);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const compilerOptions = {
    strict: true,
    noEmit: true,
    target: 'es2022',
    module: 'esnext',
    moduleResolution: 'bundler',
    allowImportingTsExtensions: true,
    skipLibCheck: true,
    lib: ['es2023', 'dom', 'dom.iterable', 'dom.asynciterable'],
    types: [],
    paths: { 'taco-edge-client': [resolve('clients/typescript/index.ts')] },
  };
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({ compilerOptions, files: ['page.ts', 'implied.d.ts'] }),
  );
  writeFileSync(join(folder, 'implied.d.ts'), IMPLIED);
  writeFileSync(join(folder, 'page.ts'), source);
  return new Promise((settle) => {
    const tsc = resolve('node_modules/typescript/bin/tsc');
    execFile(process.execPath, [tsc, '-p', folder], (error, stdout, stderr) =>
      settle({ status: error ? error.code : 0, output: `${stdout}\n${stderr}` }),
    );
  });
}

it('the page has such examples', () => expect(examples.length).toBeGreaterThan(0));

it.each(examples.map((source, index) => ({ index, source })))(
  'example $index compiles under strict',
  async ({ index, source }) => {
    expect(await compile(`page-${index}`, source)).toMatchObject({ status: 0 });
  },
);

it('an example that were wrong would not', async () => {
  const wrong = (examples[0] ?? '')
    .replace('run.answer', 'run.reply')
    .replace('image_id: image.id', 'image: image.id');
  const { status, output } = await compile('wrong', wrong);
  expect(status).not.toBe(0);
  expect(output).toContain("'reply'");
  expect(output).toContain("'image'");
});
