/** The words of a line, each with its part of the line's box. */
import type { RotatedBox } from './geometry.ts';
import type { PlacedLine } from './layout.ts';

export type PlacedWord = { readonly text: string; readonly box: RotatedBox };

/** In reading order. A line whose words are not known by place is one word. */
export function wordsOf({ box, text, spans }: PlacedLine): PlacedWord[] {
  const texts = text.split(' ');
  if (spans === undefined || spans.length !== texts.length) return [{ text, box }];
  return spans.map(({ from, to }, index) => {
    const along = ((from + to) / 2 - 0.5) * box.width;
    return {
      text: texts[index] ?? '',
      box: {
        ...box,
        x: box.x + along * box.ux,
        y: box.y + along * box.uy,
        width: (to - from) * box.width,
      },
    };
  });
}
