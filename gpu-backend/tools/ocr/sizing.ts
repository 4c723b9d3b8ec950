/** At which size an image is searched for text. All sizes in pixels. */

/** Small text of a 12-megapixel page still has ten rows at this long side; it takes 0.7 s on one core. */
export const LONG_SIDE_FIRST = 1536;
/** Long side of the second look, for text that the first one saw too small or not at all. */
export const LONG_SIDE_SECOND = 2304;
/** Tiny images grow until their short side has so many pixels, but not past the factor. */
const SHORT_SIDE_WANTED = 320;
const GROWTH_MAX = 3;
/** Print of a few pixels is enlarged by no more than this ... */
const ENLARGED_MAX = 2;
/** ... and a look that is hardly finer than the last is not worth its time. */
const GAIN_MIN = 1.2;
/** Boxes lower than this at the first look (a quarter of them) call for the second. */
const HEIGHT_WANTED = 18;
/** Text that touches the border is missed without a frame; the detector wants some height too. */
const FRAME = 16;
const FRAMED_SHORT_SIDE_MIN = 96;
/** RapidOCR letterboxes images longer than this ratio of their sides. */
const FRAMED_ASPECT_MAX = 8;

export type Size = { readonly width: number; readonly height: number };

/** The factor of the first look at an image. */
export function firstScale({ width, height }: Size): number {
  const growth = Math.min(GROWTH_MAX, SHORT_SIDE_WANTED / Math.min(width, height));
  return Math.min(LONG_SIDE_FIRST / Math.max(width, height), Math.max(1, growth));
}

/**
 * The factor of a finer look after one at `scale`, given the heights of the boxes in pixels of the image, of which
 * the low quarter counts; undefined where the last look was good enough. `isAffordable` says whether a look at a
 * factor beyond the second look's long side takes few enough tiles.
 */
export function finerScale(
  { width, height }: Size,
  scale: number,
  heights: readonly number[],
  isAffordable: (scale: number) => boolean,
): number | undefined {
  const lowQuarter = [...heights].sort((a, b) => a - b)[heights.length >> 2];
  if (lowQuarter !== undefined && lowQuarter * scale >= HEIGHT_WANTED) return undefined;
  const second = Math.min(1, LONG_SIDE_SECOND / Math.max(width, height));
  if (second > scale) return second;
  // Where even the second look found nothing, what left a trace may be print at the image's own size.
  const wanted = lowQuarter === undefined ? 1 : Math.min(ENLARGED_MAX, HEIGHT_WANTED / lowQuarter);
  for (let next = wanted; next >= GAIN_MIN * scale; next *= 0.9) {
    if (isAffordable(next)) return next;
  }
  return undefined;
}

export type Frame = {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
};

/** The frame around a scaled image: some border everywhere, and more where it is thin. */
export function frameOf({ width, height }: Size): Frame {
  const least = Math.max(FRAMED_SHORT_SIDE_MIN, Math.max(width, height) / FRAMED_ASPECT_MAX);
  const left = Math.max(FRAME, Math.ceil((least - width) / 2));
  const top = Math.max(FRAME, Math.ceil((least - height) / 2));
  return { left, top, width: width + 2 * left, height: height + 2 * top };
}
