/**
 * `node training/eval/render-set.ts SUITE FOLDER [--dev] [--limit N] [--seed S] [--ocr]`: the items as files.
 * Writes FOLDER/<id>.jpg (further pictures: <id>-1.jpg ...) and FOLDER/items.jsonl with {id, family, type, image, images,
 * question, truth, ideal? (of a page of text), ocr?},
 * so that a planner can be measured in another language without the service.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { decodeImage } from '#backend/images/decode';
import { openOcrEngine } from '#backend/tools/ocr';
import { fileOf } from '#training/cota/images';
import { idealText } from '#training/scenes/scene';
import { askedSuites } from './asked.ts';
import { ocrHasFacts } from './check.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    dev: { type: 'boolean', default: false },
    limit: { type: 'string' },
    seed: { type: 'string' },
    ocr: { type: 'boolean', default: false },
  },
});
const [name = '', folder] = positionals;
const suite = askedSuites[name];
if (!suite || folder === undefined)
  throw new Error(
    `expected a suite (${Object.keys(askedSuites).join(', ')}) and a folder, got ${positionals.join(' ')}`,
  );

await mkdir(folder, { recursive: true });
const engine = values.ocr ? await openOcrEngine({ threads: 1 }) : undefined;
const items = suite
  .items({ seed: Number(values.seed ?? suite.seed), dev: values.dev })
  .slice(0, values.limit === undefined ? undefined : Number(values.limit));
const lines: string[] = [];
let readable = 0;
for (const { images, needed, carries: _, ...item } of items) {
  const files = await Promise.all(images.map(fileOf));
  const names = files.map((_, index) => (index === 0 ? `${item.id}.jpg` : `${item.id}-${index}.jpg`));
  for (const [index, file] of files.entries()) await writeFile(join(folder, names[index] ?? ''), file);
  const [source] = images;
  const texts = await Promise.all(
    engine ? files.map(async (file) => (await engine.read((await decodeImage(file)).raster)).text) : [],
  );
  const ocr = engine && texts.join('\n');
  const facts = ocr === undefined ? undefined : ocrHasFacts({ ...item, needed }, ocr);
  if (facts) readable++;
  lines.push(
    JSON.stringify({
      ...item,
      image: names[0],
      images: names,
      ...(source?.type === 'scene' ? { ideal: idealText(source.scene) } : {}),
      needed,
      ...(ocr === undefined ? {} : { ocr, facts }),
    }),
  );
  await writeFile(join(folder, 'items.jsonl'), `${lines.join('\n')}\n`);
}
await engine?.release();
console.log(`${lines.length} items in ${folder}${engine ? `; the OCR read the facts of ${readable}` : ''}`);
