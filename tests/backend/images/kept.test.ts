import { expect, test } from 'vitest';
import { keptWithImage } from '#backend/images/kept';
import type { Raster } from '#backend/images/raster';

const image = (): Raster => ({ data: new Uint8Array(3), width: 1, height: 1 });
const { signal } = new AbortController();

function counted(fails = 0) {
  const seen: Raster[] = [];
  const look = keptWithImage(async (raster: Raster) => {
    seen.push(raster);
    if (seen.length <= fails) throw new Error('the graph broke');
    return { number: seen.length };
  });
  return { seen, look };
}

test('an image is looked at once, another one again, and a copy is another one', async () => {
  const { seen, look } = counted();
  const [first, second] = [image(), image()];
  const result = await look(first, signal);
  expect(await look(first, signal)).toBe(result);
  expect(await look(second, signal)).toEqual({ number: 2 });
  await look({ ...first }, signal);
  expect(seen).toHaveLength(3);
});

test('a look that failed is tried again', async () => {
  const { seen, look } = counted(1);
  const one = image();
  await expect(look(one, signal)).rejects.toThrow('the graph broke');
  expect(await look(one, signal)).toEqual({ number: 2 });
  expect(seen).toHaveLength(2);
});

test('who has left gets nothing, though it is known', async () => {
  const { look } = counted();
  const one = image();
  await look(one, signal);
  await expect(look(one, AbortSignal.abort(new Error('gone')))).rejects.toThrow('gone');
});
