import { expect, test } from 'vitest';
import { pacedPieces } from '#backend/engine/pieces';

/** What is sent, and when, of letters that are written at these milliseconds; the turn ends with the last. */
function sentOf(times: readonly number[]): string[] {
  let ms = 0;
  const sent: string[] = [];
  const pieces = pacedPieces(
    (text) => sent.push(`${text}@${ms}`),
    () => ms,
  );
  times.forEach((at, index) => {
    ms = at;
    pieces.write('abcdefgh'[index] as string);
  });
  pieces.end();
  pieces.end();
  return sent;
}

test('what is written soon after other pieces goes with the next one, and nothing is lost', () => {
  expect(sentOf([10, 20, 60, 70, 109, 110, 111])).toEqual(['abc@60', 'def@110', 'g@111']);
});

test('slow pieces go one by one', () => {
  expect(sentOf([0, 60, 130, 200])).toEqual(['ab@60', 'c@130', 'd@200']);
});

test('a turn that is whole before its first piece has to go needs none', () => {
  expect(sentOf([500, 520, 549])).toEqual([]);
  expect(sentOf([])).toEqual([]);
});
