import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { checks } from '#training/cota/checks';
import { type DistillOptions, distill, readRows } from '#training/cota/distill';
import { openTeacher } from '#training/cota/teacher';
import { openToolBench, type ToolBench } from '#training/cota/tool-bench';
import { UsageError } from '#training/cota/usage';
import { freshFolder, tracesOf } from './support.ts';

const RECEIPT = new URL('../../../examples/receipt.jpg', import.meta.url);

type Said = { readonly status?: number; readonly content?: string; readonly body?: string };
/** What the teacher says to the n-th request, and what it was asked. */
let script: Said[] = [];
const asked: { messages: { role: string; content: unknown }[] }[] = [];
let server: Server;
let bench: ToolBench;

beforeAll(async () => {
  bench = await openToolBench();
  server = createServer(async (request, response) => {
    let text = '';
    for await (const chunk of request) text += chunk;
    asked.push(JSON.parse(text));
    const { status = 200, content = '', body } = script.shift() ?? { status: 418 };
    response.writeHead(status, { 'content-type': 'application/json', 'retry-after': '0' });
    response.end(
      body ?? JSON.stringify({ choices: [{ message: { content } }], usage: { total_tokens: 100 } }),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(() => server.close());
afterEach(() => {
  script = [];
  asked.length = 0;
});

const turn = (name: string, input: object): Said => ({
  content: JSON.stringify({ thought: 'So.', actions: [{ name, arguments: input }] }),
});
const answer = (text: string): Said => turn('Terminate', { answer: text });

async function setUp(
  count = 1,
): Promise<{ folder: string; rows: Awaited<ReturnType<typeof readRows>>; options: DistillOptions }> {
  const folder = await freshFolder();
  await copyFile(RECEIPT, join(folder, 'receipt.jpg'));
  const lines = Array.from({ length: count }, (_, index) => ({
    id: `row-${index}`,
    source: 'receipts',
    images: ['receipt.jpg'],
    question: 'What is the total?',
    truth: { type: 'number', value: 24.25 },
  }));
  await writeFile(join(folder, 'rows.jsonl'), lines.map((line) => JSON.stringify(line)).join('\n'));
  const { port } = server.address() as AddressInfo;
  const teacher = openTeacher({ url: `http://127.0.0.1:${port}/v1`, key: 'k', model: 'm' });
  return {
    folder,
    rows: await readRows(join(folder, 'rows.jsonl')),
    options: { teacher, bench, agent: false, tokensMax: 10_000, stepsMax: 4 },
  };
}

test('the loop runs our tools: what they say is read by the teacher and kept', async () => {
  const { folder, rows, options } = await setUp();
  script = [
    turn('OCR', { image: 'image-0' }),
    turn('ZoomIn', { image: 'image-0', bbox: [0, 0.5, 1, 1], zoom_factor: 2 }),
    turn('Calculate', { expression: '24.25 / 0' }),
    answer('24.25'),
  ];
  expect(await distill(rows, folder, options)).toEqual({
    receipts: { cot_correct: 0, cot_wrong: 0, cota_correct: 1, cota_wrong: 0 },
  });
  const [trace] = await tracesOf(folder);
  expect(trace?.form).toBe('cota');
  expect(String(trace?.steps[0]?.observation?.['text'])).toContain('24.25');
  expect(trace?.steps[2]?.observation?.['error']).toBeDefined();
  for (const check of Object.values(checks)) expect(trace && (await check(trace))).toBeUndefined();
  // The picture, then the picture that ZoomIn made.
  const pictures = (JSON.stringify(asked.at(-1)).match(/data:image/g) ?? []).length;
  expect(pictures).toBe(2);
  const made = trace?.steps[1]?.image;
  expect(made?.type === 'file' && (await readFile(made.path)).length).toBeGreaterThan(1_000);
});

test('what is wrong becomes a direct answer, what used no tool a chain of thought', async () => {
  const { folder, rows, options } = await setUp(2);
  script = [turn('OCR', { image: 'image-0' }), answer('12'), answer('24.25')];
  expect(await distill(rows, folder, options)).toEqual({
    receipts: { cot_correct: 1, cot_wrong: 0, cota_correct: 0, cota_wrong: 1 },
  });
  const traces = await tracesOf(folder);
  expect(traces.map(({ form }) => form)).toEqual(['direct', 'cot']);
  expect(traces[0]?.steps[0]?.turn.actions[0]?.arguments).toEqual({ answer: '24.25' });
});

test('a busy teacher is asked again; a row that failed is taken up by the next start, and nothing twice', async () => {
  const { folder, rows, options } = await setUp(2);
  script = [{ status: 503 }, { status: 429 }, answer('24.25'), { status: 401, body: '{"error":"no"}' }];
  await distill(rows, folder, options);
  expect(asked).toHaveLength(4);
  script = [answer('24.25')];
  expect(await distill(rows, folder, options)).toMatchObject({ receipts: { cot_correct: 2 } });
  expect(asked).toHaveLength(5);
  expect(await tracesOf(folder)).toHaveLength(2);
});

test('the budget ends it, and bad turns are sent back', async () => {
  const { folder, rows, options } = await setUp(3);
  script = [{ content: 'I think it is 24.25.' }, answer('24.25'), answer('24.25')];
  await distill(rows, folder, { ...options, tokensMax: 200 });
  expect(JSON.stringify(asked[1])).toContain('invalid_turn');
  expect(asked).toHaveLength(2);
  expect(await tracesOf(folder)).toHaveLength(1);
});

test('a reply that is no completion is an error of the row', async () => {
  const { folder, rows, options } = await setUp();
  script = [{ body: '<html>' }];
  expect(await distill(rows, folder, options)).toEqual({});
  expect(await readFile(join(folder, 'ledger.jsonl'), 'utf8')).toContain('no chat completion');
});

test('a bad row is named', async () => {
  const folder = await freshFolder();
  const file = join(folder, 'rows.jsonl');
  await writeFile(
    file,
    '{"id":"../x","source":"s","images":["a.jpg"],"question":"q","truth":{"type":"nothing"}}',
  );
  await expect(readRows(file)).rejects.toThrow(UsageError);
  await expect(readRows(file)).rejects.toThrow(/rows\.jsonl:1/);
});
