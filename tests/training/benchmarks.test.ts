import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openTeacher } from '#training/cota/teacher';
import { formats, pythonList, questionOf } from '#training/eval/benchmarks/formats';
import { type Answered, askTable } from '#training/eval/benchmarks/index';
import { judgeOf } from '#training/eval/benchmarks/judge';
import { benchmarkReport } from '#training/eval/benchmarks/report';
import { letterOf, scoreOf } from '#training/eval/benchmarks/score';
import { readTable, TableError } from '#training/eval/benchmarks/tsv';
import { startService } from '../../scripts/service.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'taco-tsv-'));
});
afterAll(async () => rm(folder, { recursive: true, force: true }));

const fileOf = async (name: string, text: string): Promise<string> => {
  const path = join(folder, name);
  await writeFile(path, text);
  return path;
};
const rowsOf = async (path: string) => {
  const rows: Readonly<Record<string, string>>[] = [];
  for await (const row of readTable(path)) rows.push(row);
  return rows;
};

describe('a table', () => {
  test('has quoted fields with tabs, line feeds and quotes, also across the pieces of a large file', async () => {
    const long = 'A'.repeat(200_000);
    const path = await fileOf(
      'quoted.tsv',
      `index\timage\tquestion\r\n1\t${long}\t"say ""hi""\tor\nnot"\n2\t"${long}"\tplain "quotes" inside\n`,
    );
    expect(await rowsOf(path)).toEqual([
      { index: '1', image: long, question: 'say "hi"\tor\nnot' },
      { index: '2', image: long, question: 'plain "quotes" inside' },
    ]);
  });

  test('that is none is named', async () => {
    await expect(rowsOf(await fileOf('short.tsv', 'a\tb\n1\n'))).rejects.toThrow(
      /record 2: expected 2 fields, found 1/,
    );
    await expect(rowsOf(await fileOf('open.tsv', 'a\tb\n1\t"x\n'))).rejects.toThrow(TableError);
    await expect(rowsOf(await fileOf('empty.tsv', ''))).rejects.toThrow(/names of the columns/);
  });
});

const picture = 'iVBORw0KGgo'.padEnd(80, 'A');

describe('the formats', () => {
  test('put the question with its options, and know the answer', () => {
    const row = {
      index: '3',
      image: picture,
      question: 'What is it?',
      hint: 'Look left.',
      A: 'a cat',
      B: 'a dog',
      C: 'nan',
      answer: 'B',
      category: 'animals',
    };
    for (const name of ['mmstar', 'blink', 'a-okvqa', 'realworldqa', 'mmvp', 'mmmu'] as const) {
      const question = questionOf(name, row, new Map());
      expect(question.key).toMatchObject({ type: 'choice', letter: 'B' });
      expect(question.text).toBe(
        'Hint: Look left.\nQuestion: What is it?\nOptions:\nA. a cat\nB. a dog\nPlease select the correct answer from the options above.',
      );
      expect(question.category).toBe('animals');
    }
    expect(() => questionOf('mmstar', { ...row, answer: 'D' }, new Map())).toThrow(
      /expected the answer to be one of A, B/,
    );
  });

  test('take several pictures, and the picture of an earlier record', () => {
    const seen = new Map<string, readonly string[]>();
    const row = { index: '7', question: 'Which?', A: 'x', B: 'y', answer: 'A' };
    expect(questionOf('mmmu', { ...row, image: `['${picture}', '${picture}B']` }, seen).images).toEqual([
      picture,
      `${picture}B`,
    ]);
    expect(questionOf('blink', { ...row, index: '8', image: '7' }, seen).images).toHaveLength(2);
    expect(
      questionOf('blink', { ...row, index: '9', image_1: picture, image_2: picture }, seen).images,
    ).toHaveLength(2);
    expect(() => questionOf('blink', { ...row, image: '77' }, seen)).toThrow(/index of an earlier record/);
  });

  test('MathVista has choices, numbers of a precision and texts', () => {
    const row = {
      index: '1',
      image: picture,
      question: 'q',
      choices: 'nan',
      precision: 'nan',
      answer_option: 'nan',
    };
    const keyOf = (more: object) => questionOf('mathvista', { ...row, ...more }, new Map()).key;
    expect(
      keyOf({ question_type: 'multi_choice', choices: "['8', 'it\\'s', \"9\"]", answer: '9' }),
    ).toMatchObject({ letter: 'C' });
    expect(
      keyOf({ question_type: 'free_form', answer_type: 'float', precision: '1.0', answer: '2.5' }),
    ).toEqual({ type: 'number', value: 2.5, tolerance: 0.05 });
    expect(keyOf({ question_type: 'free_form', answer_type: 'integer', answer: '7' })).toMatchObject({
      type: 'number',
      value: 7,
    });
    expect(pythonList("['a', 'b']")).toEqual(['a', 'b']);
  });
});

