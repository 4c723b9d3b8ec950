import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { decodeImage } from '#backend/images/decode';
import { advertisedToolSpecs } from '#shared/tools/index';
import { boxSumsIn, disagreement } from '#training/cota/agree';
import { boxSums, rewritten } from '#training/cota/box-sums';
import { checks } from '#training/cota/checks';
import { filesOf } from '#training/cota/images';
import { traceOf } from '#training/cota/programs';
import { reexecute } from '#training/cota/reexecute';
import { openToolBench, type ToolBench } from '#training/cota/tool-bench';
import { type CotaTrace, cotaTrace, toolsOf } from '#training/cota/trace';
import { draftOf, programNames } from '#training/programs/index';
import { randomOf } from '#training/random';

const traceFrom = (name: string, seed: number): CotaTrace => ({
  id: `${name}-${seed}`,
  form: 'cota',
  ...draftOf(randomOf(seed), name),
});

test('the text recipe, which the shipped planner was trained by, never changes', () => {
  const hash = createHash('sha256');
  for (let index = 0; index < 300; index++) hash.update(JSON.stringify(traceOf(7, index)));
  expect(hash.digest('hex')).toBe('99d9e08846a74a8d5283c68e75f2b7e628cf44aa9b7b52121be5c822ab1b8618');
});

test.each(programNames)('%s: what it writes passes every check, and is decided by the seed', async (name) => {
  for (let seed = 1; seed <= 12; seed++) {
    const trace = traceFrom(name, seed);
    expect(traceFrom(name, seed)).toEqual(trace);
    expect(cotaTrace.parse(JSON.parse(JSON.stringify(trace)))).toEqual(trace);
    for (const [check, reasonOf] of Object.entries(checks))
      expect(await reasonOf(trace), `${check}: ${trace.question}`).toBeUndefined();
  }
});

test('every advertised tool is called, wrong calls are mended, and questions are given up', () => {
  const traces = Array.from({ length: 1_500 }, (_, index) => traceOf(11, index, 'all'));
  const called = new Set(traces.flatMap(toolsOf));
  expect(
    advertisedToolSpecs.map(({ name }) => name).filter((name) => name !== 'Terminate' && !called.has(name)),
  ).toEqual([]);
  const count = (fits: (trace: CotaTrace) => boolean): number => traces.filter(fits).length;
  expect(count(({ source }) => source === 'mended')).toBeGreaterThan(10);
  expect(count(({ truth }) => truth.type === 'unknown')).toBeGreaterThan(30);
  expect(count((trace) => toolsOf(trace).length === 0)).toBeGreaterThan(10);
  expect(count(({ images }) => images.length > 1)).toBeGreaterThan(60);
  expect(count((trace) => toolsOf(trace).length > 2)).toBeGreaterThan(60);
  expect(count((trace) => toolsOf(trace).includes('ZoomIn'))).toBeGreaterThan(30);
});

describe('the pictures of a trace', () => {
  test('are its own, then those that its tools made, in the order of their numbers', async () => {
    const trace = traceFrom('looks.pricing', 3);
    const files = await filesOf(trace);
    expect(files).toHaveLength(trace.images.length + trace.steps.filter(({ image }) => image).length);
    const sizes = await Promise.all(files.map(async (file) => (await decodeImage(file)).raster));
    const zoomed = trace.steps.find(({ image }) => image?.type === 'cut')?.image;
    if (zoomed?.type !== 'cut') throw new Error('the program enlarges a label');
    const [left, , right] = zoomed.bbox;
    // A quarter more on each side, then enlarged.
    const wide = (sizes[0]?.width ?? 0) * (right - left) * 1.5 * (zoomed.zoom ?? 1);
    expect(Math.abs((sizes[2]?.width ?? 0) - wide)).toBeLessThan(0.2 * wide);
  });

  test('hold what the trace says of them, or the filter drops it', async () => {
    const bench = await openToolBench();
    const seeds = Array.from({ length: 4 }, (_, index) => index + 1);
    const reasons = await Promise.all(
      seeds.map(async (seed) => reexecute(traceFrom('charts.chart', seed), bench)),
    );
    expect(reasons.filter((reason) => reason === undefined).length).toBeGreaterThan(1);
    const counted = traceFrom('objects.counting', 2);
    const elsewhere = traceFrom('objects.counting', 3);
    expect(await reexecute({ ...counted, images: elsewhere.images }, bench)).toMatch(/LocalizeObjects finds/);
  });

  test('may be measured a little otherwise, in the same order', async () => {
    const trace = traceFrom('depth.points', 4);
    const told = trace.steps.flatMap(({ observation }) =>
      observation && 'depth' in observation ? [observation] : [],
    );
    const measuring = (change: (depth: number, index: number) => number): ToolBench => {
      let index = 0;
      return {
        has: (name) => name === 'EstimateRegionDepth',
        call: async () => ({ observation: { depth: change(Number(told[index]?.['depth']), index++) } }),
      };
    };
    expect(told.length).toBeGreaterThan(1);
    expect(
      await reexecute(
        trace,
        measuring((depth) => depth + 0.01),
      ),
    ).toBeUndefined();
    expect(
      await reexecute(
        trace,
        measuring((depth) => 10 - depth),
      ),
    ).toMatch(/another order/);
  });
});

