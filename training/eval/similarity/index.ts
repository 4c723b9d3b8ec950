/** `npm run eval -- similarity`: pictures against sentences by the model, and pictures against their copies. */
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { openVisionModels } from '#backend/packs/adapters';
import { defaultPackSettings } from '#backend/packs/settings';
import { writeQuality } from '../report.ts';
import { UsageError } from '../suite.ts';
import { meanColourMatch } from './baseline.ts';
import { heldoutPicture, readCases } from './cases.ts';
import { galleryOf, imageImage } from './image-image.ts';
import { measure } from './measure.ts';
import { copiesReport, textsReport } from './report.ts';

const USAGE = `Usage: npm run eval -- similarity [options]

  --pack NAME      the pack to measure (nano-similarity)
  --only PART      texts (pictures and sentences) or copies (pictures and pictures, which takes minutes)
  --wrong          print each caption that lost, and to what
  --out FILE       the scores as JSON
  --record         write the tables into docs/quality.md`;

/** Rendered pages beside the photos of the gallery. */
const PAGES = 6;
const QUALITY = new URL('../../../docs/quality.md', import.meta.url);

const parts = { texts: measureTexts, copies: measureCopies } as const;
type Part = keyof typeof parts;

function readOptions(args: readonly string[]) {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        pack: { type: 'string', default: 'nano-similarity' },
        only: { type: 'string' },
        wrong: { type: 'boolean', default: false },
        out: { type: 'string' },
        record: { type: 'boolean', default: false },
      },
    });
    const { only } = values;
    if (only !== undefined && !Object.hasOwn(parts, only))
      throw new UsageError(`--only expects ${Object.keys(parts).join(' or ')}, got ${JSON.stringify(only)}`);
    if (values.record && values.pack !== 'nano-similarity')
      throw new UsageError('--record is for nano-similarity: leave out --pack');
    return values;
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
  }
}

type Options = ReturnType<typeof readOptions>;

/** Measures and prints the tables. Throws UsageError. */
export async function run(args: readonly string[]): Promise<void> {
  const options = readOptions(args);
  const wanted = options.only === undefined ? (['texts', 'copies'] as const) : [options.only as Part];
  for (const part of wanted) {
    const { name, report } = await parts[part](options);
    console.log(report);
    if (options.record) await writeQuality(QUALITY, { name }, report);
  }
}

const context = (command: string, pack: string) => ({
  command: `npm run eval -- similarity${command}`,
  date: new Date().toISOString().slice(0, 10),
  pack,
});

async function measureTexts({ pack, wrong, out }: Options) {
  const packs = { ...defaultPackSettings(), roles: { similarity: pack } };
  const { roles, reports } = await openVisionModels({ device: 'cpu', threads: 1, packs });
  if (!roles.similarity)
    throw new UsageError(`the pack ${pack} cannot be opened: ${JSON.stringify(reports)}`);
  const cases = await readCases();
  const own = await measure(roles.similarity, cases, heldoutPicture);
  const colours = await measure(meanColourMatch, cases, heldoutPicture);
  if (wrong) console.log(own.wrong.join('\n'));
  if (out !== undefined) await writeFile(out, `${JSON.stringify({ own, colours }, null, 1)}\n`);
  return { name: 'similarity', report: textsReport(own, colours, context(' --only texts', pack)) };
}

async function measureCopies() {
  const results = await imageImage(await galleryOf(PAGES));
  return { name: 'similarity-copies', report: copiesReport(results, context(' --only copies', '')) };
}
