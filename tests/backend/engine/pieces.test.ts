import { expect, test } from 'vitest';
import { pacedPieces } from '#backend/engine/pieces';

test('the first piece goes at once, those soon after it together, and nothing is lost', () => {
  let ms = 0;
  const sent: string[] = [];
  const pieces = pacedPieces(
    (text) => sent.push(`${text}@${ms}`),
    () => ms,
  );
  for (const [at, text] of [
    [10, 'a'],
    [20, 'b'],
    [59, 'c'],
    [60, 'd'],
    [109, 'e'],
  ] as const) {
    ms = at;
    pieces.write(text);
  }
  expect(sent).toEqual(['a@10', 'bcd@60']);
  pieces.end();
  pieces.end();
  expect(sent).toEqual(['a@10', 'bcd@60', 'e@109']);
});