describe('a calculation on boxes', () => {
  const [dog, cat, bus] = [
    [0.1, 0.2, 0.3, 0.5],
    [0.6, 0.2, 0.7, 0.4],
    [0.2, 0.6, 0.5, 0.9],
  ] as const;
  const regions = (...boxes: (readonly number[])[]) => ({
    regions: boxes.map((bbox, index) => ({ label: ['dog', 'cat', 'bus'][index] ?? '', bbox: [...bbox] })),
  });
  const pair = (...again: (readonly number[])[]) => ({
    name: 'LocalizeObjects',
    recorded: regions(dog, cat, bus),
    again: regions(...again),
  });

  test('has only numbers of boxes', () => {
    expect(boxSums.areaGap(dog, cat)).toBe('(0.3 - 0.1) * (0.5 - 0.2) - (0.7 - 0.6) * (0.4 - 0.2)');
    expect(boxSums.rightOfMiddle(cat)).toBe('0.6 + 0.7 - 1');
    expect(boxSums.distanceGap(dog, cat, bus)).toBe(
      '(0.6 - 0.1) ^ 2 + (0.2 - 0.2) ^ 2 - (0.2 - 0.1) ^ 2 - (0.6 - 0.2) ^ 2',
    );
  });

  test('is written anew of the boxes that are really there', () => {
    const [told, real] = [new Map([['dog', dog]] as const), new Map([['dog', cat]] as const)];
    expect(rewritten(boxSums.rightOfMiddle(dog), told, real)?.again).toBe(boxSums.rightOfMiddle(cat));
    expect(rewritten('0.1 + 0.4 - 1', told, real)).toBeUndefined();
    expect(rewritten(boxSums.rightOfMiddle(dog), told, new Map())).toBeUndefined();
  });

  test('must say the same there', () => {
    const expression = boxSums.areaGap(dog, bus);
    const nearly = pair([0.11, 0.2, 0.3, 0.51], cat, bus);
    expect(disagreement([nearly], '', boxSumsIn([expression], [nearly]))).toBeUndefined();
    const grown = pair([0, 0, 0.9, 0.9], cat, bus);
    expect(disagreement([grown], '', boxSumsIn([expression], [grown]))).toMatch(/another thing/);
    const first = boxSums.leftmost([cat, bus, dog]);
    expect(first).toBe('min(0.6, 0.2, 0.1)');
    expect(disagreement([nearly], '', boxSumsIn([first], [nearly]))).toBeUndefined();
    const moved = pair([0.3, 0.2, 0.5, 0.5], cat, bus);
    expect(disagreement([moved], '', boxSumsIn([first], [moved]))).toMatch(/another thing/);
  });
});

test.each(['sizing', 'nearing'])('objects.%s: a sign decides, of boxes as they were found', (program) => {
  const bboxes = (trace: CotaTrace): Set<string> =>
    new Set(
      JSON.stringify(trace.steps[0]?.observation)
        .match(/[\d.]+/g)
        ?.map(String),
    );
  for (let seed = 1; seed <= 40; seed++) {
    const trace = traceFrom(`objects.${program}`, seed);
    const [, sum, end] = trace.steps;
    const expression = String(sum?.turn.actions[0]?.arguments['expression']);
    const copied = expression.replaceAll('^ 2', '').match(/[\d.]+/g) ?? [];
    expect(copied.filter((one) => !bboxes(trace).has(one))).toEqual([]);
    expect(end?.turn.thought).toMatch(/^-?[\d.]+ is (above|below) 0: the /);
  }
});
