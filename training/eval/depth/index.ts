/** `npm run eval -- depth`: relative depth on scenes of generators that training never saw. */
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import sharp from 'sharp';
import * as z from 'zod';
import { decodeImage } from '#backend/images/decode';
import { openVisionModels } from '#backend/packs/adapters';
import { defaultPackSettings, NO_PACK } from '#backend/packs/settings';
import type { DepthModel } from '#backend/tools/roles';
import { writeQuality } from '../report.ts';
import { UsageError } from '../suite.ts';
import { constant, type DepthPlane, type Measures, meanOf, measure, ramp, resized } from './measure.ts';

const USAGE = `Usage: npm run eval -- depth [options]

  --pack NAME   another pack of the role, such as depth-anything-v2-small
  --record      write the table into docs/quality.md`;

const FOLDER = new URL('./heldout/', import.meta.url);
const items = z.object({ items: z.array(z.object({ id: z.string(), generator: z.string() })) });

/** What is measured side by side. */
const guesses = ['model', 'lower is closer', 'all the same'] as const;
type Guess = (typeof guesses)[number];
type Row = { readonly generator: string; readonly measures: Readonly<Record<Guess, Measures>> };

export async function run(args: readonly string[]): Promise<void> {
  const { pack, record } = readOptions(args);
  const settings = defaultPackSettings();
  const { roles, reports } = await openVisionModels({
    device: 'cpu',
    threads: 1,
    packs: { ...settings, roles: { ...others, ...(pack === undefined ? {} : { depth: pack }) } },
  });
  if (!roles.depth) throw new UsageError(`no pack fills the role depth\n\n${USAGE}`);
  const name = reports.find(({ role }) => role === 'depth')?.pack ?? 'depth';
  const rows: Row[] = [];
  for (const item of items.parse(JSON.parse(await readFile(new URL('items.json', FOLDER), 'utf8'))).items)
    rows.push({ generator: item.generator, measures: await measured(item.id, rows.length, roles.depth) });
  const report = reportOf(
    rows,
    ['npm run eval -- depth', ...args.filter((word) => word !== '--record')].join(' '),
    name,
  );
  console.log(report);
  if (record)
    await writeQuality(new URL('../../../docs/quality.md', import.meta.url), { name: 'depth' }, report);
}

/** The other roles are not opened. */
const others = {
  ocr: NO_PACK,
  objects: NO_PACK,
  tags: NO_PACK,
  similarity: NO_PACK,
  faces: NO_PACK,
} as const;

function readOptions(args: readonly string[]) {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: { pack: { type: 'string' }, record: { type: 'boolean', default: false } },
    });
    return values;
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
  }
}

async function measured(id: string, seed: number, model: DepthModel): Promise<Row['measures']> {
  const truth = await truthOf(new URL(`${id}.png`, FOLDER));
  const { raster } = await decodeImage(await readFile(new URL(`${id}.jpg`, FOLDER)));
  const { width, height, inverseDepth } = await model.estimate(raster, new AbortController().signal);
  const guessed = resized({ width, height, values: inverseDepth }, truth.width, truth.height);
  const of = (guess: DepthPlane): Measures => measure(guess, truth, seed);
  return {
    model: of(guessed),
    'lower is closer': of(ramp(truth.width, truth.height)),
    'all the same': of(constant(truth.width, truth.height)),
  };
}

/** Sixteen bits of inverse depth, as `training/depth/heldout.py` writes them. */
async function truthOf(file: URL): Promise<DepthPlane> {
  const { data, info } = await sharp(await readFile(file))
    .toColourspace('grey16')
    .raw({ depth: 'ushort' })
    .toBuffer({ resolveWithObject: true });
  const words = new Uint16Array(data.buffer, data.byteOffset, data.byteLength / 2);
  const values = Float32Array.from(
    { length: info.width * info.height },
    (_, index) => words[index * info.channels] as number,
  );
  return { width: info.width, height: info.height, values };
}

const share = (value: number | undefined): string => (value === undefined ? '-' : value.toFixed(3));

function reportOf(rows: readonly Row[], command: string, pack: string): string {
  const generators = [...new Set(rows.map(({ generator }) => generator))];
  const line = (name: string, some: readonly Row[], guess: Guess): string => {
    const { sameRow, allPairs, delta1, absRel } = meanOf(some.map(({ measures }) => measures[guess]));
    return `| ${name} | ${guess} | ${some.length} | ${share(sameRow)} | ${share(allPairs)} | ${share(delta1)} | ${share(absRel)} |`;
  };
  const lines = (name: string, some: readonly Row[]): string[] =>
    guesses.map((guess) => line(name, some, guess));
  return [
    '## Depth',
    '',
    `${rows.length} rendered scenes of ${generators.length} generators with textures and cameras of their own, none of them known to training (\`training/depth/heldout.py\`). Pack ${pack}, ${new Date().toISOString().slice(0, 10)}. Command: \`${command}\``,
    '',
    '| generator | guess | pictures | order in a row | order of all pairs | delta1 | AbsRel |',
    '|---|---|---|---|---|---|---|',
    ...generators.flatMap((name) =>
      lines(
        name,
        rows.filter(({ generator }) => generator === name),
      ),
    ),
    ...lines('**all**', rows),
    '',
    '- Order: share of random pairs of places, over 1.1 times apart in depth, of which the closer one is told; in a row (2 % of the height) "lower is closer" knows nothing.',
    '- delta1: share of places whose depth is within a factor of 1.25, AbsRel: mean relative error; both after the best scale and shift of inverse depth for each picture, sky left out.',
  ].join('\n');
}
