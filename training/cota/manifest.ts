/** What a folder of generated traces was made by, so that a later start goes on with the same build. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { recipes } from './programs.ts';

const manifest = z.object({
  seed: z.int().min(0),
  shard: z.int().positive(),
  count: z.int().positive(),
  /** Builds of before there were several have text alone. */
  recipe: z
    .string()
    .refine((name) => recipes.includes(name))
    .default('text'),
});
type Manifest = z.output<typeof manifest>;

const fileOf = (folder: string): string => join(folder, 'build.json');

/** Undefined where there is none. */
export async function readManifest(folder: string): Promise<Manifest | undefined> {
  const text = await readFile(fileOf(folder), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  return text === undefined ? undefined : manifest.parse(JSON.parse(text));
}

export async function writeManifest(folder: string, build: Manifest): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(fileOf(folder), `${JSON.stringify(build, null, 2)}\n`);
}
