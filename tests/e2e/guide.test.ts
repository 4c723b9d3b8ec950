/** The curl commands of docs/guide.md, run as they stand against the real service. */
import { execFile, execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runEvent, run as runSchema, toolCallResponse } from '#shared/api';
import { clientToken } from '#shared/api/client-tokens';
import { knowledgeDocument } from '#shared/api/knowledge';
import { operations } from '#shared/api/operations';
import { createScratch, type Scratch, type Started, start, stop } from './system.ts';

const guide = readFileSync('docs/guide.md', 'utf8');
const commands = [...guide.matchAll(/```sh\n([\s\S]*?)```/g)].map(([, block = '']) => block);

let scratch: Scratch;
let server: Started;
beforeAll(async () => {
  scratch = await createScratch();
  server = await start(['--port', '0', '--state', join(scratch.folder, 'state')], scratch.environment);
}, 120_000);
afterAll(async () => {
  await stop(server);
  await scratch.remove();
});

/** Each command in the order of the page, in one shell; the output of each behind a line of its own. */
function outputs(blocks: readonly string[]): Promise<string[]> {
  const MARK = '\u001e';
  const script = ['set -euo pipefail', ...blocks.map((block) => `${block}\nprintf '${MARK}'`)].join('\n');
  const env = { ...process.env, TACO_URL: server.url, TACO_KEY: server.key };
  return new Promise((resolve, reject) => {
    execFile('bash', ['-c', script], { env }, (error, stdout, stderr) =>
      error ? reject(new Error(`${stderr}\n${stdout}`)) : resolve(stdout.split(MARK).slice(0, -1)),
    );
  });
}

function hasCurl(): boolean {
  try {
    return execFileSync('curl', ['--version']).length > 0;
  } catch {
    return false;
  }
}

const eventsIn = (text: string) =>
  [...text.matchAll(/^data: (.*)$/gm)].map(([, data = '']) => runEvent.parse(JSON.parse(data)));

it.runIf(hasCurl())(
  'every command does what the page says of it',
  async () => {
    const paths = operations.map(({ path }) => path);
    const known = commands.filter((block) =>
      paths.some((path) =>
        new RegExp(String.raw`"\$TACO_URL${path.replace(/\{\w+\}/, String.raw`[\w$-]+`)}"`).test(block),
      ),
    );
    expect(known).toHaveLength(commands.length);
    const [upload, ask, wait = '', watch = '', resume = '', token = '', document = '', passage = ''] =
      await outputs(known);
    expect([upload, ask]).toEqual(['', '']);
    const run = runSchema.parse(JSON.parse(wait));
    expect(run.status).toBe('succeeded');
    const watched = eventsIn(watch);
    expect(watched.at(-1)).toMatchObject({ type: 'run.completed', run: { status: 'succeeded' } });
    const resumed = eventsIn(resume);
    expect(resumed[0]).toMatchObject({ seq: 4 });
    expect(resumed.at(-1)).toMatchObject({ type: 'run.completed', run: { id: run.id } });
    expect(clientToken.parse(JSON.parse(token))).toMatchObject({ subject: 'user-17', max_runs: 20 });
    const { id, title, text } = knowledgeDocument.parse(JSON.parse(document));
    expect(toolCallResponse.parse(JSON.parse(passage)).observation).toEqual({
      title,
      summary: text,
      source: 'documents',
      document_id: id,
    });
  },
  300_000,
);

it('the paths of the page are those of the API', () => {
  const named = new Set([...guide.matchAll(/\/v1\/[a-z_]+/g)].map(([path]) => path));
  const served = new Set(operations.map(({ path }) => path.split('/').slice(0, 3).join('/')));
  expect([...named].filter((path) => !served.has(path))).toEqual([]);
});
