/**
 * A boosted cascade of Haar features, as `training/faces/convert-cascade.py` writes it, and its answer for one
 * window. Arithmetic as in OpenCV 4 (`modules/objdetect/src/cascadedetect.{cpp,hpp}`): features and thresholds
 * are float32, sums of leaves are doubles.
 */
import * as z from 'zod';

const numbers = z.array(z.number());
const cascadeFile = z.strictObject({
  window: z.tuple([z.int().min(4).max(128), z.int().min(4).max(128)]),
  /** Two or three rectangles of x, y, width, height and weight each. */
  features: z.array(
    numbers.refine(({ length }) => length === 10 || length === 15, 'expected 10 or 15 numbers'),
  ),
  stages: z.array(
    z.strictObject({
      threshold: z.number(),
      /** Nodes of left, right, feature and threshold; then the leaves. */
      trees: z.array(z.tuple([numbers, numbers])),
    }),
  ),
});

/** Sums of gray values, and of their squares modulo 2^32, above and to the left of each corner of a pixel. */
export type Sums = { readonly plain: Int32Array; readonly squared: Int32Array; readonly stride: number };

export type Cascade = {
  readonly width: number;
  readonly height: number;
  /** Ready for sums of one stride. */
  windows(stride: number): WindowTest;
};

/** `passed`, or at which stage a window was refused; -1 where it has too little contrast to be looked at. */
export type WindowTest = (sums: Sums, x: number, y: number) => number | 'passed';

/** OpenCV lowers each threshold of a stage by so much. */
const THRESHOLD_EPSILON = 1e-5;
const RECTANGLES = 3;
const CORNERS = 4;

type Rectangle = readonly [x: number, y: number, width: number, height: number];
type Tables = {
  /** By rectangle: three of each feature. */
  readonly rectangles: readonly Rectangle[];
  readonly weights: Float64Array;
  readonly stageTrees: Int32Array;
  readonly stageThresholds: Float64Array;
  readonly treeNodes: Int32Array;
  readonly treeLeaves: Int32Array;
  readonly branches: Int32Array;
  readonly nodeFeatures: Int32Array;
  readonly nodeThresholds: Float64Array;
  readonly leaves: Float64Array;
};

/** Throws where the value is not a cascade, or where a branch, feature or rectangle leads nowhere. */
export function cascadeOf(value: unknown): Cascade {
  const file = cascadeFile.parse(value);
  const [width, height] = file.window;
  const tables = tablesOf(file);
  return { width, height, windows: (stride) => windowTest(tables, width, height, stride) };
}

function tablesOf({ window: [width, height], features, stages }: z.output<typeof cascadeFile>): Tables {
  const rectangles: Rectangle[] = [];
  const weights: number[] = [];
  for (const feature of features) {
    for (let at = 0; at < RECTANGLES * 5; at += 5) {
      const [x = 0, y = 0, w = 0, h = 0, weight = 0] = feature.slice(at, at + 5);
      if (!(x >= 0 && y >= 0 && x + w <= width && y + h <= height))
        throw new Error('a rectangle leaves its window');
      rectangles.push([x, y, w, h]);
      weights.push(weight);
    }
  }
  const flat = { branches: [] as number[], nodeFeatures: [] as number[], nodeThresholds: [] as number[] };
  const leaves: number[] = [];
  const trees = stages.flatMap((stage) => stage.trees);
  const treeNodes: number[] = [];
  const treeLeaves: number[] = [];
  for (const [nodes, ends] of trees) {
    treeNodes.push(flat.nodeFeatures.length);
    treeLeaves.push(leaves.length);
    for (let at = 0; at < nodes.length; at += 4) {
      const [left = 0, right = 0, feature = -1, threshold = Number.NaN] = nodes.slice(at, at + 4);
      const leadsOn = [left, right].every((to) =>
        to > 0 ? to > at / 4 && to < nodes.length / 4 : -to < ends.length,
      );
      if (!leadsOn || features[feature] === undefined) throw new Error('a node of the cascade leads nowhere');
      flat.branches.push(left, right);
      flat.nodeFeatures.push(feature);
      flat.nodeThresholds.push(Math.fround(threshold));
    }
    leaves.push(...ends.map(Math.fround));
  }
  return {
    rectangles,
    weights: Float64Array.from(weights),
    stageTrees: Int32Array.from(stages, ({ trees: { length } }) => length),
    stageThresholds: Float64Array.from(stages, ({ threshold }) =>
      Math.fround(Math.fround(threshold) - Math.fround(THRESHOLD_EPSILON)),
    ),
    treeNodes: Int32Array.from(treeNodes),
    treeLeaves: Int32Array.from(treeLeaves),
    branches: Int32Array.from(flat.branches),
    nodeFeatures: Int32Array.from(flat.nodeFeatures),
    nodeThresholds: Float64Array.from(flat.nodeThresholds),
    leaves: Float64Array.from(leaves),
  };
}

