/**
 * Draws the pictures of traces and keeps them as the planner's vision tower sees them.
 *
 *   node training/planner/thumbnails.ts --in training/.work/kept --count 6000 --out training/.work/thumbnails
 *
 * Writes OUT/thumbnails.rgb: 64 x 64 x 3 bytes a picture, rows top to bottom, channels last; and
 * OUT/thumbnails.jsonl: {id, source, first, count}: the pictures of a trace, in the order of their numbers.
 * A start goes on behind the traces that are there.
 */
import { appendFile, mkdir, readFile, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import sharp from 'sharp';
import { filesOf } from '../cota/images.ts';
import { createProgress } from '../cota/progress.ts';
import { readTraces } from '../cota/shards.ts';
import { wholeNumber } from '../cota/usage.ts';

/** The tower's input side in pixels: `image_size` of the planner's config. */
const SIDE = 64;
const PICTURE_BYTES = SIDE * SIDE * 3;

/** SigLIP squashes to a square, bicubic, whatever the aspect. */
const thumbnail = async (file: Buffer): Promise<Buffer> =>
  await sharp(file)
    .autoOrient()
    .resize(SIDE, SIDE, { fit: 'fill', kernel: 'cubic' })
    .removeAlpha()
    .raw()
    .toBuffer();

const { values } = parseArgs({
  options: {
    in: { type: 'string', default: 'training/.work/kept' },
    out: { type: 'string', default: 'training/.work/thumbnails' },
    count: { type: 'string', default: '6000' },
  },
});
const count = wholeNumber('count', values.count, 1);
const [pixels, index] = [join(values.out, 'thumbnails.rgb'), join(values.out, 'thumbnails.jsonl')];
await mkdir(values.out, { recursive: true });
const lines = (await readFile(index, 'utf8').catch(() => '')).split('\n').filter((line) => line !== '');
const last = lines.at(-1);
let pictures = last === undefined ? 0 : sumOf(JSON.parse(last));
// What was drawn for a trace that was not written down is drawn again.
if (last !== undefined) await truncate(pixels, pictures * PICTURE_BYTES);

function sumOf({ first, count: own }: { readonly first: number; readonly count: number }): number {
  return first + own;
}

const progress = createProgress(count, lines.length, 'traces');
let seen = 0;
for await (const trace of readTraces(values.in)) {
  if (++seen <= lines.length) continue;
  if (seen > count) break;
  const drawn = await Promise.all((await filesOf(trace)).map(thumbnail));
  await appendFile(pixels, Buffer.concat(drawn));
  const line = { id: trace.id, source: trace.source, first: pictures, count: drawn.length };
  await appendFile(index, `${JSON.stringify(line)}\n`);
  pictures += drawn.length;
  progress.add(1);
}
progress.end();
