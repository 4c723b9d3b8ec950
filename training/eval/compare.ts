/**
 * `npm run eval -- compare A.json B.json ...`: runs of one suite beside each other, from what `--out` wrote. The first is
 * what the others are measured against.
 */
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { parseArgs } from 'node:util';
import * as z from 'zod';
import { bootstrapMean } from './bootstrap.ts';
import { UsageError } from './suite.ts';

const written = z.object({
  suite: z.string(),
  results: z.array(z.object({ id: z.string(), family: z.string(), outcome: z.string() })),
});

/** One run: by item whether it was right. */
export type Compared = {
  readonly name: string;
  readonly items: ReadonlyMap<string, { readonly family: string; readonly right: boolean }>;
};

/** What owns up to what nobody can answer is no capability: it stands below the mean of the others. */
const APART: ReadonlySet<string> = new Set(['unknown']);

export async function run(args: readonly string[]): Promise<void> {
  const { positionals } = parseArgs({ args: [...args], allowPositionals: true });
  if (positionals.length < 2) throw new UsageError('compare expects two or more files that --out wrote');
  console.log(comparison(await Promise.all(positionals.map(readRun))));
}

async function readRun(file: string): Promise<Compared> {
  const parsed = written.safeParse(JSON.parse(await readFile(file, 'utf8')));
  if (!parsed.success)
    throw new UsageError(`${file}: expected what --out writes; ${z.prettifyError(parsed.error)}`);
  const items = parsed.data.results.map(
    ({ id, family, outcome }) => [id, { family, right: outcome === 'right' }] as const,
  );
  return { name: basename(file, '.json'), items: new Map(items) };
}

/** A markdown table: a row for each family, and how far each run is from the first. Throws UsageError. */
export function comparison(runs: readonly Compared[]): string {
  const [first] = runs;
  if (!first) throw new UsageError('compare expects at least one run');
  for (const { name, items } of runs)
    if (items.size !== first.items.size || [...items.keys()].some((id) => !first.items.has(id)))
      throw new UsageError(`${name} holds other items than ${first.name}: compare runs of one suite`);
  const families = [...new Set([...first.items.values()].map(({ family }) => family))].sort();
  const told = families.filter((family) => !APART.has(family));
  const row = (name: string, cells: readonly string[]): string => `| ${[name, ...cells].join(' | ')} |`;
  const line = (family: string): string =>
    row(
      family,
      runs.map((one) => shareText(sharesOf(one, family))),
    );
  return [
    row(
      '',
      runs.map(({ name }) => name),
    ),
    row(
      '---',
      runs.map(() => '---'),
    ),
    ...told.map(line),
    row(
      '**mean**',
      runs.map((one) => percent(meanOf(one, told))),
    ),
    row(
      'less than the first',
      runs.map((one) => (one === first ? '' : gapText(first, one, told))),
    ),
    ...families.filter((family) => APART.has(family)).map(line),
  ].join('\n');
}

const sharesOf = ({ items }: Compared, family: string): number[] =>
  [...items.values()].filter((one) => one.family === family).map(({ right }) => Number(right));

const average = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);

/** Every family counts alike. */
const meanOf = (one: Compared, families: readonly string[]): number =>
  average(families.map((family) => average(sharesOf(one, family))));

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

function shareText(values: readonly number[]): string {
  const [low, high] = bootstrapMean(values);
  return `${percent(average(values))} (${(100 * low).toFixed(0)}-${(100 * high).toFixed(0)})`;
}

/** Paired by item, so what is hard for both weighs nothing. In points, with the interval at 95 %. */
function gapText(first: Compared, other: Compared, families: readonly string[]): string {
  const told = [...first.items].filter(([, { family }]) => families.includes(family));
  const gaps = told.map(([id, { family, right }]) => {
    const gap = Number(right) - Number(other.items.get(id)?.right ?? false);
    // So that the mean over the items is the mean over the families.
    return (gap * told.length) / (families.length * sharesOf(first, family).length);
  });
  const [low, high] = bootstrapMean(gaps).map((gap) => (100 * gap).toFixed(1));
  const ahead = families.filter(
    (family) => average(sharesOf(first, family)) > average(sharesOf(other, family)),
  ).length;
  const points = 100 * (meanOf(first, families) - meanOf(other, families));
  return `${points.toFixed(1)} (${low} to ${high}), behind in ${ahead} of ${families.length}`;
}
