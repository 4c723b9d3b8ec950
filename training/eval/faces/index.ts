/** `npm run eval -- faces`: how many faces are found, and what is taken for one, on photos that may be shipped. */
import { parseArgs } from 'node:util';
import { openVisionModels } from '#backend/packs/adapters';
import { defaultPackSettings } from '#backend/packs/settings';
import type { Box, FaceModel } from '#backend/tools/roles';
import { writeQuality } from '../report.ts';
import { UsageError } from '../suite.ts';
import { addFaceCounts, type FaceCounts, measureFaces } from './measure.ts';
import { type FacePicture, type FaceSet, faceSets } from './pictures.ts';

const USAGE = `Usage: npm run eval -- faces [options]

  --pack NAME   a pulled pack in place of the embedded one
  --wrong       print each picture in which a face was missed or a false one found
  --record      write the table into docs/quality.md`;

function readOptions(args: readonly string[]) {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        pack: { type: 'string' },
        wrong: { type: 'boolean', default: false },
        record: { type: 'boolean', default: false },
      },
    });
    return values;
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
  }
}

type SetResult = { readonly set: FaceSet; readonly own: FaceCounts; readonly prior: FaceCounts };

/** Measures all sets and prints their table. Throws UsageError. */
export async function run(args: readonly string[]): Promise<void> {
  const { pack, wrong, record } = readOptions(args);
  const settings = { ...defaultPackSettings(), ...(pack === undefined ? {} : { roles: { faces: pack } }) };
  const { roles, reports } = await openVisionModels({ device: 'cpu', threads: 1, packs: settings });
  const name = reports.find(({ role }) => role === 'faces')?.pack;
  if (!roles.faces) throw new UsageError(`the pack ${pack ?? 'for faces'} did not open; see above`);
  const results: SetResult[] = [];
  for (const set of faceSets()) results.push(await measureSet(set, roles.faces, wrong));
  const command = ['npm run eval -- faces', ...args.filter((word) => word !== '--record')].join(' ');
  const report = reportOf(results, {
    command,
    pack: name ?? '',
    date: new Date().toISOString().slice(0, 10),
  });
  console.log(report);
  if (record)
    await writeQuality(new URL('../../../docs/quality.md', import.meta.url), { name: 'faces' }, report);
}

async function measureSet(set: FaceSet, model: FaceModel, wrong: boolean): Promise<SetResult> {
  const own: FaceCounts[] = [];
  const prior: FaceCounts[] = [];
  for (const { id, raster, faces } of await set.pictures()) {
    const found = await model.detect(raster, new AbortController().signal);
    const finds = found.map(({ box }) => inPixels(box, raster));
    const counts = measureFaces(faces, finds);
    if (wrong && (counts.matched < counts.faces || counts.matched < counts.finds))
      console.log(`${id}: faces ${JSON.stringify(faces)}, found ${JSON.stringify(finds)}`);
    own.push(counts);
    prior.push(measureFaces(faces, [middleOf(raster)]));
  }
  return { set, own: addFaceCounts(own), prior: addFaceCounts(prior) };
}

function inPixels([left, top, right, bottom]: Box, { width, height }: FacePicture['raster']): Box {
  return [left * width, top * height, right * width, bottom * height];
}

/** The baseline: whatever the picture, a square of a third of its short side, a little above the middle. */
function middleOf({ width, height }: FacePicture['raster']): Box {
  const half = Math.min(width, height) / 6;
  const [x, y] = [width / 2, height * 0.4];
  return [x - half, y - half, x + half, y + half];
}

const percent = (part: number, whole: number): string =>
  whole === 0 ? '-' : `${((100 * part) / whole).toFixed(1)} %`;

type Context = { readonly command: string; readonly pack: string; readonly date: string };

function reportOf(results: readonly SetResult[], { command, pack, date }: Context): string {
  const within = results.filter(({ set }) => set.within);
  const own = addFaceCounts(within.map((result) => result.own));
  const prior = addFaceCounts(within.map((result) => result.prior));
  const without = within.filter((result) => result.own.faces === 0);
  const empty = addFaceCounts(without.map((result) => result.own));
  const row = (title: string, counts: FaceCounts): string =>
    `| ${[title, counts.pictures, counts.faces, counts.matched, counts.centred, counts.finds - counts.matched].join(' | ')} |`;
  return [
    '## Faces',
    '',
    `Recall **${percent(own.matched, own.faces)}** (${own.matched} of ${own.faces}) and precision **${percent(own.matched, own.finds)}** (${own.matched} of ${own.finds}) at an intersection over union of 0.5, with pack ${pack}, ${date}; a square that always stands in the middle: ${percent(prior.matched, prior.faces)} and ${percent(prior.matched, prior.finds)}. In ${empty.pictures} pictures without a face, ${empty.finds} false finds. Command: \`${command}\``,
    '',
    '| set | pictures | faces | found at IoU 0.5 | middle in the face | other finds |',
    '|---|---|---|---|---|---|',
    ...results.map(({ set, own: counts }) => row(`${set.group}: ${set.name}`, counts)),
    row('**all but "beyond"**', own),
    '',
    '- Ten photos that may be shipped (NOTICE): two faces from the front, a profile, seven without a face. All other sets are made of these (`training/eval/faces/pictures.ts`), so they show how far size, tilt and light may go, and not how well other people are found.',
    '- The sets "beyond" hold what a cascade for upright faces from the front is not made for; they are in no total.',
    '- Faces were boxed by eye from hairline to chin; the cascade boxes brow to mouth, which costs overlap.',
  ].join('\n');
}
