/** The counts of the OCR evaluation as markdown. */
import { addCounts, type Counts } from './measure.ts';

export type SetResult = {
  readonly group: string;
  readonly name: string;
  readonly own: Counts;
  readonly tesseract?: Counts;
};

export type ReportContext = {
  readonly dev: boolean;
  readonly command: string;
  readonly date: string;
  readonly model: string;
  /** Undefined where the machine has none. */
  readonly tesseract: string | undefined;
};

const share = (part: number, whole: number): string =>
  whole === 0 ? '-' : ((100 * part) / whole).toFixed(1);

/** Of one-to-one matches of boxes: the harmonic mean of precision and recall. */
export function hmean({ printedCells, foundRuns, matched }: Counts): number {
  return printedCells + foundRuns === 0 ? 0 : (2 * matched) / (printedCells + foundRuns);
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;
}

const cellsOf = (counts: Counts): string[] => [
  share(counts.edits, counts.characters),
  share(counts.orderedEdits, counts.orderedCharacters),
  share(counts.exactRows, counts.rows),
  (100 * hmean(counts)).toFixed(1),
  (median(counts.ms) / 1000).toFixed(2),
];

export function reportOf(results: readonly SetResult[], context: ReportContext): string {
  const groups = [...new Set(results.map(({ group }) => group))];
  const withTesseract = context.tesseract !== undefined;
  const rowFor = (title: string, some: readonly SetResult[]): string => {
    const own = addCounts(some.map((result) => result.own));
    const other = addCounts(some.flatMap((result) => result.tesseract ?? []));
    return `| ${[title, own.pictures, own.rows, ...cellsOf(own), ...(withTesseract ? cellsOf(other) : [])].join(' | ')} |`;
  };
  const rows = groups.flatMap((group) => {
    const sets = results.filter((result) => result.group === group);
    const own = sets.map((result) => rowFor(`${group} ${result.name}`, [result]));
    return sets.length > 1 ? [...own, rowFor(`**${group}**`, sets)] : own;
  });
  const own = addCounts(results.map((result) => result.own));
  const columns = ['CER', 'ordered CER', 'rows exact', 'Hmean', 's'];
  const others = withTesseract ? columns.map((column) => `Tesseract: ${column}`) : [];
  return [
    `## Reading text${context.dev ? ' (development set)' : ''}`,
    '',
    `${own.pictures} rendered pictures with ${own.rows} printed rows in ${context.dev ? 'the fonts, styles and surfaces of training' : 'fonts, styles and surfaces that are held out'}. One property varies in each set; the others stay those of a careful photo. Engine: ${context.model}, ${context.date}. Command: \`${context.command}\``,
    '',
    `| set | pictures | rows | ${[...columns, ...others].join(' | ')} |`,
    `|${'---|'.repeat(3 + columns.length + others.length)}`,
    ...rows,
    rowFor('**all**', results),
    '',
    `- Tables: of ${own.tableCells} printed cells ${own.rightCells} (${share(own.rightCells, own.tableCells)} %) stand in their own row and column of one found table, as printed but for case and spaces.`,
    '- CER: characters to insert, drop or replace, in percent of those printed, row by row; what was read belongs to the printed row that its box lies on, so reading order does not count. Text where none is printed counts as inserted; no picture is worse than 100.',
    '- Ordered CER: the same of the whole text in reading order, of pictures with one page. Rows exact: percent of rows without any error.',
    '- Hmean: boxes of printed cells and found runs of text, matched one to one where the upright rectangles around them have an intersection over union of 0.5 or more.',
    '- s: median time of a picture on one thread without decoding; Tesseract’s with the start of its process.',
    context.tesseract === undefined
      ? '- Tesseract is left out: this machine has no binary `tesseract`.'
      : `- Tesseract: ${context.tesseract} of Debian, \`--psm 1 -l eng\`, on the same pixels in the same run. Words of a line farther apart than its height count as separate runs.`,
  ].join('\n');
}
