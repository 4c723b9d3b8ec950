/** `node training/noise/fit.ts`: counts the errors of training/.work/noise/readings.jsonl into model.json and README.md. */
import { readFileSync, writeFileSync } from 'node:fs';
import { alignRows, editsOf, type RowMatch } from './align.ts';
import { type Reading, workFolder } from './measure.ts';
import {
  ALWAYS_LOST,
  characterKey,
  jointOf,
  type NoiseModel,
  type SceneRates,
  type SpaceContext,
  spaceContext,
} from './model.ts';
import { reportOf } from './report.ts';

type Counts = {
  readonly characters: Map<string, { count: number; read: Map<string, number> }>;
  readonly inserted: Map<string, number>;
  readonly joints: Map<string, { count: number; split: number }>;
  readonly spaces: Record<SpaceContext, { count: number; lost: number }>;
};

type SceneCount = { added: number; spaces: number; lost: number; characters: number; wrong: number };

/** Counts all readings. The model's scenes stand in the order of the readings. */
export function fitNoise(readings: readonly Reading[]): NoiseModel {
  const spaces = Object.fromEntries(
    (['cells', 'letters', 'digits', 'mixed', 'marks'] as const).map((context) => [
      context,
      { count: 0, lost: 0 },
    ]),
  ) as Counts['spaces'];
  const counts: Counts = { characters: new Map(), inserted: new Map(), joints: new Map(), spaces };
  const junkRows: string[] = [];
  const scenes = readings.map((reading) => fitScene(reading, counts, junkRows));
  return {
    version: 1,
    scenes,
    characters: Object.fromEntries(
      [...counts.characters]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([key, { count, read }]) => [key, { count, read: Object.fromEntries(read) }]),
    ),
    inserted: Object.fromEntries(counts.inserted),
    spaces,
    joints: Object.fromEntries(counts.joints),
    junkRows,
  };
}

function fitScene({ printed, read }: Reading, counts: Counts, junkRows: string[]): SceneRates {
  const { matches, inserted } = alignRows(printed, read);
  const scene: SceneCount = { added: 0, spaces: 0, lost: 0, characters: 0, wrong: 0 };
  for (const match of matches) countMatch(match, printed, read, counts, scene);
  junkRows.push(...inserted.map((at) => read[at] ?? ''));
  const several = printed.filter((cells) => cells.length > 1).length;
  const split = matches.filter((match) => match.type === 'split');
  const share = (count: number, of: number): number => Math.round((1000 * count) / Math.max(of, 1)) / 1000;
  return {
    space: share(scene.lost, scene.spaces),
    character: share(scene.wrong, scene.characters),
    split: share(split.length, several),
    reversed: share(split.filter(({ at }) => at[0] > at[1]).length, split.length),
    dropped: share(matches.filter(({ type }) => type === 'dropped').length, printed.length),
    added: scene.added > 0,
    merged: share(matches.filter(({ type }) => type === 'merged').length, printed.length),
    junk: inserted.length,
  };
}

function countMatch(
  match: RowMatch,
  printed: readonly (readonly string[])[],
  read: readonly string[],
  counts: Counts,
  scene: SceneCount,
): void {
  const cells = printed[match.row] ?? [];
  switch (match.type) {
    case 'dropped':
      return;
    case 'whole':
      return countText(cells, read[match.at] ?? '', counts, scene);
    case 'merged':
      return countText([...cells, ...(printed[match.row + 1] ?? [])], read[match.at] ?? '', counts, scene);
    case 'split':
      countText(cells.slice(0, match.cut), read[match.at[0]] ?? '', counts, scene);
      countText(cells.slice(match.cut), read[match.at[1]] ?? '', counts, scene);
  }
}

function countText(cells: readonly string[], read: string, counts: Counts, scene: SceneCount): void {
  const text = cells.join(' ');
  const boundaries = new Set<number>();
  let end = -1;
  for (const cell of cells.slice(0, -1)) {
    end += cell.length + 1;
    boundaries.add(end);
  }
  countJoints(text, counts, 'count');
  let at = 0;
  for (const edit of editsOf(text, read)) {
    if (edit.type === 'insert') {
      if (edit.read === ' ') {
        scene.added++;
        countJoints(text.slice(Math.max(at - 1, 0), at + 1), counts, 'split');
      }
      counts.inserted.set(edit.read, (counts.inserted.get(edit.read) ?? 0) + 1);
      if (edit.read !== ' ') scene.wrong++;
      continue;
    }
    if (edit.printed === ' ') {
      const context = spaceContext(text[at - 1] ?? '', text[at + 1] ?? '', boundaries.has(at));
      counts.spaces[context].count++;
      scene.spaces++;
      if (edit.type !== 'same') {
        counts.spaces[context].lost++;
        scene.lost++;
      }
    } else {
      const key = characterKey(text, at);
      const confusion = counts.characters.get(key) ?? { count: 0, read: new Map<string, number>() };
      confusion.count++;
      scene.characters++;
      if (edit.type !== 'same') {
        const got = edit.type === 'substitute' ? edit.read : '';
        confusion.read.set(got, (confusion.read.get(got) ?? 0) + 1);
        if (!ALWAYS_LOST.has(key)) scene.wrong++;
      }
      counts.characters.set(key, confusion);
    }
    at++;
  }
}

function countJoints(text: string, counts: Counts, what: 'count' | 'split'): void {
  for (let at = 1; at < text.length; at++) {
    const [before, after] = [text[at - 1] as string, text[at] as string];
    if (before === ' ' || after === ' ') continue;
    const key = jointOf(before, after);
    const joint = counts.joints.get(key) ?? { count: 0, split: 0 };
    joint[what]++;
    counts.joints.set(key, joint);
  }
}

if (import.meta.main) {
  const lines = readFileSync(new URL('readings.jsonl', workFolder), 'utf8').trim().split('\n');
  const readings = lines.map((line) => JSON.parse(line) as Reading);
  const model = fitNoise(readings);
  writeFileSync(new URL('model.json', import.meta.url), `${JSON.stringify(model)}\n`);
  writeFileSync(new URL('README.md', import.meta.url), reportOf(readings, model));
}
