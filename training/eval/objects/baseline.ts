/** What one gets without a model: whatever stands out from the border, under the commonest name. */
import type { Raster } from '#backend/images/raster';
import { blobsOf } from '#backend/tools/ocr/components';
import type { Found } from './measure.ts';
import type { Picture } from './pictures.ts';

/** Sum over the three channels. */
const STANDS_OUT = 90;
const PIXELS_MIN = 60;

/** The larger, the surer. */
export function blobs({ data, width, height }: Raster, name: string): Found[] {
  const ground = borderOf(data, width, height);
  const map = Float32Array.from({ length: width * height }, (_, at) => {
    const apart = [0, 1, 2].reduce(
      (sum, channel) => sum + Math.abs((data[3 * at + channel] as number) - (ground[channel] as number)),
      0,
    );
    return apart > STANDS_OUT ? 1 : 0;
  });
  return blobsOf(map, width, height, 0.5)
    .filter(({ pixels }) => pixels >= PIXELS_MIN)
    .map(({ hull, pixels }) => {
      const xs = hull.map(({ x }) => x);
      const ys = hull.map(({ y }) => y);
      return {
        name,
        box: [
          Math.min(...xs) - 0.5,
          Math.min(...ys) - 0.5,
          Math.max(...xs) + 0.5,
          Math.max(...ys) + 0.5,
        ] as const,
        score: pixels / (width * height),
      };
    });
}

/** The median of each channel along the four edges. */
function borderOf(data: Uint8Array, width: number, height: number): number[] {
  const places: number[] = [];
  for (let x = 0; x < width; x++) places.push(x, (height - 1) * width + x);
  for (let y = 0; y < height; y++) places.push(y * width, y * width + width - 1);
  return [0, 1, 2].map((channel) => {
    const values = places.map((at) => data[3 * at + channel] as number).sort((a, b) => a - b);
    return values[values.length >> 1] as number;
  });
}

/** Of the pictures themselves, so it is an upper bound for a guess. */
export function commonestName(pictures: readonly Picture[]): string {
  const counts = new Map<string, number>();
  for (const { name } of pictures.flatMap(({ objects }) => objects))
    counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1])[0]?.[0] ?? '';
}
