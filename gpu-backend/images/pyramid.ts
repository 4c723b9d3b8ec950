/** An image and its halves: whoever sees it small starts from pixels that are already means of many. */
import type { Raster } from '#backend/images/raster';

export type Pyramid = {
  /** Level 0. */
  readonly image: Raster;
  /** Both sides divided by 2 ** index, rounded down; the last level that there is where a side would end. */
  level(index: number): Raster;
};

/** Bytes of all levels for each of level 0. */
export const PYRAMID_BYTES = 4 / 3;

/** They live as long as their images, which the cache of rasters bounds in bytes. */
const pyramids = new WeakMap<Raster, Pyramid>();

/** Levels are made when first asked for, once for an image: the tools of one run look at the same ones. */
export function pyramidOf(image: Raster): Pyramid {
  const known = pyramids.get(image);
  if (known) return known;
  const levels = [image];
  const pyramid: Pyramid = {
    image,
    level: (index) => {
      for (;;) {
        const last = levels.at(-1) ?? image;
        if (levels.length > index || Math.min(last.width, last.height) < 2) break;
        levels.push(halveRaster(last));
      }
      return levels[Math.min(index, levels.length - 1)] ?? image;
    },
  };
  pyramids.set(image, pyramid);
  return pyramid;
}

/** Every second byte of a word: sums of such bytes have 16 bits each. */
const EVEN_BYTES = 0x00ff00ff;

/**
 * Half the size by 2 x 2 means, halves rounded up; an odd last row or column is dropped, a side of 1 stays.
 *
 * Two means are made of four columns at a time: a row of them is three words of 32 bits, and the bytes of two rows
 * are added two to a word. A photo of 12 megapixels takes half as long as byte by byte.
 */
export function halveRaster({ data, width, height }: Raster): Raster {
  const outWidth = Math.max(1, width >> 1);
  const outHeight = Math.max(1, height >> 1);
  const right = width > 1 ? 3 : 0;
  const down = height > 1 ? width * 3 : 0;
  const out = new Uint8Array(outWidth * outHeight * 3);
  const words = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const pairs = width >> 2;
  for (let y = 0, o = 0; y < outHeight; y++) {
    let p = y * 2 * width * 3;
    for (let pair = 0; pair < pairs; pair++, p += 12, o += 6) halvePair(words, p, p + down, out, o);
    for (let x = pairs * 2; x < outWidth; x++, p += 6)
      for (let c = p; c < p + 3; c++)
        out[o++] =
          ((data[c] as number) +
            (data[c + right] as number) +
            (data[c + down] as number) +
            (data[c + right + down] as number) +
            2) >>
          2;
  }
  return { data: out, width: outWidth, height: outHeight };
}

/** Four columns of two rows, R G B R | G B R G | B R G B each, to two pixels. */
function halvePair(words: DataView, upper: number, lower: number, out: Uint8Array, o: number): void {
  const a = words.getUint32(upper, true);
  const b = words.getUint32(lower, true);
  const c = words.getUint32(upper + 4, true);
  const d = words.getUint32(lower + 4, true);
  const e = words.getUint32(upper + 8, true);
  const f = words.getUint32(lower + 8, true);
  const even0 = (a & EVEN_BYTES) + (b & EVEN_BYTES);
  const odd0 = ((a >>> 8) & EVEN_BYTES) + ((b >>> 8) & EVEN_BYTES);
  const even1 = (c & EVEN_BYTES) + (d & EVEN_BYTES);
  const odd1 = ((c >>> 8) & EVEN_BYTES) + ((d >>> 8) & EVEN_BYTES);
  const even2 = (e & EVEN_BYTES) + (f & EVEN_BYTES);
  const odd2 = ((e >>> 8) & EVEN_BYTES) + ((f >>> 8) & EVEN_BYTES);
  out[o] = ((even0 & 0xffff) + (odd0 >>> 16) + 2) >> 2;
  out[o + 1] = ((odd0 & 0xffff) + (even1 & 0xffff) + 2) >> 2;
  out[o + 2] = ((even0 >>> 16) + (odd1 & 0xffff) + 2) >> 2;
  out[o + 3] = ((even1 >>> 16) + (odd2 & 0xffff) + 2) >> 2;
  out[o + 4] = ((odd1 >>> 16) + (even2 >>> 16) + 2) >> 2;
  out[o + 5] = ((even2 & 0xffff) + (odd2 >>> 16) + 2) >> 2;
}
