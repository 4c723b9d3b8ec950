/** Sums of the results of a suite. */

import { type Result, truthText } from './ask.ts';
import { bootstrap, type Interval } from './bootstrap.ts';
import { isRight } from './check.ts';
import type { Item } from './suite.ts';

export type Line = {
  readonly family: string;
  readonly type: string;
  readonly items: number;
  readonly right: number;
  readonly plannerErrors: number;
  readonly toolErrors: number;
  readonly failed: number;
  /** Sums over the runs. */
  readonly steps: number;
  readonly costUnits: number;
  /** By tool: in how many runs it was called. */
  readonly tools: Readonly<Record<string, number>>;
  /** The share that is right, at 95 %: percentiles of resampled sets (Efron 1979). */
  readonly interval: Interval;
  /** Right answers of "always say the most frequent answer of this type", chosen on the test itself. */
  readonly majority: number;
};

export type Score = {
  readonly lines: readonly Line[];
  readonly all: Line;
  readonly turns: number;
  readonly invalidTurns: number;
  /** Runs that ended with neither an answer nor a coded reason. */
  readonly uncoded: number;
  readonly failures: Readonly<Record<string, number>>;
  readonly stepsHistogram: Readonly<Record<string, number>>;
  readonly medianMs: number;
  readonly p90Ms: number;
};

/** `items` and `results` in the same order. */
export function scoreOf(items: readonly Item[], results: readonly Result[]): Score {
  const pairs = items.flatMap((item, index) => (results[index] ? [{ item, result: results[index] }] : []));
  const groups = Map.groupBy(pairs, ({ item }) => `${item.family} ${item.type}`);
  const lines = [...groups.values()].map(lineOf);
  lines.sort((a, b) => a.family.localeCompare(b.family) || a.type.localeCompare(b.type));
  const times = results.map(({ ms }) => ms).sort((a, b) => a - b);
  return {
    lines,
    all: sumOf(lines, 'all', ''),
    turns: sum(results, ({ turns }) => turns),
    invalidTurns: sum(results, ({ invalidTurns }) => invalidTurns),
    uncoded: results.filter(({ error }) => error === 'uncoded').length,
    failures: histogram(results.flatMap(({ error }) => error ?? [])),
    stepsHistogram: histogram(results.map(({ turns }) => String(turns))),
    medianMs: times[Math.floor(times.length / 2)] ?? 0,
    p90Ms: times[Math.min(times.length - 1, Math.floor(times.length * 0.9))] ?? 0,
  };
}

type Pair = { readonly item: Item; readonly result: Result };

function lineOf(group: readonly Pair[]): Line {
  const [first] = group;
  if (!first) throw new RangeError('a group has at least one item');
  const count = (outcome: Result['outcome']): number =>
    group.filter(({ result }) => result.outcome === outcome).length;
  return {
    family: first.item.family,
    type: first.item.type,
    items: group.length,
    right: count('right'),
    plannerErrors: count('planner-error'),
    toolErrors: count('tool-error'),
    failed: count('failed'),
    steps: sum(group, ({ result }) => result.turns),
    costUnits: sum(group, ({ result }) => result.costUnits),
    tools: histogram(group.flatMap(({ result }) => [...new Set(result.tools)])),
    interval: bootstrap(count('right'), group.length),
    majority: majorityRight(group.map(({ item }) => item)),
  };
}

function majorityRight(items: readonly Item[]): number {
  const answer = Object.entries(histogram(items.map(truthText))).reduce(
    (best, next) => (next[1] > best[1] ? next : best),
    ['', 0],
  )[0];
  const said = answer === 'nothing to read' ? 'There is nothing to read.' : answer;
  return items.filter((item) => isRight(said, item.truth, item.question)).length;
}

export function sumOf(lines: readonly Line[], family: string, type: string): Line {
  const total = (
    key: 'items' | 'right' | 'plannerErrors' | 'toolErrors' | 'failed' | 'majority' | 'steps' | 'costUnits',
  ): number => sum(lines, (line) => line[key]);
  return {
    family,
    type,
    items: total('items'),
    right: total('right'),
    plannerErrors: total('plannerErrors'),
    toolErrors: total('toolErrors'),
    failed: total('failed'),
    steps: total('steps'),
    costUnits: total('costUnits'),
    tools: lines.map((line) => line.tools).reduce(added, {}),
    interval: bootstrap(total('right'), total('items')),
    majority: total('majority'),
  };
}

function sum<T>(values: readonly T[], of: (value: T) => number): number {
  return values.reduce((total, value) => total + of(value), 0);
}

function added(a: Readonly<Record<string, number>>, b: Readonly<Record<string, number>>) {
  const names = [...new Set([...Object.keys(a), ...Object.keys(b)])];
  return Object.fromEntries(names.map((name) => [name, (a[name] ?? 0) + (b[name] ?? 0)]));
}

function histogram(values: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const value of values) counts[value] = (counts[value] ?? 0) + 1;
  return counts;
}
