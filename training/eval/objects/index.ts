/** `npm run eval -- objects`: the embedded detector on held-out scenes and styles, beside a trivial baseline. */
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import { packNamed, readManifest } from '#backend/packs/manifest';
import { defaultPackSettings } from '#backend/packs/settings';
import { verifyPack } from '#backend/packs/verify';
import {
  type NanoDetector,
  objectsOf,
  openNanoDetector,
  type Wish,
} from '#backend/tools/adapters/nano-objects';
import { randomOf } from '#training/random';
import { writeQuality } from '../report.ts';
import { UsageError } from '../suite.ts';
import { blobs, commonestName } from './baseline.ts';
import { type Found, pixelsOf, type Seen } from './measure.ts';
import { type Part, type Picture, parts, rasterOf, readPictures } from './pictures.ts';
import { type PartResult, reportOf } from './report.ts';

const USAGE = `Usage: npm run eval -- objects [options]

  --limit N   at most N pictures a part
  --record    write the table into docs/quality.md (all pictures only)`;

const PACK = 'nano-objects';
/** Far below any threshold: average precision wants the whole curve. */
const FLOOR = 0.01;
const ABSENT = 10;

function readOptions(args: readonly string[]) {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: { limit: { type: 'string' }, record: { type: 'boolean', default: false } },
    });
    const limit = values.limit === undefined ? Infinity : Number(values.limit);
    if (limit !== Infinity && !(Number.isInteger(limit) && limit > 0))
      throw new UsageError(`--limit expects a positive whole number, got ${JSON.stringify(values.limit)}`);
    if (values.record && limit !== Infinity)
      throw new UsageError('--record takes all pictures: leave out --limit');
    return { record: values.record, limit };
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
  }
}

/** Measures all parts and prints their table. Throws UsageError. */
export async function run(args: readonly string[]): Promise<void> {
  const { limit, record } = readOptions(args);
  const settings = defaultPackSettings();
  const pack = packNamed(await readManifest(settings.manifest), PACK);
  const folders = { embedded: dirname(settings.manifest), pulled: settings.pulled };
  const detector = await openNanoDetector(await verifyPack(pack, folders), { device: 'cpu', threads: 1 });
  const pictures = await readPictures();
  const times: number[] = [];
  const results: PartResult[] = [];
  for (const part of parts) {
    const some = pictures.filter((picture) => picture.part === part).slice(0, limit);
    results.push(await measurePart(part, some, detector, times));
    console.error(`${part}: ${some.length} pictures`);
  }
  const report = reportOf(results, {
    threshold: detector.vocabulary.threshold,
    names: detector.vocabulary.names.length,
    model: PACK,
    command: ['npm run eval -- objects', ...args.filter((word) => word !== '--record')].join(' '),
    date: new Date().toISOString().slice(0, 10),
    ms: times.sort((a, b) => a - b)[times.length >> 1] ?? 0,
  });
  console.log(report);
  if (record)
    await writeQuality(new URL('../../../docs/quality.md', import.meta.url), { name: 'objects' }, report);
}

async function measurePart(
  part: Part,
  pictures: readonly Picture[],
  { vocabulary, look }: NanoDetector,
  times: number[],
): Promise<PartResult> {
  const seen: Seen[] = [];
  const told: Seen[] = [];
  const baseline: Seen[] = [];
  const common = commonestName(pictures);
  const all = vocabulary.names.map((name, place) => ({ name, places: [place] }));
  const random = randomOf(5);
  let absent = 0;
  for (const picture of pictures) {
    const raster = await rasterOf(picture);
    const start = performance.now();
    const looks = await look(raster, new AbortController().signal);
    const findsOf = (wishes: readonly Wish[], threshold: number): Found[] =>
      objectsOf(looks, wishes, threshold).map(({ name, box, score }) => {
        return { name, box: pixelsOf(box, raster), score };
      });
    const found = findsOf(all, FLOOR);
    times.push(performance.now() - start);
    seen.push({ shown: picture.objects, found });
    baseline.push({ shown: picture.objects, found: blobs(raster, common) });
    const shown = new Set(picture.objects.map(({ name }) => name));
    const others = all.filter(({ name }) => !shown.has(name));
    const strangers = random.sample(others, ABSENT);
    absent += findsOf(strangers, vocabulary.threshold).length;
    const asked = [...all.filter(({ name }) => shown.has(name)), ...strangers];
    told.push({ shown: picture.objects, found: findsOf(asked, vocabulary.threshold) });
  }
  return { part, seen, told, baseline, absentAlarms: absent / Math.max(1, pictures.length) };
}
