/** From boxes to lines that read the right way up: strips, votes on half turns, recognition. */
import type { Pyramid } from '#backend/images/pyramid';
import type { Raster } from '#backend/images/raster';
import type { DetectedBox } from './detect.ts';
import { type RotatedBox, turnBox } from './geometry.ts';
import type { PlacedLine } from './layout.ts';
import type { HalfTurnClassifier } from './orient.ts';
import { turnHalf, warpBox } from './pixels.ts';
import { type Reading, type Recogniser, STRIP_HEIGHT, STRIP_WIDTH_MAX } from './recognise.ts';
import { cellsOfStack } from './stack.ts';
import { type Rotation, rotationOfBox } from './turn.ts';

/** PP-OCR's threshold for turning a single line. */
const LINE_SURE = 0.9;
/** Below this margin of the vote of a whole axis, -1..1, its longest lines are read both ways. */
const VOTE_SURE = 0.5;
const PROBES_MAX = 4;
/** A line goes against its page only where it reads better by this much. */
const SCORE_MARGIN = 0.05;
/** A line that reads worse than this is tried the other way as well. */
const SCORE_GOOD = 0.8;

type Strip = { readonly box: RotatedBox; readonly pixels: Raster; readonly upsideDown: number };

/** Two or three characters may read well both ways: w/ is /M on its head. */
const SHORT_STRIP_PIXELS = 96;
const SHORT_SCORE_MARGIN = 0.25;
const marginFor = ({ pixels }: Strip): number =>
  pixels.width < SHORT_STRIP_PIXELS ? SHORT_SCORE_MARGIN : SCORE_MARGIN;

/** A line across the rows of the page that reads worse than this may be a column of cells. */
const STACK_SCORE = 0.9;
/** So may a shorter one, however well it reads: a figure or two, one over the other, make a tall box. */
const STACK_CHARS = 3;
/** Cells of so short a line count where they read this well. */
const SHORT_STACK_SCORE = 0.8;

/** A page counts as turned where this share of its boxes says so, and its longest lines read well that way ... */
const TURN_SHARE_MIN = 0.6;
const TURN_SCORE_MIN = 0.85;
/** ... and by so much better than the other way round. */
const TURN_MARGIN = 0.1;

const weightOf = (strips: readonly Strip[]): number => strips.reduce((sum, { box }) => sum + box.width, 0);
const meanScore = (lines: readonly PlacedLine[]): number =>
  lines.reduce((sum, { score }) => sum + score, 0) / lines.length;

/** The lines of one axis, and whether most of them stand on their head. */
type Axis = { readonly strips: readonly Strip[]; readonly turned: boolean };

export type SeenPage = {
  /** How the page lies; 0 also where that is in doubt. */
  readonly rotation: Rotation;
  /** The lines, whichever way each of them reads. */
  read(): Promise<PlacedLine[]>;
};

export type LineReader = {
  look(pyramid: Pyramid, boxes: readonly DetectedBox[], signal?: AbortSignal): Promise<SeenPage>;
};

