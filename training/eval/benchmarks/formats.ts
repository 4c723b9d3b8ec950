/**
 * The published files of the paper's benchmarks, in the table form of VLMEvalKit: what the columns mean, how the
 * question is put, and how an answer is scored. No such file is part of this repository.
 */
import { TableError, type TableRow } from './tsv.ts';

export type Options = readonly { readonly letter: string; readonly text: string }[];

/** What makes an answer right. */
export type Key =
  | { readonly type: 'choice'; readonly letter: string; readonly options: Options }
  /** `parts`: each outer part is needed, any of its inner ones will do. */
  | { readonly type: 'open'; readonly truth: string; readonly parts: readonly (readonly string[])[] }
  | { readonly type: 'number'; readonly value: number; readonly tolerance: number };

export type Question = {
  readonly id: string;
  readonly text: string;
  /** Base64, as it stands in the table. */
  readonly images: readonly string[];
  readonly key: Key;
  readonly category: string;
};

export type Format = {
  /** Of the paper's name for it. */
  readonly title: string;
  readonly key: (row: TableRow) => Key;
  /** Whether two records in a row are one task, which is right where both are. */
  readonly paired?: boolean;
};

const LETTERS = [...'ABCDEFGHI'];
/** How pandas writes nothing. */
const isNothing = (value: string | undefined): boolean =>
  value === undefined || value === '' || value === 'nan';

function optionsOf(row: TableRow): Options {
  return LETTERS.flatMap((letter) => {
    const text = row[letter];
    return isNothing(text) ? [] : [{ letter, text: text ?? '' }];
  });
}

function choiceKey(row: TableRow): Key {
  const options = optionsOf(row);
  const letter = (row['answer'] ?? '').trim().replace(/^\(?([A-I])\)?\.?$/, '$1');
  if (!options.some((option) => option.letter === letter))
    throw new TableError(
      `record ${row['index']}: expected the answer to be one of ${options.map((one) => one.letter).join(', ') || 'the columns A, B ...'}, got ${JSON.stringify(row['answer'])}`,
    );
  return { type: 'choice', letter, options };
}

/** Answers of MMVet join what is needed by <AND> and what will do by <OR>. */
function openKey(row: TableRow): Key {
  const truth = row['answer'] ?? '';
  const parts = truth.split('<AND>').map((part) => part.split('<OR>').map((one) => one.trim()));
  return { type: 'open', truth, parts };
}

/** As in the reference: an open question of MMMU has its answer in the place of options. */
function choiceOrOpen(row: TableRow): Key {
  return optionsOf(row).length > 0 ? choiceKey(row) : openKey(row);
}

/** `['a', 'b']`, as Python prints a list of strings. */
export function pythonList(text: string): string[] {
  return [...text.matchAll(/'((?:\\.|[^'\\])*)'|"((?:\\.|[^"\\])*)"/g)].map((match) =>
    (match[1] ?? match[2] ?? '').replace(/\\(.)/g, '$1'),
  );
}

function mathVistaKey(row: TableRow): Key {
  const answer = (row['answer'] ?? '').trim();
  if (row['question_type'] === 'multi_choice') {
    const options = pythonList(row['choices'] ?? '').map((text, index) => ({
      letter: LETTERS[index] ?? '',
      text,
    }));
    const letter = isNothing(row['answer_option'])
      ? options.find(({ text }) => text === answer)?.letter
      : row['answer_option'];
    if (!letter || !options.some((option) => option.letter === letter))
      throw new TableError(
        `record ${row['index']}: expected the answer among its choices, got ${JSON.stringify(answer)}`,
      );
    return { type: 'choice', letter, options };
  }
  const value = Number(answer);
  const digits = isNothing(row['precision']) ? (answer.split('.')[1]?.length ?? 0) : Number(row['precision']);
  if (/integer|float/.test(row['answer_type'] ?? '') && Number.isFinite(value))
    return { type: 'number', value, tolerance: digits > 0 ? 0.5 * 10 ** -digits : 1e-9 };
  return { type: 'open', truth: answer, parts: [[answer]] };
}

export const formats = {
  mmvet: { title: 'MMVet', key: openKey },
  mmstar: { title: 'MMStar', key: choiceKey },
  mathvista: { title: 'MathVista', key: mathVistaKey },
  mmmu: { title: 'MMMU', key: choiceOrOpen },
  blink: { title: 'BLINK', key: choiceKey },
  'a-okvqa': { title: 'A-OKVQA', key: choiceKey },
  realworldqa: { title: 'RealWorldQA', key: choiceOrOpen },
  // Two pictures that look alike to CLIP, with the same question.
  mmvp: { title: 'MMVP', key: choiceKey, paired: true },
} as const satisfies Record<string, Format>;
export type FormatName = keyof typeof formats;

export const isFormat = (name: string | undefined): name is FormatName =>
  name !== undefined && Object.hasOwn(formats, name);

/** A cell as short as this names the record whose picture it shares. */
const REFERENCE_CHARS_MAX = 64;

/**
 * One record as a question. `seen`: pictures of earlier records, by index; this one is added. Throws TableError.
 */
export function questionOf(name: FormatName, row: TableRow, seen: Map<string, readonly string[]>): Question {
  const format: Format = formats[name];
  const id = row['index'] ?? '';
  if (id === '' || isNothing(row['question']))
    throw new TableError(
      `expected the columns index and question to be filled, got ${JSON.stringify({ index: row['index'], question: row['question'] })}`,
    );
  const images = imagesOf(row, seen);
  seen.set(id, images);
  const key = format.key(row);
  const category =
    [row['category'], row['l2-category'] ?? row['l2_category'], row['task']].find(
      (value) => !isNothing(value),
    ) ?? 'all';
  return { id, text: promptOf(row, key), images, key, category };
}

function imagesOf(row: TableRow, seen: ReadonlyMap<string, readonly string[]>): readonly string[] {
  const cell = row['image'] ?? '';
  if (cell.startsWith('[')) return pythonList(cell);
  const numbered = LETTERS.map((_, index) => row[`image_${index + 1}`] ?? '').filter(
    (one) => !isNothing(one),
  );
  if (isNothing(cell) && numbered.length > 0) return numbered;
  if (cell.length > REFERENCE_CHARS_MAX) return [cell];
  const shared = seen.get(cell);
  if (!shared)
    throw new TableError(
      `record ${row['index']}: expected a picture in base64 or the index of an earlier record, got ${JSON.stringify(cell)}`,
    );
  return shared;
}

/** Put as in VLMEvalKit, so that figures can be compared. */
function promptOf(row: TableRow, key: Key): string {
  const hint = isNothing(row['hint']) ? [] : [`Hint: ${row['hint']}`];
  if (key.type !== 'choice') return [...hint, row['question'] ?? ''].join('\n');
  const options = key.options.map(({ letter, text }) => `${letter}. ${text}`);
  return [
    ...hint,
    `Question: ${row['question']}`,
    'Options:',
    ...options,
    'Please select the correct answer from the options above.',
  ].join('\n');
}
