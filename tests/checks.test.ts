/** Types, lint and format are tests like any other, so that one summary counts everything. */
import { execFile } from 'node:child_process';
import { expect, test } from 'vitest';

const CHECK_MS_MAX = 300_000;

/** Exit status and everything written. Not the synchronous form: that would stop the runner's own messages. */
function outcome(command: string, options: readonly string[]): Promise<{ status: unknown; output: string }> {
  return new Promise((resolve) => {
    execFile(`node_modules/.bin/${command}`, options, { maxBuffer: 2 ** 26 }, (error, stdout, stderr) => {
      resolve({ status: error ? error.code : 0, output: `${stdout}\n${stderr}` });
    });
  });
}

test.each([
  ['types hold in every project', 'tsc', ['-b', '--pretty', 'false']],
  ['lint and format hold', 'biome', ['check', '--colors=off', '--max-diagnostics=40']],
] as const)(
  '%s',
  async (_guarantee, command, options) => {
    const { status, output } = await outcome(command, options);
    expect(status, output).toBe(0);
  },
  CHECK_MS_MAX,
);