export function lineReader(recogniser: Recogniser, classifier: HalfTurnClassifier): LineReader {
  const readTurned = (strip: Strip, turned: boolean): Promise<Reading> =>
    recogniser.recognise(turned ? turnHalf(strip.pixels) : strip.pixels);

  /** Whether most of the lines of one axis stand on their head. */
  const pageTurned = async (strips: readonly Strip[], signal: AbortSignal | undefined): Promise<boolean> => {
    const weight = strips.reduce((sum, { pixels }) => sum + pixels.width, 0);
    const vote = strips.reduce((sum, { pixels, upsideDown }) => sum + pixels.width * (2 * upsideDown - 1), 0);
    if (Math.abs(vote) >= VOTE_SURE * weight) return vote > 0;
    return (await probe(strips, true, signal)).margin > 0;
  };

  /** How well the longest strips read in one of their two ways, 0..1, and by how much better than in the other. */
  const probe = async (
    strips: readonly Strip[],
    turned: boolean,
    signal: AbortSignal | undefined,
  ): Promise<{ readonly score: number; readonly margin: number }> => {
    const longest = [...strips].sort((a, b) => b.pixels.width - a.pixels.width).slice(0, PROBES_MAX);
    let [score, other] = [0, 0];
    for (const strip of longest) {
      signal?.throwIfAborted();
      score += (await readTurned(strip, turned)).score / longest.length;
      other += (await readTurned(strip, !turned)).score / longest.length;
    }
    return { score, margin: score - other };
  };

  const rotationOfPage = async (
    [main, ...others]: readonly Axis[],
    signal: AbortSignal | undefined,
  ): Promise<Rotation> => {
    const box = main?.strips[0]?.box;
    if (main === undefined || box === undefined) return 0;
    const rotation = rotationOfBox(main.turned ? turnBox(box, 2) : box);
    const weight = weightOf(main.strips);
    const all = weight + others.reduce((sum, { strips }) => sum + weightOf(strips), 0);
    if (rotation === 0 || weight < TURN_SHARE_MIN * all) return 0;
    const { score, margin } = await probe(main.strips, main.turned, signal);
    return score >= TURN_SCORE_MIN && margin >= TURN_MARGIN ? rotation : 0;
  };

  const readStrip = async (strip: Strip, pageIsTurned: boolean): Promise<PlacedLine> => {
    const first = await readTurned(strip, pageIsTurned);
    const against = pageIsTurned ? 1 - strip.upsideDown : strip.upsideDown;
    const doubtful = against > LINE_SURE || first.score < SCORE_GOOD;
    const second = doubtful ? await readTurned(strip, !pageIsTurned) : undefined;
    const other = second !== undefined && second.score > first.score + marginFor(strip);
    const box = pageIsTurned !== other ? turnBox(strip.box, 2) : strip.box;
    return { box, ...(other ? second : first) };
  };

  /** The line, or the cells along the rows of the page that its box holds one over the other. */
  const settled = async (
    pyramid: Pyramid,
    strip: Strip,
    line: PlacedLine,
    page: RotatedBox,
  ): Promise<PlacedLine[]> => {
    const isShort = [...line.text].length <= STACK_CHARS;
    if (line.score >= STACK_SCORE && !isShort) return [line];
    const boxes = cellsOfStack(strip.box, strip.pixels, page);
    if (boxes.length < (isShort ? 1 : 2)) return [line];
    const cells: PlacedLine[] = [];
    for (const box of boxes) cells.push({ box, ...(await recogniser.recognise(stripOf(pyramid, box))) });
    const score = meanScore(cells);
    return score > line.score + SCORE_MARGIN || (isShort && score >= SHORT_STACK_SCORE) ? cells : [line];
  };

  const readAxes = async (
    pyramid: Pyramid,
    axes: readonly Axis[],
    signal: AbortSignal | undefined,
  ): Promise<PlacedLine[]> => {
    const lines: PlacedLine[] = [];
    for (const [index, { strips, turned }] of axes.entries()) {
      const page = lines[0]?.box;
      for (const strip of strips) {
        signal?.throwIfAborted();
        const line = await readStrip(strip, turned);
        lines.push(...(index > 0 && page ? await settled(pyramid, strip, line, page) : [line]));
      }
    }
    return lines;
  };

  return {
    look: async (pyramid, boxes, signal) => {
      const strips: Strip[] = [];
      for (const { box } of boxes) {
        signal?.throwIfAborted();
        const pixels = stripOf(pyramid, box);
        strips.push({ box, pixels, upsideDown: await classifier.upsideDown(pixels) });
      }
      const isAcross = ({ box }: Strip): boolean => Math.abs(box.ux) >= Math.abs(box.uy);
      const sorted = [strips.filter(isAcross), strips.filter((strip) => !isAcross(strip))]
        .filter((axis) => axis.length > 0)
        .sort((a, b) => weightOf(b) - weightOf(a));
      const axes: Axis[] = [];
      for (const axis of sorted) axes.push({ strips: axis, turned: await pageTurned(axis, signal) });
      return {
        rotation: await rotationOfPage(axes, signal),
        read: () => readAxes(pyramid, axes, signal),
      };
    },
  };
}

/** The box as a strip of 48 rows, as wide as its shape asks for. */
export function stripOf(pyramid: Pyramid, box: RotatedBox): Raster {
  const width = Math.round((STRIP_HEIGHT * box.width) / box.height);
  return warpBox(pyramid, box, Math.max(16, Math.min(STRIP_WIDTH_MAX, width)), STRIP_HEIGHT);
}
