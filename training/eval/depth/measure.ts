/**
 * How good a map of relative inverse depth is. Every measure is taken in the same way of the model and of
 * what needs no model: "lower in the picture is closer".
 */
import { type Random, randomOf } from '#training/random';

/** Row by row; inverse depth, larger is closer; 0 in the truth is sky. */
export type DepthPlane = { readonly width: number; readonly height: number; readonly values: Float32Array };

/** Pairs whose depths differ by less than this factor have no order to speak of. */
const TOLD_RATIO = 1.1;
/** Pairs of one row: at most this share of the height apart. There "lower is closer" is a coin toss. */
const SAME_ROW = 0.02;
const PAIRS = 4_000;
/** A picture with fewer pairs than this has no order of rows. */
const PAIRS_MIN = 20;
/** Predictions that the fit makes farther than this share of the nearest are taken as that far. */
const FARTHEST = 1e-3;

/** Shares and a mean relative error, 0..1 but for `absRel`. `sameRow` and `allPairs`: undefined where too few pairs are told. */
export type Measures = {
  readonly sameRow: number | undefined;
  readonly allPairs: number | undefined;
  readonly delta1: number;
  readonly absRel: number;
};

/** The map at another size, each place by the four around it. */
export function resized(map: DepthPlane, width: number, height: number): DepthPlane {
  const values = new Float32Array(width * height);
  for (let y = 0; y < height; y++) {
    const v = Math.max(0, Math.min(map.height - 1, ((y + 0.5) * map.height) / height - 0.5));
    const [top, below] = [Math.floor(v), Math.min(map.height - 1, Math.floor(v) + 1)];
    for (let x = 0; x < width; x++) {
      const u = Math.max(0, Math.min(map.width - 1, ((x + 0.5) * map.width) / width - 0.5));
      const [left, right] = [Math.floor(u), Math.min(map.width - 1, Math.floor(u) + 1)];
      const at = (column: number, row: number): number => map.values[row * map.width + column] as number;
      const upper = at(left, top) + (at(right, top) - at(left, top)) * (u - left);
      const lower = at(left, below) + (at(right, below) - at(left, below)) * (u - left);
      values[y * width + x] = upper + (lower - upper) * (v - top);
    }
  }
  return { width, height, values };
}

/** The ramp from 0 at the top to 1 at the bottom: the prior. */
export function ramp(width: number, height: number): DepthPlane {
  const values = Float32Array.from(
    { length: width * height },
    (_, index) => Math.floor(index / width) / (height - 1),
  );
  return { width, height, values };
}

/** The same everywhere. It decides no pair, and an undecided pair counts half, as a coin would. */
export function constant(width: number, height: number): DepthPlane {
  return { width, height, values: new Float32Array(width * height).fill(1) };
}

/** `guess` has the size of `truth`. `seed` draws the pairs: the same ones for every guess. */
export function measure(guess: DepthPlane, truth: DepthPlane, seed: number): Measures {
  const random = randomOf(seed);
  return {
    ...errorsOf(guess, truth),
    sameRow: order(guess, truth, random, SAME_ROW),
    allPairs: order(guess, truth, random),
  };
}

/** delta1 and AbsRel after the least-squares scale and shift in inverse depth, over all that is not sky. */
function errorsOf(guess: DepthPlane, truth: DepthPlane): Pick<Measures, 'delta1' | 'absRel'> {
  const seen = [...truth.values.keys()].filter((index) => (truth.values[index] as number) > 0);
  const { scale, shift } = leastSquares(guess.values, truth.values, seen);
  const floor = FARTHEST * truth.values.reduce((most, value) => Math.max(most, value), 0);
  let close = 0;
  let error = 0;
  for (const index of seen) {
    const depth = 1 / (truth.values[index] as number);
    const guessed = 1 / Math.max(floor, scale * (guess.values[index] as number) + shift);
    if (Math.max(guessed / depth, depth / guessed) < 1.25) close++;
    error += Math.abs(guessed - depth) / depth;
  }
  return { delta1: close / seen.length, absRel: error / seen.length };
}

function leastSquares(
  guess: Float32Array,
  truth: Float32Array,
  seen: readonly number[],
): { scale: number; shift: number } {
  const mean = (values: Float32Array): number =>
    seen.reduce((sum, index) => sum + (values[index] as number), 0) / seen.length;
  const [g, t] = [mean(guess), mean(truth)];
  let together = 0;
  let alone = 0;
  for (const index of seen) {
    const difference = (guess[index] as number) - g;
    together += difference * ((truth[index] as number) - t);
    alone += difference * difference;
  }
  const scale = alone > 0 ? together / alone : 0;
  return { scale, shift: t - scale * g };
}

/** Share of random pairs whose order is right; sky is behind everything. */
function order(
  { values }: DepthPlane,
  truth: DepthPlane,
  random: Random,
  spread?: number,
): number | undefined {
  const { width, height } = truth;
  const reach = spread === undefined ? 0 : Math.floor(spread * height);
  let told = 0;
  let right = 0;
  for (let pair = 0; pair < PAIRS; pair++) {
    const y = random.int(0, height - 1);
    const y2 =
      spread === undefined
        ? random.int(0, height - 1)
        : Math.max(0, Math.min(height - 1, y + random.int(-reach, reach)));
    const [a, b] = [y * width + random.int(0, width - 1), y2 * width + random.int(0, width - 1)];
    const [ta, tb] = [truth.values[a] as number, truth.values[b] as number];
    if (Math.max(ta, tb) <= TOLD_RATIO * Math.min(ta, tb)) continue;
    told++;
    const lead = Math.sign((values[a] as number) - (values[b] as number)) * Math.sign(ta - tb);
    right += (lead + 1) / 2;
  }
  return told < PAIRS_MIN ? undefined : right / told;
}

/** Means over pictures; a picture without an order of rows is left out of that one. */
export function meanOf(rows: readonly Measures[]): Measures {
  const mean = (pick: (row: Measures) => number | undefined): number | undefined => {
    const values = rows.flatMap((row) => pick(row) ?? []);
    return values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0) / values.length;
  };
  return {
    sameRow: mean((row) => row.sameRow),
    allPairs: mean((row) => row.allPairs),
    delta1: mean((row) => row.delta1) ?? 0,
    absRel: mean((row) => row.absRel) ?? 0,
  };
}
