/** The README of this folder: what was measured, for people who work on the OCR or on the planner. */
import type { Reading } from './measure.ts';
import type { NoiseModel } from './model.ts';

const percent = (count: number, of: number): string =>
  of === 0 ? '-' : `${((100 * count) / of).toFixed(1)} %`;

export function reportOf(readings: readonly Reading[], model: NoiseModel): string {
  const mean = (key: 'space' | 'character' | 'split' | 'dropped' | 'merged'): string => {
    return percent(
      model.scenes.reduce((sum, scene) => sum + scene[key], 0),
      model.scenes.length,
    );
  };
  return `# How the OCR misreads

Written by \`node training/noise/fit.ts\` from ${readings.length} rendered training scenes that \`node training/noise/measure.ts\`
read with the real OCR (median ${median(readings.map(({ ms }) => ms))} ms a picture). \`model.json\` holds the counts;
\`apply.ts\` samples text from them: it draws the rates of one measured scene, so errors come together as they really do.

A scene is *perfect* when its text is equal to what was printed, spaces and case included, and *readable* when it is
equal after spaces, case and currency signs are taken away.

${table('kind', readings, ({ kind }) => kind)}

${table('photo', readings, ({ quality, turned }) => (turned ? `${quality}, turned` : quality))}

${table('font', readings, ({ family }) => family)}

Mean over scenes: spaces lost ${mean('space')}, characters wrong ${mean('character')}, rows with several cells split in two
${mean('split')}, rows lost ${mean('dropped')}, rows run together ${mean('merged')}.

| lost spaces | printed | lost |
|---|---|---|
${Object.entries(model.spaces)
  .map(([context, { count, lost }]) => `| ${context} | ${count} | ${percent(lost, count)} |`)
  .join('\n')}

Most frequent misreadings (printed → read, times, share of that character): ${confusions(model)}.

Characters read where none was printed: ${top(model.inserted)}.

Spaces read where none is, by neighbours: ${joints(model)}.

Rows of junk: ${
    model.junkRows
      .slice(0, 30)
      .map((row) => JSON.stringify(row))
      .join(', ') || 'none'
  }.
`;
}

function table(title: string, readings: readonly Reading[], groupOf: (reading: Reading) => string): string {
  const groups = Map.groupBy(readings, groupOf);
  const rows = [...groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, group]) => line(name, group));
  return [
    `| ${title} | scenes | perfect | readable |`,
    '|---|---|---|---|',
    ...rows,
    line('all', readings),
  ].join('\n');
}

function line(name: string, group: readonly Reading[]): string {
  const perfect = group.filter((reading) => printedText(reading) === reading.read.join('\n')).length;
  const readable = group.filter(
    (reading) => bare(printedText(reading)) === bare(reading.read.join('\n')),
  ).length;
  return `| ${name} | ${group.length} | ${percent(perfect, group.length)} | ${percent(readable, group.length)} |`;
}

const printedText = ({ printed }: Reading): string => printed.map((cells) => cells.join(' ')).join('\n');
const bare = (text: string): string => text.replace(/[ $€£¥]/g, '').toLowerCase();

function confusions(model: NoiseModel): string {
  const all = Object.entries(model.characters).flatMap(([printed, { count, read }]) =>
    Object.entries(read).map(([got, times]) => ({ printed, got, times, count })),
  );
  all.sort((a, b) => b.times - a.times);
  return all
    .slice(0, 40)
    .map(
      ({ printed, got, times, count }) =>
        `\`${printed}\` → ${got === '' ? 'nothing' : `\`${got}\``} ${times} (${percent(times, count)})`,
    )
    .join(', ');
}

function top(counts: Readonly<Record<string, number>>): string {
  const entries = Object.entries(counts).sort(([, a], [, b]) => b - a);
  return (
    entries
      .slice(0, 15)
      .map(([character, count]) => `\`${character}\` ${count}`)
      .join(', ') || 'none'
  );
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

function joints(model: NoiseModel): string {
  const split = Object.entries(model.joints).filter(([, joint]) => joint.split > 0);
  return split.map(([key, joint]) => `${key} ${joint.split} of ${joint.count}`).join(', ') || 'none';
}