const options = [
  { letter: 'A', text: 'left' },
  { letter: 'B', text: 'a dog' },
  { letter: 'C', text: 'a dog house' },
];

describe('an answer', () => {
  test.each([
    ['B', 'B'],
    ['(b)', undefined],
    ['(B)', 'B'],
    ['B. a dog', 'B'],
    ['The answer is C', 'C'],
    ['a dog', 'B'],
    ['It is a dog house.', 'C'],
    ['left or a dog', undefined],
    ['A dog is to be seen.', 'B'],
    ['none of these', undefined],
    ['D', undefined],
  ])('%j names %s', (answer, letter) => {
    expect(letterOf(answer, options)).toBe(letter);
  });

  test('of an open question has all parts, or some of the score', async () => {
    const key = { type: 'open', truth: '7<AND>red<OR>crimson', parts: [['7'], ['red', 'crimson']] } as const;
    expect(await scoreOf('q', key, 'Crimson, 7 of them', undefined)).toEqual({ score: 1, by: 'rule' });
    expect(await scoreOf('q', key, '17 red ones', undefined)).toEqual({ score: 0.5, by: 'rule' });
    const number = { type: 'number', value: 2.5, tolerance: 0.05 } as const;
    expect(await scoreOf('q', number, 'x = 2.54', undefined)).toEqual({ score: 1, by: 'rule' });
    expect(await scoreOf('q', number, '2.6', undefined)).toEqual({ score: 0, by: 'rule' });
    expect(await scoreOf('q', { type: 'choice', letter: 'A', options }, 'who knows', undefined)).toEqual({
      score: 0,
      by: 'none',
    });
  });
});

test('pairs are right where both are', () => {
  const one = (id: string, score: number): Answered => ({
    id,
    category: 'all',
    score,
    by: 'rule',
    steps: 2,
    costUnits: 2,
    tools: ['OCR'],
  });
  const report = benchmarkReport(formats.mmvp, [one('1', 1), one('2', 1), one('3', 1), one('4', 0)]);
  expect(report).toContain('| **all** | 2 | 50.0 % |');
  expect(report).toContain('Scored by rule 4');
});

test('small files go through the whole service and a judge, and a second start asks nothing again', async () => {
  const prompts: string[] = [];
  const judge = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    prompts.push(body);
    const content = body.includes('one letter') ? 'A' : '0.7';
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ choices: [{ message: { content } }], usage: { total_tokens: 5 } }));
  });
  await new Promise<void>((resolve) => judge.listen(0, '127.0.0.1', resolve));
  const service = await startService({ stateFolder: join(folder, 'state') });
  try {
    const { port } = judge.address() as AddressInfo;
    const teacher = openTeacher({ url: `http://127.0.0.1:${port}/v1`, key: 'k', model: 'm' });
    const receipt = (await readFile(new URL('../../examples/receipt.jpg', import.meta.url))).toString(
      'base64',
    );
    const asking = { server: service, judge: judgeOf(teacher), known: [], limit: 10, concurrency: 1 };
    const open = await fileOf(
      'mmvet.tsv',
      `index\timage\tquestion\tanswer\tcategory\nv1\t${receipt}\tWhat is the total?\t24.25<OR>$24.25\tocr\nv2\tv1\tHow much is the porridge?\tsome other text\tocr\n`,
    );
    const out = join(folder, 'answers.jsonl');
    const results = await askTable(open, 'mmvet', { ...asking, out });
    expect(results.map(({ id, score, by }) => ({ id, score, by }))).toEqual([
      { id: 'v1', score: 1, by: 'rule' },
      { id: 'v2', score: 0.7, by: 'judge' },
    ]);
    expect(results[0]?.tools).toEqual(['OCR']);
    expect(results[0]?.costUnits).toBeGreaterThan(0);
    expect(prompts.at(-1)).toContain('some other text');
    const asked = prompts.length;
    expect(await askTable(open, 'mmvet', { ...asking, known: results })).toEqual(results);
    expect(prompts).toHaveLength(asked);

    const choice = await fileOf(
      'realworldqa.tsv',
      `index\timage\tquestion\tA\tB\tanswer\n0\t${receipt}\tWhat is the total?\t24.25\t19.90\tA\n`,
    );
    const [chosen] = await askTable(choice, 'realworldqa', asking);
    expect(chosen?.by === 'rule' || chosen?.by === 'judge').toBe(true);
    const broken = await fileOf(
      'broken.tsv',
      `index\timage\tquestion\tanswer\n1\t${'x'.repeat(90)}\tWhat?\tyes\n`,
    );
    await expect(askTable(broken, 'mmvet', asking)).rejects.toThrow(/expected a picture in base64/);
  } finally {
    await service.stop();
    judge.close();
  }
}, 240_000);
