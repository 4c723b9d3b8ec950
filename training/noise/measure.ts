/**
 * `node training/noise/measure.ts [COUNT] [SEED]`: renders training scenes, reads them with the real OCR
 * and writes one JSON line a scene to training/.work/noise/readings.jsonl (what was printed, what was read).
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { decodeImage } from '#backend/images/decode';
import { openOcrEngine } from '#backend/tools/ocr';
import { randomOf } from '#training/random';
import { renderScene } from '#training/render/render';
import { sceneOf, sceneWeights } from '#training/scenes/index';
import type { Scene } from '#training/scenes/scene';

export type Reading = {
  readonly seed: number;
  readonly kind: Scene['kind'];
  readonly style: string;
  readonly family: string;
  readonly quality: 'clean' | 'fair' | 'poor';
  readonly turned: boolean;
  /** Printed rows as cells. */
  readonly printed: readonly (readonly string[])[];
  /** Rows as the OCR gave them. */
  readonly read: readonly string[];
  readonly ms: number;
};

export const workFolder = new URL('../.work/noise/', import.meta.url);

/** The scene and the picture of one number; `seed` alone decides both. */
export async function readScene(
  seed: number,
  engine: Awaited<ReturnType<typeof openOcrEngine>>,
): Promise<Reading> {
  const random = randomOf(seed);
  const { scene } = sceneOf(random.weighted(sceneWeights), random);
  const { image, style, family, quality, photo } = await renderScene(scene, { seed, split: 'train' });
  const { raster } = await decodeImage(image);
  const start = performance.now();
  const { text } = await engine.read(raster);
  return {
    seed,
    kind: scene.kind,
    style,
    family,
    quality,
    turned: photo.quarterTurns !== 0,
    printed: scene.rows.map((row) => row.cells.map((cell) => cell.text)),
    read: text === '' ? [] : text.split('\n'),
    ms: Math.round(performance.now() - start),
  };
}

async function main(count: number, first: number): Promise<void> {
  mkdirSync(workFolder, { recursive: true });
  const engine = await openOcrEngine({ threads: 1 });
  const lines: string[] = [];
  const file = new URL('readings.jsonl', workFolder);
  for (let seed = first; seed < first + count; seed++) {
    lines.push(JSON.stringify(await readScene(seed, engine)));
    if (lines.length % 20 === 0) console.log(`${lines.length} of ${count}`);
    writeFileSync(file, `${lines.join('\n')}\n`);
  }
  await engine.release();
}

if (import.meta.main) {
  const [count = '400', seed = '100000'] = process.argv.slice(2);
  await main(Number(count), Number(seed));
}
