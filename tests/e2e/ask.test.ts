import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run as runSchema } from '#shared/api';
import { ask, createScratch, exitOf, hasNano, type Scratch, type Started, start, stop } from './system.ts';

const PHOTO = 'examples/receipt.jpg';
let scratch: Scratch;
let server: Started;

beforeAll(async () => {
  scratch = await createScratch();
  server = await start(['--port', '0', '--state', join(scratch.folder, 'state')], scratch.environment);
}, 120_000);
afterAll(async () => {
  expect(await stop(server)).toBe(0);
  await scratch.remove();
});

const onServer = (): string[] => ['--url', server.url, '--key', server.key];

describe('npm run ask', () => {
  it('boots everything, shows the steps and the answer', async () => {
    const { code, stdout, stderr } = await ask([PHOTO, 'What is the total?'], scratch.environment);
    expect(stderr).toBe('');
    expect(code).toBe(0);
    expect(stdout).toContain('What is the total?');
    expect(stdout).toMatch(/^1 {2}\S/m);
    expect(stdout).toMatch(/Terminate {2}answer: /);
    expect(stdout).toMatch(/^answer {2}\S/m);
    // Not a terminal: no escape sequence.
    expect(stdout).not.toContain('\u001b');
  }, 120_000);

  it.runIf(hasNano)('reads the total of the receipt', async () => {
    const { stdout } = await ask([PHOTO, 'What is the total?', '--json', ...onServer()], scratch.environment);
    const run = runSchema.parse(JSON.parse(stdout));
    expect(run.answer).toContain('24.25');
    expect(run.steps.some((step) => step.actions[0]?.name === 'OCR')).toBe(true);
  });

  it('prints only the run with --json', async () => {
    const { code, stdout, stderr } = await ask(
      [PHOTO, 'What is the total?', '--json', '--max-steps', '2', ...onServer()],
      scratch.environment,
    );
    expect([code, stderr]).toEqual([0, '']);
    const run = runSchema.parse(JSON.parse(stdout));
    expect(run.status).toBe('succeeded');
    expect(run.steps.length).toBeLessThanOrEqual(2);
    expect(run.steps.at(-1)?.actions[0]?.name).toBe('Terminate');
  });

  it('takes several photos', async () => {
    const { code, stdout } = await ask(
      ['Which?', '--image', PHOTO, '--image', 'examples/sign.jpg', '--json', ...onServer()],
      scratch.environment,
    );
    expect(code).toBe(0);
    expect(runSchema.parse(JSON.parse(stdout)).images.length).toBeGreaterThanOrEqual(2);
  });

  it.each([
    ['a file that is not there', ['nowhere.jpg', 'What?'], 1, /^There is no file nowhere\.jpg$/],
    ['a folder', ['examples', 'What?'], 1, /^A folder is no photo: examples$/],
    [
      'a file that is no image',
      ['package.json', 'What?'],
      1,
      /^package\.json is no JPEG, PNG or WebP image\.$/,
    ],
    ['no question', [PHOTO], 2, /^A photo and a question are needed\.\n\nUsage:/],
    ['a question without quotes', [PHOTO, 'what', 'is', 'it'], 2, /^Put the question in quotes/],
    ['an unknown option', [PHOTO, 'What?', '--colour'], 2, /--colour/],
    ['too many steps', [PHOTO, 'What?', '--max-steps', '99'], 2, /^Expected --max-steps from 1 to/],
    [
      'a URL without a key',
      [PHOTO, 'What?', '--url', 'http://127.0.0.1:1'],
      2,
      /^--url and --key belong together/,
    ],
    [
      'a server that is down',
      [PHOTO, 'What?', '--url', 'http://127.0.0.1:1', '--key', 'k'],
      1,
      /^No server answers at http:\/\/127\.0\.0\.1:1 \(/,
    ],
  ])('says in a sentence what is wrong with %s', async (_, args, expected, message) => {
    const { code, stdout, stderr } = await ask(args, scratch.environment);
    expect(stderr.trim()).toMatch(message);
    expect([code, stdout]).toEqual([expected, '']);
  });

  it('stops what it started, and leaves nothing, when it is stopped in the middle', async () => {
    const temporary = mkdtempSync(join(scratch.folder, 'tmp-'));
    const child = spawn(process.execPath, ['scripts/ask.ts', PHOTO, 'What is the total?'], {
      env: { ...scratch.environment, TMPDIR: temporary },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const words = text(child.stderr);
    // The question is printed once all runs and the photo is there.
    await new Promise((resolve) => child.stdout.once('data', resolve));
    expect(readdirSync(temporary).filter((name) => name.startsWith('taco-ask-'))).toHaveLength(1);
    child.kill('SIGTERM');
    expect(await exitOf(child)).toBe(1);
    expect(await words).toBe('Stopped.\n');
    expect(readdirSync(temporary).filter((name) => name.startsWith('taco-ask-'))).toEqual([]);
  }, 120_000);

  it('says that a key is wrong, and that an image is damaged', async () => {
    const wrong = await ask(
      [PHOTO, 'What?', '--url', server.url, '--key', 'taco_test_wrong'],
      scratch.environment,
    );
    expect(wrong.stderr).toMatch(/refused: .*key/i);
    const damaged = join(scratch.folder, 'damaged.jpg');
    writeFileSync(damaged, Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 16]));
    const refused = await ask([damaged, 'What?', ...onServer()], scratch.environment);
    expect(refused.stderr).toMatch(/^The server at .* refused: /);
    expect([wrong.code, refused.code]).toEqual([1, 1]);
  });
});

describe('npm start', () => {
  it('says that a port is in use', async () => {
    const port = new URL(server.url).port;
    const second = start(['--port', port, '--state', join(scratch.folder, 'second')], scratch.environment);
    await expect(second).rejects.toThrow(`Port ${port} of 127.0.0.1 is in use.`);
  }, 60_000);

  it('says that a state folder is in use', async () => {
    const second = start(['--port', '0', '--state', join(scratch.folder, 'state')], scratch.environment);
    await expect(second).rejects.toThrow(/is in use by process \d+/);
  });
});
