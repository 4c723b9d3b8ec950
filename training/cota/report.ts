/** What a filter kept of each source, and why the rest fell out. */
import { type CotaTrace, toolsOf } from './trace.ts';

/** Ids of dropped traces that are named for each reason. */
const EXAMPLES_MAX = 3;

export type Row = {
  readonly source: string;
  read: number;
  kept: number;
  /** By check: how many fell out, and some of them. */
  readonly dropped: Record<string, { count: number; readonly examples: string[] }>;
  /** Kept traces by how many tools they call. */
  readonly calls: Record<number, number>;
};

export type Tally = {
  readonly rows: readonly Row[];
  add(trace: CotaTrace, reason: { readonly check: string; readonly detail: string } | undefined): void;
};

export function createTally(): Tally {
  const rows: Row[] = [];
  const bySource = new Map<string, Row>();
  const rowOf = (source: string): Row => {
    const known = bySource.get(source);
    if (known) return known;
    const row: Row = { source, read: 0, kept: 0, dropped: {}, calls: {} };
    bySource.set(source, row);
    rows.push(row);
    return row;
  };
  return {
    rows,
    add: (trace, reason) => {
      const row = rowOf(trace.source);
      row.read++;
      if (!reason) {
        row.kept++;
        const calls = toolsOf(trace).length;
        row.calls[calls] = (row.calls[calls] ?? 0) + 1;
        return;
      }
      row.dropped[reason.check] ??= { count: 0, examples: [] };
      const dropped = row.dropped[reason.check];
      if (!dropped) return;
      dropped.count++;
      if (dropped.examples.length < EXAMPLES_MAX) dropped.examples.push(`${trace.id}: ${reason.detail}`);
    },
  };
}

const percent = (part: number, whole: number): string =>
  whole === 0 ? '-' : `${((100 * part) / whole).toFixed(2)} %`;

/** A table of counts, then examples of each reason. */
export function reportText({ rows }: Pick<Tally, 'rows'>): string {
  const checks = [...new Set(rows.flatMap(({ dropped }) => Object.keys(dropped)))].sort();
  const sorted = rows.toSorted((a, b) => a.source.localeCompare(b.source));
  const sum = (count: (row: Row) => number): number => rows.reduce((total, row) => total + count(row), 0);
  const line = (name: string, count: (pick: (row: Row) => number) => number): string => {
    const read = count((row) => row.read);
    const kept = count((row) => row.kept);
    const reasons = checks.map((check) => count((row) => row.dropped[check]?.count ?? 0));
    const few = [0, 1, 2].map((calls) => count((row) => row.calls[calls] ?? 0));
    const more = kept - few.reduce((sum, some) => sum + some, 0);
    return `| ${[name, read, kept, percent(kept, read), [...few, more].join(' / '), ...reasons].join(' | ')} |`;
  };
  const examples = sorted.flatMap(({ source, dropped }) =>
    Object.entries(dropped).flatMap(([check, { examples: some }]) =>
      some.map((one) => `- ${source}, ${check}: ${one}`),
    ),
  );
  return [
    `| source | read | kept | share | calls 0 / 1 / 2 / more | ${checks.join(' | ')} |`,
    `|---|---|---|---|---|${checks.map(() => '---|').join('')}`,
    ...sorted.map((row) => line(row.source, (pick) => pick(row))),
    line('**all**', sum),
    '',
    ...examples,
  ].join('\n');
}