/** Top left, top right, bottom left, bottom right of a rectangle, from the window's first sum. */
function cornersOf([x, y, width, height]: Rectangle, stride: number): number[] {
  const top = y * stride + x;
  return [top, top + width, top + height * stride, top + height * stride + width];
}

function windowTest(tables: Tables, width: number, height: number, stride: number): WindowTest {
  const corners = Int32Array.from(tables.rectangles.flatMap((rectangle) => cornersOf(rectangle, stride)));
  const inner = cornersOf([1, 1, width - 2, height - 2], stride) as [number, number, number, number];
  const area = (width - 2) * (height - 2);
  const { weights, nodeFeatures, nodeThresholds, branches, leaves, treeNodes, treeLeaves } = tables;
  const { stageTrees, stageThresholds } = tables;

  const rectangleSum = (sums: Int32Array, at: number, rectangle: number): number => {
    const c = rectangle * CORNERS;
    return (
      (sums[at + (corners[c] as number)] as number) -
      (sums[at + (corners[c + 1] as number)] as number) -
      (sums[at + (corners[c + 2] as number)] as number) +
      (sums[at + (corners[c + 3] as number)] as number)
    );
  };
  // Whole numbers below 2^24: exact in float32, too.
  const feature = (sums: Int32Array, at: number, index: number): number => {
    const first = index * RECTANGLES;
    const third = weights[first + 2] as number;
    const two =
      (weights[first] as number) * rectangleSum(sums, at, first) +
      (weights[first + 1] as number) * rectangleSum(sums, at, first + 1);
    return third === 0 ? two : two + third * rectangleSum(sums, at, first + 2);
  };

  return ({ plain, squared }, x, y) => {
    const at = y * stride + x;
    const factor = contrastFactor(innerSum(plain, at, inner), innerSum(squared, at, inner) >>> 0, area);
    if (factor === undefined) return -1;
    let tree = 0;
    for (let stage = 0; stage < stageTrees.length; stage++) {
      let sum = 0;
      for (const end = tree + (stageTrees[stage] as number); tree < end; tree++) {
        const root = treeNodes[tree] as number;
        let next = 0;
        do {
          const node = root + next;
          const value = Math.fround(feature(plain, at, nodeFeatures[node] as number) * factor);
          next = branches[2 * node + (value < (nodeThresholds[node] as number) ? 0 : 1)] as number;
        } while (next > 0);
        sum += leaves[(treeLeaves[tree] as number) - next] as number;
      }
      if (sum < (stageThresholds[stage] as number)) return stage;
    }
    return 'passed';
  };
}

function innerSum(
  sums: Int32Array,
  at: number,
  [a, b, c, d]: readonly [number, number, number, number],
): number {
  return (
    (sums[at + a] as number) - (sums[at + b] as number) - (sums[at + c] as number) + (sums[at + d] as number)
  );
}

/** One over the standard deviation times the area, a float32; undefined for a window that is nearly plain. */
function contrastFactor(sum: number, squares: number, area: number): number | undefined {
  const variance = area * squares - sum * sum;
  if (!(variance > 0)) return undefined;
  const factor = Math.fround(1 / Math.sqrt(variance));
  return area * factor < 0.1 ? factor : undefined;
}
