/** Gray images as OpenCV makes, shrinks and sums them, bit by bit. */
import type { Raster } from '#backend/images/raster';
import type { Sums } from './cascade.ts';

export type Gray = { readonly data: Uint8Array; readonly width: number; readonly height: number };

/** `cvtColor`: weights of ITU-R BT.601 in 15 bits. */
export function grayOf({ data, width, height }: Raster): Gray {
  const gray = new Uint8Array(width * height);
  for (let i = 0, p = 0; i < gray.length; i++, p += 3) {
    const [red, green, blue] = [data[p] as number, data[p + 1] as number, data[p + 2] as number];
    gray[i] = (9_798 * red + 19_235 * green + 3_735 * blue + 16_384) >> 15;
  }
  return { data: gray, width, height };
}

type Taps = { readonly first: Int32Array; readonly second: Int32Array; readonly share: Int32Array };

/** Where each new pixel lies between two old ones, in 256ths. */
function tapsOf(from: number, to: number): Taps {
  const scale = 1 / (to / from);
  const taps = { first: new Int32Array(to), second: new Int32Array(to), share: new Int32Array(to) };
  for (let i = 0; i < to; i++) {
    const place = scale * (i + 0.5) - 0.5;
    const low = Math.floor(place);
    const inside = low >= 0 && low < from - 1;
    taps.first[i] = Math.min(from - 1, Math.max(0, low));
    taps.second[i] = inside ? low + 1 : (taps.first[i] as number);
    taps.share[i] = inside ? roundHalfToEven((place - low) * 256) : 0;
  }
  return taps;
}

/** `resize` with INTER_LINEAR_EXACT: bilinear in fixed point, no smoothing. */
export function resizeExact({ data, width, height }: Gray, toWidth: number, toHeight: number): Gray {
  const columns = tapsOf(width, toWidth);
  const rows = tapsOf(height, toHeight);
  const out = new Uint8Array(toWidth * toHeight);
  for (let y = 0; y < toHeight; y++) {
    const upper = (rows.first[y] as number) * width;
    const lower = (rows.second[y] as number) * width;
    const down = rows.share[y] as number;
    for (let x = 0; x < toWidth; x++) {
      const left = columns.first[x] as number;
      const right = columns.second[x] as number;
      const across = columns.share[x] as number;
      const above =
        (data[upper + left] as number) * (256 - across) + (data[upper + right] as number) * across;
      const below =
        (data[lower + left] as number) * (256 - across) + (data[lower + right] as number) * across;
      out[y * toWidth + x] = (above * (256 - down) + below * down + 32_768) >> 16;
    }
  }
  return { data: out, width: toWidth, height: toHeight };
}

/** `integral`. Squares overflow in large images; differences of them are right all the same. */
export function sumInto({ plain, squared, stride }: Sums, { data, width, height }: Gray): void {
  plain.fill(0, 0, width + 1);
  squared.fill(0, 0, width + 1);
  for (let y = 0; y < height; y++) {
    let sum = 0;
    let squares = 0;
    let at = (y + 1) * stride;
    plain[at] = 0;
    squared[at] = 0;
    for (let x = 0; x < width; x++) {
      const value = data[y * width + x] as number;
      sum += value;
      squares += value * value;
      at++;
      plain[at] = (plain[at - stride] as number) + sum;
      squared[at] = ((squared[at - stride] as number) + squares) | 0;
    }
  }
}

/** `cvRound`. */
export function roundHalfToEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest !== 0.5) return rest < 0.5 ? floor : floor + 1;
  return floor % 2 === 0 ? floor : floor + 1;
}
