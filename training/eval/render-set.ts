/**
 * `node training/eval/render-set.ts SUITE FOLDER [--dev] [--limit N] [--seed S] [--ocr]`: the items as files.
 * Writes FOLDER/<id>.jpg and FOLDER/items.jsonl with {id, family, type, image, question, truth, ideal, ocr?},
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
  const [source] = images;
  if (source?.type !== 'scene') throw new Error(`${item.id} is no page of text`);
  const image = await fileOf(source);
  await writeFile(join(folder, `${item.id}.jpg`), image);
  const ocr = engine && (await engine.read((await decodeImage(image)).raster)).text;
  const facts = ocr === undefined ? undefined : ocrHasFacts({ ...item, needed }, ocr);
  if (facts) readable++;
  lines.push(
    JSON.stringify({
      ...item,
      image: `${item.id}.jpg`,
      ideal: idealText(source.scene),
      needed,
      ...(ocr === undefined ? {} : { ocr, facts }),
    }),
  );
  await writeFile(join(folder, 'items.jsonl'), `${lines.join('\n')}\n`);
}
await engine?.release();
console.log(`${lines.length} items in ${folder}${engine ? `; the OCR read the facts of ${readable}` : ''}`);
