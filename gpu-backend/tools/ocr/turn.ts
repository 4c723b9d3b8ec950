/** Pages whose pixels lie on their side or on their head. Degrees are clockwise, of the text against the image. */
import type { Raster } from '#backend/images/raster';
import type { RotatedBox } from './geometry.ts';
import type { PlacedLine } from './layout.ts';

export type Rotation = 0 | 90 | 180 | 270;

const ROTATIONS = [0, 90, 180, 270] as const;
/** The rotation of a page is that of at least this share of its characters, weighted by how well they read ... */
const SHARE_MIN = 0.6;
/** ... and of so many: two letters read well in more than one way. */
const CHARS_MIN = 4;

export function rotationOfBox({ ux, uy }: Pick<RotatedBox, 'ux' | 'uy'>): Rotation {
  return ROTATIONS[Math.round(Math.atan2(uy, ux) / (Math.PI / 2)) & 3] ?? 0;
}

/** How the main text lies in the image; 0 where no direction has enough of it. */
export function rotationOf(lines: readonly PlacedLine[]): Rotation {
  const weights = new Map<Rotation, number>();
  let total = 0;
  for (const { box, text, score } of lines) {
    const weight = [...text].length * score;
    total += weight;
    weights.set(rotationOfBox(box), (weights.get(rotationOfBox(box)) ?? 0) + weight);
  }
  const [main, weight] = [...weights].sort((a, b) => b[1] - a[1])[0] ?? [0, 0];
  return weight >= SHARE_MIN * total && weight >= CHARS_MIN ? main : 0;
}

/** The raster with the turn taken back, so that text with this rotation stands upright. */
export function uprightRaster(image: Raster, rotation: Rotation): Raster {
  const { data, width, height } = image;
  if (rotation === 0) return image;
  const sideways = rotation !== 180;
  const out = new Uint8Array(data.length);
  const [outWidth, outHeight] = sideways ? [height, width] : [width, height];
  // Steps in the source for one pixel to the right and one down in the upright raster.
  const [start, right, down] = {
    90: [width - 1, width, -1],
    180: [width * height - 1, -1, -width],
    270: [(height - 1) * width, -width, 1],
  }[rotation] as [number, number, number];
  let o = 0;
  for (let y = 0; y < outHeight; y++) {
    let p = (start + y * down) * 3;
    for (let x = 0; x < outWidth; x++, p += right * 3) {
      out[o++] = data[p] ?? 0;
      out[o++] = data[p + 1] ?? 0;
      out[o++] = data[p + 2] ?? 0;
    }
  }
  return { data: out, width: outWidth, height: outHeight };
}

/** A box of the upright raster where it lies in the image as it came; `image` is the size of the latter. */
export function boxInImage(
  box: RotatedBox,
  rotation: Rotation,
  { width, height }: { readonly width: number; readonly height: number },
): RotatedBox {
  const { x, y, ux, uy } = box;
  switch (rotation) {
    case 0:
      return box;
    case 90:
      return { ...box, x: width - y, y: x, ux: -uy + 0, uy: ux };
    case 180:
      return { ...box, x: width - x, y: height - y, ux: -ux + 0, uy: -uy + 0 };
    case 270:
      return { ...box, x: y, y: height - x, ux: uy, uy: -ux + 0 };
  }
}
