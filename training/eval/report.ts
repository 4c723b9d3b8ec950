/** A score as markdown, and its place in docs/quality.md. */
import { readFile, writeFile } from 'node:fs/promises';
import { type Line, type Score, sumOf } from './score.ts';
import type { Suite } from './suite.ts';

const percent = (count: number, of: number): string =>
  of === 0 ? '-' : `${((100 * count) / of).toFixed(1)} %`;

const DEV_DESCRIPTION = 'Other pictures of the same kinds, in the fonts, styles and words of training';

export type ReportContext = {
  readonly dev: boolean;
  readonly command: string;
  readonly planner: string;
  readonly device: string;
  readonly date: string;
};

export function reportOf(suite: Suite, score: Score, context: ReportContext): string {
  const { all } = score;
  const families = [...new Set(score.lines.map(({ family }) => family))];
  const rows = families.flatMap((family) => {
    const lines = score.lines.filter((line) => line.family === family);
    const own = lines.map((line) => rowOf(line.family, line.type, line));
    return lines.length > 1 ? [...own, rowOf(`**${family}**`, '', sumOf(lines, family, ''))] : own;
  });
  return [
    `## ${suite.title}${context.dev ? ' (development set)' : ''}`,
    '',
    `${context.dev ? DEV_DESCRIPTION : suite.description}, asked one by one through the HTTP API.`,
    '',
    `**${percent(all.right, all.items)}** right (${all.right} of ${all.items}) with planner ${context.planner} on ${context.device}, ${context.date}. Command: \`${context.command}\``,
    '',
    '| family | question | n | right | 95 % | planner errors | tool errors | failed runs | steps | cost units | majority answer |',
    '|---|---|---|---|---|---|---|---|---|---|---|',
    ...rows,
    rowOf('**all**', '', all),
    '',
    `- Turns that parse and validate: ${percent(score.turns - score.invalidTurns, score.turns)} of ${score.turns}.`,
    `- Runs without an answer or a coded reason: ${score.uncoded}. Failed runs by code: ${listOf(score.failures)}.`,
    `- Steps of a run: ${listOf(score.stepsHistogram)}.`,
    `- Time of a run: median ${score.medianMs} ms, 90th percentile ${score.p90Ms} ms (picture upload included, no cached tool results).`,
    `- Runs that call a tool: ${listOf(all.tools)}.`,
    '- Tool error: the answer is wrong, and so is what the tools said: facts not read in one row, things not found, another order of depths. Planner error: the tools were right, or none was asked.',
    '- Steps and cost units: mean of a run. 95 %: bootstrap interval of the share that is right.',
    '- Majority answer: the most frequent right answer of each question type, chosen on the test itself, so it is an upper bound.',
    '- A number is right within 0.01 and if no other number of its own is given; a text is right if it is said whole, spaces, case and marks aside; "nothing to read" must be said and no digit invented.',
  ].join('\n');
}

function rowOf(family: string, type: string, line: Line): string {
  const { items, right, plannerErrors, toolErrors, failed, majority, interval } = line;
  const mean = (sum: number): string => (items === 0 ? '-' : (sum / items).toFixed(1));
  const cells = [
    family,
    type,
    items,
    `${right} (${percent(right, items)})`,
    interval.map((share) => (100 * share).toFixed(0)).join('-'),
    plannerErrors,
    toolErrors,
    failed,
    mean(line.steps),
    mean(line.costUnits),
    percent(majority, items),
  ];
  return `| ${cells.join(' | ')} |`;
}

function listOf(counts: Readonly<Record<string, number>>): string {
  const entries = Object.entries(counts).sort(([a], [b]) => (a < b ? -1 : 1));
  return entries.map(([key, count]) => `${key}: ${count}`).join(', ') || 'none';
}

/** Replaces what stands between the suite's two markers. Throws where the file lacks them. */
export async function writeQuality(file: URL, suite: Pick<Suite, 'name'>, report: string): Promise<void> {
  const [begin, end] = [`<!-- ${suite.name}:begin -->`, `<!-- ${suite.name}:end -->`];
  const page = await readFile(file, 'utf8');
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`expected ${begin} and ${end} in ${file.pathname}`);
  await writeFile(file, `${page.slice(0, from + begin.length)}\n${report}\n${page.slice(to)}`);
}
