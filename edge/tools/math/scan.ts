/** Roots of any function of one unknown in doubles: a bounded scan, then halving of the intervals. */
import {
  BISECTIONS_MAX,
  SCAN_CANDIDATES_MAX,
  SCAN_POINTS,
  SCAN_REACH,
  SCAN_WHOLE_REACH,
  SOLUTIONS_MAX,
} from '#shared/limits';

const LINEAR_REACH = 40;
const TOUCH = 1e-10;

export type ScanRange = 'line' | 'turn';

/**
 * @param difference left minus right side; NaN where it has no value.
 * @param size of both sides at a place, against which a difference is judged.
 * @param range the whole line, or [0, 2 pi) for periodic functions.
 */
export function scanRoots(
  difference: (x: number) => number,
  size: (x: number) => number,
  range: ScanRange,
): number[] {
  const places = range === 'turn' ? turnPlaces() : linePlaces();
  const values = places.map(difference);
  // Some functions, such as factorial, have values at whole numbers only.
  const found = range === 'turn' ? [] : wholeRoots(difference, size);
  // The middle of the line first: where an equation wobbles without end, the roots near 0 are the ones that count.
  const order = Array.from({ length: places.length - 1 }, (_, at) => at).toSorted(
    (a, b) => Math.abs(places[a] ?? 0) - Math.abs(places[b] ?? 0),
  );
  for (const at of order) {
    if (found.length >= SCAN_CANDIDATES_MAX) break;
    const candidate = candidateAt(difference, places.slice(at, at + 3), values.slice(at, at + 3));
    if (candidate !== undefined) found.push(candidate);
  }
  const roots = found
    .map((root) => neat(root, difference, size))
    .filter((root) => isRoot(root, difference, size))
    .filter((root) => range === 'line' || (root >= 0 && root < 2 * Math.PI - 1e-9));
  return roots
    .slice(0, SOLUTIONS_MAX)
    .toSorted((a, b) => a - b)
    .filter((root, at, all) => at === 0 || root - (all[at - 1] ?? 0) > 1e-8 * Math.max(1, Math.abs(root)));
}

function wholeRoots(difference: (x: number) => number, size: (x: number) => number): number[] {
  const whole = Array.from({ length: 2 * SCAN_WHOLE_REACH + 1 }, (_, index) => index - SCAN_WHOLE_REACH);
  return whole.filter((x) => isRoot(x, difference, size, 1e-13)).slice(0, SOLUTIONS_MAX);
}

/** A root within three neighbouring places: a change of sign, a border of the domain, or a touching minimum. */
function candidateAt(
  difference: (x: number) => number,
  [a = 0, b = 0, c = 0]: readonly number[],
  [fa = Number.NaN, fb = Number.NaN, fc = Number.NaN]: readonly number[],
): number | undefined {
  if (fa === 0) return a;
  if (fa * fb < 0) return bisect(difference, a, b);
  if (Number.isNaN(fa) !== Number.isNaN(fb)) return border(difference, a, b);
  const [left, middle, right] = [Math.abs(fa), Math.abs(fb), Math.abs(fc)];
  const dips = fa * fc > 0 && middle <= left && middle <= right && middle < Math.max(left, right);
  return dips ? lowest(difference, a, c) : undefined;
}

/** Close steps about 0, wider ones further out; off whole numbers, where poles are. */
function linePlaces(): number[] {
  const half = SCAN_POINTS / 2;
  const near = Math.floor(half * 0.8);
  const side = Array.from({ length: half }, (_, index) =>
    index < near
      ? ((index + 0.37) * LINEAR_REACH) / near
      : LINEAR_REACH * (SCAN_REACH / LINEAR_REACH) ** ((index - near) / (half - near - 1)),
  );
  return [...side.map((x) => -x).reverse(), ...side];
}

function turnPlaces(): number[] {
  const step = (2 * Math.PI) / (SCAN_POINTS - 3);
  return Array.from({ length: SCAN_POINTS }, (_, index) => (index - 1 + 0.37) * step);
}

function bisect(difference: (x: number) => number, from: number, to: number): number {
  let [low, high] = [from, to];
  const sign = Math.sign(difference(low));
  for (let round = 0; round < BISECTIONS_MAX; round++) {
    const middle = (low + high) / 2;
    if (middle === low || middle === high) break;
    const value = Math.sign(difference(middle));
    if (value === 0) return middle;
    if (value === sign) low = middle;
    else high = middle;
  }
  return Math.abs(difference(low)) < Math.abs(difference(high)) ? low : high;
}

/** The last place that has a value, or a root between it and the first one. */
function border(difference: (x: number) => number, from: number, to: number): number {
  let [inside, outside] = Number.isNaN(difference(from)) ? [to, from] : [from, to];
  const start = inside;
  for (let round = 0; round < BISECTIONS_MAX; round++) {
    const middle = (inside + outside) / 2;
    if (Number.isNaN(difference(middle))) outside = middle;
    else inside = middle;
  }
  return difference(start) * difference(inside) < 0 ? bisect(difference, start, inside) : inside;
}

/** Where the size of the difference is least, by golden section. */
function lowest(difference: (x: number) => number, from: number, to: number): number {
  let [low, high] = [from, to];
  const golden = (Math.sqrt(5) - 1) / 2;
  for (let round = 0; round < BISECTIONS_MAX; round++) {
    const [left, right] = [high - golden * (high - low), low + golden * (high - low)];
    if (Math.abs(difference(left)) < Math.abs(difference(right))) high = right;
    else low = left;
  }
  return (low + high) / 2;
}

/** A near whole number or simple fraction, where it fits as well. */
function neat(root: number, difference: (x: number) => number, size: (x: number) => number): number {
  for (let den = 1; den <= 12; den++) {
    const candidate = Math.round(root * den) / den;
    const close = Math.abs(candidate - root) < 1e-6 * Math.max(1, Math.abs(root));
    if (close && Math.abs(difference(candidate)) <= 1e-12 * size(candidate)) return candidate + 0;
  }
  return root;
}

function isRoot(
  root: number,
  difference: (x: number) => number,
  size: (x: number) => number,
  tolerance = TOUCH,
): boolean {
  return Math.abs(difference(root)) <= tolerance * size(root);
}
