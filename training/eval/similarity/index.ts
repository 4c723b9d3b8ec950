/** `npm run eval -- similarity`: pictures against sentences by the model, and pictures against their copies. */
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { openVisionModels } from '#backend/packs/adapters';
import { defaultPackSettings } from '#backend/packs/settings';
import { writeQuality } from '../report.ts';
import { UsageError } from '../suite.ts';
import { meanColourMatch } from './baseline.ts';
import { heldoutPicture, readCases } from './cases.ts';
import { galleryOf, imageImage, imageImageTable } from './image-image.ts';
import { measure } from './measure.ts';
import { reportOf } from './report.ts';

const USAGE = `Usage: npm run eval -- similarity [options]

  --pack NAME      the pack to measure (nano-similarity)
  --no-copies      leave out image against image, which takes minutes
  --wrong          print each caption that lost, and to what
  --out FILE       the scores as JSON
  --record         write the table into docs/quality.md (everything, with nano-similarity)`;

/** Rendered pages beside the photos of the gallery. */
const PAGES = 24;

function readOptions(args: readonly string[]) {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        pack: { type: 'string', default: 'nano-similarity' },
        'no-copies': { type: 'boolean', default: false },
        wrong: { type: 'boolean', default: false },
        out: { type: 'string' },
        record: { type: 'boolean', default: false },
      },
    });
    if (values.record && (values['no-copies'] || values.pack !== 'nano-similarity'))
      throw new UsageError('--record takes everything: leave out --no-copies and --pack');
    return values;
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
  }
}

/** Measures and prints the table. Throws UsageError. */
export async function run(args: readonly string[]): Promise<void> {
  const options = readOptions(args);
  const packs = { ...defaultPackSettings(), roles: { similarity: options.pack } };
  const { roles, reports } = await openVisionModels({ device: 'cpu', threads: 1, packs });
  if (!roles.similarity)
    throw new UsageError(`the pack ${options.pack} cannot be opened: ${JSON.stringify(reports)}`);
  const cases = await readCases();
  const own = await measure(roles.similarity, cases, heldoutPicture);
  const colours = await measure(meanColourMatch, cases, heldoutPicture);
  if (options.wrong) console.log(own.wrong.join('\n'));
  const copies = options['no-copies'] ? undefined : await imageImage(await galleryOf(PAGES));
  const report = reportOf(own, colours, copies ? imageImageTable(copies) : 'Left out.', {
    command: ['npm run eval -- similarity', ...args.filter((word) => word !== '--record')].join(' '),
    date: new Date().toISOString().slice(0, 10),
    pack: options.pack,
  });
  console.log(report);
  if (options.out !== undefined)
    await writeFile(options.out, `${JSON.stringify({ own, colours, copies }, null, 1)}\n`);
  if (options.record)
    await writeQuality(
      new URL('../../../docs/quality.md', import.meta.url),
      { name: 'similarity' },
      report,
    );
}
