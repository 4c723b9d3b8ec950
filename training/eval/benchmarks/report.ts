/** The figures of one benchmark file. */
import { bootstrapMean } from '../bootstrap.ts';
import type { Format } from './formats.ts';
import type { Answered } from './index.ts';

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
const mean = (values: readonly number[]): number =>
  values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;

export function benchmarkReport(
  { title, paired = false }: Pick<Format, 'title' | 'paired'>,
  results: readonly Answered[],
): string {
  const units = paired ? pairsOf(results) : results;
  const categories = [...new Set(units.map(({ category }) => category))].sort();
  const row = (name: string, own: readonly Answered[]): string => {
    const scores = own.map(({ score }) => score);
    const [low, high] = bootstrapMean(scores);
    return `| ${[name, own.length, percent(mean(scores)), `${percent(low)} to ${percent(high)}`].join(' | ')} |`;
  };
  return [
    `## ${title}${paired ? ', pairs that are right in both' : ''}`,
    '',
    '| category | n | score | 95 % |',
    '|---|---|---|---|',
    ...(categories.length > 1
      ? categories.map((name) =>
          row(
            name,
            units.filter(({ category }) => category === name),
          ),
        )
      : []),
    row('**all**', units),
    '',
    `- Scored by rule ${countOf(results, 'rule')}, by the judge ${countOf(results, 'judge')}, by neither ${countOf(results, 'none')} (wrong).`,
    `- Failed: ${listOf(results.flatMap(({ error }) => error ?? []))}.`,
    `- A run takes ${mean(results.map(({ steps }) => steps)).toFixed(1)} steps and ${mean(results.map(({ costUnits }) => costUnits)).toFixed(1)} cost units; tools by runs: ${listOf(results.flatMap(({ tools }) => tools))}.`,
  ].join('\n');
}

/** Two records in a row as one: right where both are. */
function pairsOf(results: readonly Answered[]): Answered[] {
  return results.flatMap((one, at) => {
    const before = results[at - 1];
    return at % 2 === 1 && before ? [{ ...one, score: before.score === 1 && one.score === 1 ? 1 : 0 }] : [];
  });
}

const countOf = (results: readonly Answered[], by: Answered['by']): number =>
  results.filter((one) => one.by === by).length;

function listOf(names: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return (
    [...counts]
      .sort((a, b) => b[1] - a[1])
      .map(([name, count]) => `${name} ${count}`)
      .join(', ') || 'none'
  );
}
