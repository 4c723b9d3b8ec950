/** Pictures that are more than rows of text: what they show, before any pixel, with all that questions ask for. */

/** Fractions of width and height: left, top, right, bottom. */
export type Bounds = readonly [left: number, top: number, right: number, bottom: number];

export type ChartForm = 'bars' | 'columns' | 'line' | 'pie';

export type Chart = {
  readonly kind: 'chart';
  readonly form: ChartForm;
  readonly title: string;
  /** What the numbers are, printed beside the axis; empty for none. */
  readonly measure: string;
  /** Behind each printed value: `%` or nothing. */
  readonly unit: '' | '%';
  readonly labels: readonly string[];
  readonly values: readonly number[];
  /**
   * Where the values stand: `label` beside or below the name of each mark, `mark` at the top of each
   * mark, `axis` nowhere but on the ticks of the axis.
   */
  readonly printed: 'label' | 'mark' | 'axis';
};

/** One glyph of a name of the detector's vocabulary. */
export type Thing = {
  readonly name: string;
  /** The square that the glyph is drawn in. */
  readonly box: Bounds;
  readonly flipped: boolean;
};

export type Ground = {
  readonly form: 'flat' | 'ramp' | 'horizon' | 'check' | 'shelf';
  /** `#rrggbb` each. */
  readonly colors: readonly [string, string];
};

export type Objects = {
  readonly kind: 'objects';
  /** Width by height. */
  readonly aspect: number;
  readonly ground: Ground;
  /** Later things stand before earlier ones. */
  readonly things: readonly Thing[];
  /** Small print beside a thing, such as the price on a label; black on white. */
  readonly plates: readonly { readonly text: string; readonly box: Bounds }[];
};

export type BodyForm = 'ball' | 'box' | 'cylinder' | 'cone';

/** A body on the ground; metres, x to the right of the camera, z ahead of it. */
export type Body = {
  readonly form: BodyForm;
  /** As a question calls it, such as `red ball`. */
  readonly name: string;
  readonly color: readonly [red: number, green: number, blue: number];
  readonly x: number;
  readonly z: number;
  readonly radius: number;
  readonly height: number;
};

export type Space = {
  readonly kind: 'space';
  readonly bodies: readonly Body[];
  /** Of the camera above the ground, and of the far wall; metres. No wall: the ground ends in haze. */
  readonly eye: number;
  readonly wall?: number;
  /** Degrees downwards. */
  readonly pitch: number;
  readonly floor: { readonly form: 'check' | 'planks' | 'plain'; readonly tile: number };
  readonly floorColors: readonly [readonly number[], readonly number[]];
  readonly wallColor: readonly [number, number, number];
  /** Towards the light; a unit vector, y up. */
  readonly light: readonly [number, number, number];
  /** Rings with a letter, as on the pictures of depth benchmarks. */
  readonly marks: readonly { readonly label: string; readonly x: number; readonly y: number }[];
};

export type Person = {
  /** From hairline to chin. */
  readonly box: Bounds;
  readonly skin: string;
  readonly hair: string;
  readonly shirt: string;
  /** -1..1: where the person looks. */
  readonly gaze: number;
};

/** A group portrait. */
export type Portrait = {
  readonly kind: 'portrait';
  readonly aspect: number;
  readonly ground: Ground;
  readonly people: readonly Person[];
};

export type Picture = Chart | Objects | Space | Portrait;

export const centre = ([left, top, right, bottom]: Bounds): readonly [x: number, y: number] => [
  (left + right) / 2,
  (top + bottom) / 2,
];

export const areaOf = ([left, top, right, bottom]: Bounds): number => (right - left) * (bottom - top);
