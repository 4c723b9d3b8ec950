/**
 * Where tokens stand for the rotary embedding of Qwen2-VL: text goes on by one in time, row and column alike;
 * the rows of an image share a time and stand at its rows and columns; what follows begins behind both.
 */
import type { ImageLayout } from '#backend/models/vision-language';

/** Time, row, column. */
export type Place = readonly [time: number, row: number, column: number];

/** The place of a token by its index in a sequence. */
export type Places = (index: number) => Place;

/** How `places` counts where nothing has rows and columns. */
export const plainPlaces: Places = (index) => [index, index, index];

/** The places of a prompt's tokens, and of those that come after it. */
export function placesOf(
  ids: readonly number[],
  layouts: readonly ImageLayout[],
  imageToken: number,
): Places {
  if (!layouts.some(({ grid }) => grid)) return plainPlaces;
  const places: Place[] = [];
  let next = 0;
  let image = 0;
  while (places.length < ids.length) {
    const layout = ids[places.length] === imageToken ? layouts[image++] : undefined;
    if (!layout?.grid) {
      places.push([next, next, next]);
      next++;
      continue;
    }
    const { rows, columns } = layout.grid;
    for (let cell = 0; cell < layout.rows; cell++)
      places.push([next, next + Math.floor(cell / columns), next + (cell % columns)]);
    next += Math.max(rows, columns);
  }
  const behind = next - places.length;
  return (index) => places[index] ?? plainPlaces(index + behind);
}
