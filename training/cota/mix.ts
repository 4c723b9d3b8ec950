/** `cota mix`: a training set out of filtered traces, by a recipe of forms and sources. */

import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import * as z from 'zod';
import { randomOf } from '../random.ts';
import { type FormatName, formats } from './formats.ts';
import { formOf } from './forms.ts';
import { filesOf } from './images.ts';
import { createProgress } from './progress.ts';
import { readTraces } from './shards.ts';
import { type CotaTrace, traceForms } from './trace.ts';
import { UsageError } from './usage.ts';

export const usage = `mix --in FOLDER --recipe FILE --out FILE [--format ours|planner|chat|llava|mantis] [--images FOLDER]
    writes JSON lines; --images also draws the pictures there (without it, the paths name files yet to be drawn).
    A recipe: {"seed": 7, "parts": [{"form": "cota", "share": 1, "sources": {"scene/table": 0.5}}]}`;

const share = z.number().min(0).max(1);
const recipe = z.strictObject({
  seed: z.int().min(0),
  parts: z
    .array(
      z.strictObject({
        form: z.enum(traceForms),
        /** Of the traces. */
        share: share.default(1),
        /** Of the traces of a source, instead of `share`. */
        sources: z.record(z.string(), share).default({}),
      }),
    )
    .min(1),
});
export type Recipe = z.infer<typeof recipe>;

export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      in: { type: 'string' },
      recipe: { type: 'string' },
      out: { type: 'string' },
      format: { type: 'string', default: 'ours' },
      images: { type: 'string' },
    },
  });
  const { in: from, out, recipe: file, format } = values;
  if (from === undefined || out === undefined || file === undefined)
    throw new UsageError('mix expects --in FOLDER, --recipe FILE and --out FILE');
  if (!isFormat(format))
    throw new UsageError(`--format expects ${Object.keys(formats).join(', ')}, got ${format}`);
  const counts = await mix(from, out, await readRecipe(file), {
    format,
    ...(values.images ? { images: values.images } : {}),
  });
  for (const [name, count] of Object.entries(counts)) console.log(`${name}\t${count}`);
}

const isFormat = (name: string): name is FormatName => Object.hasOwn(formats, name);

async function readRecipe(file: string): Promise<Recipe> {
  const parsed = recipe.safeParse(JSON.parse(await readFile(file, 'utf8')));
  if (!parsed.success) throw new UsageError(`${file}: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}

/** Gives how many examples of each `form source` were written. */
export async function mix(
  from: string,
  out: string,
  { seed, parts }: Recipe,
  { format, images }: { readonly format: FormatName; readonly images?: string },
): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  await mkdir(dirname(out), { recursive: true });
  const file = createWriteStream(out);
  const random = randomOf(seed);
  const progress = createProgress(undefined, 0, 'traces');
  for await (const trace of readTraces(from)) {
    // Drawn for every part, so that one part's share does not change what another takes.
    const draws = parts.map(() => random.next());
    for (const [index, part] of parts.entries()) {
      const example = formOf[part.form](trace);
      if (!example || (draws[index] ?? 1) >= (part.sources[trace.source] ?? part.share)) continue;
      const paths = await picturesOf(example, images);
      if (!file.write(`${JSON.stringify(formats[format]({ trace: example, images: paths }))}\n`))
        await once(file, 'drain');
      const name = `${part.form} ${trace.source}`;
      counts[name] = (counts[name] ?? 0) + 1;
    }
    progress.add(1);
  }
  file.end();
  await once(file, 'finish');
  progress.end();
  return counts;
}

/** The path of each picture, drawn where a folder is given. The forms of one trace share their pictures. */
async function picturesOf(trace: CotaTrace, folder: string | undefined): Promise<string[]> {
  const { id, form, images, steps } = trace;
  const base = form === 'cota' ? id : id.replace(new RegExp(`-${form}$`), '');
  const sources = [...images, ...steps.flatMap(({ image }) => image ?? [])];
  const paths = sources.map((source, index) =>
    source.type === 'file' ? source.path : `${base}-${index}.jpg`,
  );
  if (folder === undefined) return paths;
  await mkdir(folder, { recursive: true });
  const files = await filesOf(trace);
  for (const [index, source] of sources.entries())
    if (source.type !== 'file') await writeFile(join(folder, paths[index] ?? ''), files[index] ?? '');
  return paths;
}
