/** Three linters find nothing, and each is shown a document in which it must. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import SwaggerParser from '@apidevtools/swagger-parser';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DOCUMENT } from '../../scripts/spec/files.ts';

const LINT_MS_MAX = 180_000;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spec-'));
  await writeFile(join(folder, 'spectral.json'), '{"extends":"spectral:oas"}');
  await writeFile(join(folder, 'redocly.yaml'), 'extends: [recommended-strict]\n');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function outputOf(command: string, args: readonly string[]): Promise<string> {
  const env = {
    ...process.env,
    REDOCLY_TELEMETRY: 'off',
    REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true',
    CI: 'true',
  };
  return new Promise((resolve) => {
    execFile(`node_modules/.bin/${command}`, args, { env, maxBuffer: 2 ** 26 }, (_error, stdout, stderr) =>
      resolve(stdout.trim() === '' ? `no output: ${stderr}` : stdout),
    );
  });
}

/** Rules that a document breaks, by linter; warnings count. */
const linters = {
  'redocly recommended-strict': async (file: string): Promise<string[]> => {
    const args = [
      'lint',
      file,
      '--config',
      join(folder, 'redocly.yaml'),
      '--format',
      'json',
      '--max-problems',
      '50',
    ];
    const { problems } = JSON.parse(await outputOf('redocly', args)) as {
      problems: Array<{ ruleId: string; message: string; location: Array<{ pointer: string }> }>;
    };
    return problems.map(({ ruleId, message, location }) => `${ruleId} ${location[0]?.pointer}: ${message}`);
  },
  'spectral oas': async (file: string): Promise<string[]> => {
    const args = ['lint', file, '--ruleset', join(folder, 'spectral.json'), '--format', 'json', '--quiet'];
    const problems = JSON.parse(await outputOf('spectral', args)) as Array<{
      code: string;
      message: string;
      path: string[];
    }>;
    return problems.map(({ code, message, path }) => `${code} ${path.join('/')}: ${message}`);
  },
  'swagger-parser': async (file: string): Promise<string[]> =>
    SwaggerParser.validate(file).then(
      () => [],
      (error: Error) => [error.message],
    ),
};

describe.each(Object.entries(linters))('%s', (_, lint) => {
  it(
    'finds no error and no warning',
    async () => {
      expect(await lint(DOCUMENT)).toEqual([]);
    },
    LINT_MS_MAX,
  );

  it(
    'can find one',
    async () => {
      const broken = join(folder, 'broken.json');
      const document = JSON.parse(await readFile(DOCUMENT, 'utf8')) as { paths: Record<string, unknown> };
      document.paths['/broken'] = { get: { responses: { 200: { content: 1 } } } };
      await writeFile(broken, JSON.stringify(document));
      expect(await lint(broken)).not.toEqual([]);
    },
    LINT_MS_MAX,
  );
});
