/** `npm run eval -- ocr`: how well printed text is found and read, beside Tesseract where the machine has it. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import sharp from 'sharp';
import type { Raster } from '#backend/images/raster';
import { type OcrEngine, openOcrEngine } from '#backend/tools/ocr';
import { ocr } from '../../../shared/tools/ocr.ts';
import { writeQuality } from '../report.ts';
import { UsageError } from '../suite.ts';
import { addCounts, type Bounds, type Counts, measure, type Reading } from './measure.ts';
import { type Picture, type PictureSet, pictureSets } from './pictures.ts';
import { reportOf, type SetResult } from './report.ts';
import { openTesseract, type Tesseract } from './tesseract.ts';

const USAGE = `Usage: npm run eval -- ocr [options]

  --dev            the development set: training fonts, styles and surfaces; tune on this one
  --only GROUP     one group of sets: font, angle, turned, size, noise, blur, light, file, 12 MP, table
  --limit N        at most N pictures a set
  --no-tesseract   leave Tesseract out although the machine has it
  --wrong          print each picture in which a character or a cell was wrong
  --save FOLDER    write the pictures there
  --out FILE       counts of all sets as JSON
  --record         write the table into docs/quality.md (whole held-out set only)`;

function readOptions(args: readonly string[]) {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        dev: { type: 'boolean', default: false },
        only: { type: 'string' },
        limit: { type: 'string' },
        'no-tesseract': { type: 'boolean', default: false },
        wrong: { type: 'boolean', default: false },
        save: { type: 'string' },
        out: { type: 'string' },
        record: { type: 'boolean', default: false },
      },
    });
    const limit = values.limit === undefined ? Infinity : Number(values.limit);
    if (limit !== Infinity && !(Number.isInteger(limit) && limit > 0))
      throw new UsageError(`--limit expects a positive whole number, got ${JSON.stringify(values.limit)}`);
    if (values.record && (values.dev || values.only !== undefined || limit !== Infinity))
      throw new UsageError('--record takes the whole held-out set: leave out --dev, --only and --limit');
    return { ...values, limit };
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
  }
}

type Options = ReturnType<typeof readOptions>;
type Engines = { readonly own: OcrEngine; readonly tesseract: Tesseract | undefined };

/** Measures all sets and prints their table. Throws UsageError. */
export async function run(args: readonly string[]): Promise<void> {
  const options = readOptions(args);
  const { dev, only, out, record } = options;
  const sets = pictureSets(dev ? 'train' : 'heldout').filter(
    ({ group }) => only === undefined || group === only,
  );
  if (sets.length === 0)
    throw new UsageError(`there is no group of sets ${JSON.stringify(only)}\n\n${USAGE}`);
  const engines: Engines = {
    own: await openOcrEngine({ threads: 1 }),
    tesseract: options['no-tesseract'] ? undefined : await openTesseract(),
  };
  try {
    const results: SetResult[] = [];
    for (const set of sets) results.push(await measureSet(set, engines, options));
    const report = reportOf(results, {
      dev,
      command: ['npm run eval -- ocr', ...args.filter((word) => word !== '--record')].join(' '),
      date: new Date().toISOString().slice(0, 10),
      model: `PP-OCRv4 in the pipeline of OCR version ${ocr.version}`,
      tesseract: engines.tesseract?.version,
    });
    console.log(report);
    if (out !== undefined) await writeFile(out, `${JSON.stringify({ dev, results }, null, 1)}\n`);
    if (record)
      await writeQuality(new URL('../../../docs/quality.md', import.meta.url), { name: 'ocr' }, report);
  } finally {
    await engines.tesseract?.close();
    await engines.own.release();
  }
}

async function measureSet(set: PictureSet, engines: Engines, options: Options): Promise<SetResult> {
  const own: Counts[] = [];
  const others: Counts[] = [];
  for (let index = 0; index < Math.min(set.count, options.limit); index++) {
    const picture = await set.picture(index);
    if (options.save !== undefined) await save(picture, options.save);
    const reading = await readOwn(engines.own, picture.raster);
    const counts = measure(picture, reading);
    own.push(counts);
    if (options.wrong && (counts.edits > 0 || counts.rightCells < counts.tableCells))
      console.log(describe(picture, reading, counts));
    if (engines.tesseract) others.push(measure(picture, await engines.tesseract.read(picture.raster)));
  }
  console.error(`${set.group} ${set.name}: ${own.length} pictures`);
  return {
    group: set.group,
    name: set.name,
    own: addCounts(own),
    ...(engines.tesseract ? { tesseract: addCounts(others) } : {}),
  };
}

async function readOwn(engine: OcrEngine, raster: Raster): Promise<Reading> {
  const start = performance.now();
  const { text, regions, tables = [] } = await engine.read(raster);
  const ms = performance.now() - start;
  const pieces = regions.map((region) => {
    const [left, top, right, bottom] = region.bbox;
    const { width, height } = raster;
    const bounds: Bounds = [left * width, top * height, right * width, bottom * height];
    return { text: region.text, bounds };
  });
  return {
    text,
    pieces,
    runs: pieces.map(({ bounds }) => bounds),
    tables: tables.map((table) => table.rows),
    ms,
  };
}

function describe({ id, rows, table }: Picture, { text, tables }: Reading, counts: Counts): string {
  const printed = rows.map((row) => row.map((cell) => cell.text).join(' ')).join(' / ');
  const cells =
    table === undefined
      ? ''
      : `\n  cells ${counts.rightCells} of ${counts.tableCells}: ${JSON.stringify(tables)}`;
  return `${id}: ${counts.edits} of ${counts.characters}\n  printed ${printed}\n  read    ${text.replaceAll('\n', ' / ')}${cells}`;
}

async function save({ id, raster }: Picture, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const { data, width, height } = raster;
  await sharp(data, { raw: { width, height, channels: 3 } })
    .png()
    .toFile(join(folder, `${id.replace(/[^\w+-]+/gu, '-')}.png`));
}
