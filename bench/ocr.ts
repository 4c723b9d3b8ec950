/** OCR beside the bare runs of its graphs: what the pipeline around them costs, and its memory. */
import { readdirSync, readFileSync } from 'node:fs';
import sharp from 'sharp';
import { openSession, type Session, Tensor } from '#backend/engine/runtime';
import { decodeImage } from '#backend/images/decode';
import type { Raster } from '#backend/images/raster';
import { type OcrEngine, openOcrEngine } from '#backend/tools/ocr';
import { bundledOcrModels } from '#backend/tools/ocr/models';
import { firstScale, frameOf } from '#backend/tools/ocr/sizing';

const FIXTURES = new URL('../tests/backend/ocr/fixtures/', import.meta.url);
const REPEATS = 5;
/** The bounds that a photo of 12 megapixels must keep on a free core. */
const PHOTO_MS_MAX = 3_000;
const PHOTO_EXTRA_BYTES_MAX = 300e6;

const megabytes = (bytes: number): string => `${Math.round(bytes / 1e6)} MB`;
async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/** The best of some runs of each, taken in turns, so that other work on the machine hurts all alike. */
async function bestOfRuns(
  works: ReadonlyArray<() => Promise<unknown>>,
  repeats = REPEATS,
): Promise<number[]> {
  const best = works.map(() => Number.POSITIVE_INFINITY);
  for (let i = 0; i < repeats; i++) {
    for (const [index, work] of works.entries()) {
      best[index] = Math.min(best[index] ?? 0, await timed(work));
    }
  }
  return best;
}

/** A page of receipts as a phone sees it: 4032 x 3024, JPEG. */
async function photo(): Promise<Buffer> {
  const receipt = await sharp(readFileSync(new URL('receipt.png', FIXTURES)))
    .resize({ width: 1300 })
    .png()
    .toBuffer();
  const places = [200, 1900].flatMap((top) => [250, 2200].map((left) => ({ input: receipt, left, top })));
  return await sharp({ create: { width: 4032, height: 3024, channels: 3, background: '#c9b79a' } })
    .composite(places)
    .jpeg({ quality: 88 })
    .toBuffer();
}

/** The same graphs on zeros of the same shapes: the detector's input, and one strip a region. */
async function bareRuns(
  image: Raster,
  engine: OcrEngine,
  sessions: readonly Session[],
): Promise<() => Promise<void>> {
  const { regions } = await engine.read(image);
  const scale = firstScale(image);
  const frame = frameOf({ width: Math.round(image.width * scale), height: Math.round(image.height * scale) });
  const shapes: [number, number, number][] = [
    [0, Math.ceil(frame.height / 32) * 32, Math.ceil(frame.width / 32) * 32],
    ...regions.flatMap(({ bbox: [left, top, right, bottom] }): [number, number, number][] => {
      const aspect = ((right - left) * image.width) / ((bottom - top) * image.height);
      const long = Math.max(aspect, 1 / aspect);
      return [
        [1, 48, 192],
        [2, 48, Math.max(16, Math.round(48 * long))],
      ];
    }),
  ];
  return async () => {
    for (const [index, height, width] of shapes) {
      const zeros = new Tensor('float32', new Float32Array(3 * height * width), [1, 3, height, width]);
      await sessions[index]?.run({ [sessions[index].inputNames[0] ?? 'x']: zeros });
    }
  };
}

export async function run(): Promise<void> {
  const models = bundledOcrModels();
  const before = process.memoryUsage().rss;
  const engine = await openOcrEngine({ threads: 1 });
  const opened = process.memoryUsage().rss;
  console.log(`ocr: sessions open, rss ${megabytes(before)} -> ${megabytes(opened)}`);

  const jpeg = await photo();
  const decodeMs = await timed(() => decodeImage(jpeg));
  const { raster } = await decodeImage(jpeg);
  const resting = process.memoryUsage().rss;
  let peak = resting;
  const watch = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage().rss);
  }, 10);
  const [photoMs = 0] = await bestOfRuns([() => engine.read(raster)], 3);
  clearInterval(watch);
  peak = Math.max(peak, process.memoryUsage().rss);
  const { regions } = await engine.read(raster);
  console.log(
    `ocr: photo 4032x3024, ${regions.length} regions, decode ${decodeMs.toFixed(0)} ms, read ${photoMs.toFixed(0)} ms (bound ${PHOTO_MS_MAX}), ` +
      `rss ${megabytes(resting)} -> ${megabytes(peak)} (bound of the difference ${megabytes(PHOTO_EXTRA_BYTES_MAX)})`,
  );

  const sessions = await Promise.all(
    [models.detection, models.halfTurn, models.recognition].map((file) => openSession(file, { threads: 1 })),
  );
  for (const name of readdirSync(FIXTURES).filter((file) => /\.(png|jpg)$/u.test(file))) {
    const image = (await decodeImage(readFileSync(new URL(name, FIXTURES)))).raster;
    const [whole = 0, bare = 0] = await bestOfRuns([
      () => engine.read(image),
      await bareRuns(image, engine, sessions),
    ]);
    console.log(
      `ocr: ${name} ${image.width}x${image.height}: ${whole.toFixed(0)} ms, bare graphs ${bare.toFixed(0)} ms, ratio ${(whole / bare).toFixed(2)}`,
    );
  }
  await Promise.all([engine.release(), ...sessions.map((session) => session.release())]);
}
