/**
 * `models/packs.json`: every model file that may be loaded or pulled, with its size and digest.
 * A pack fills one role. A row whose digests are not known has no place here: a digest that is taken
 * from the first download proves nothing.
 */
import { readFile } from 'node:fs/promises';
import * as z from 'zod';
import { sha256 } from '#shared/conversation';
import { PackError } from './pack-error.ts';

export const packRoles = ['planner', 'ocr', 'depth', 'objects', 'tags', 'similarity', 'faces'] as const;
export type PackRole = (typeof packRoles)[number];

/** Segments of letters, digits, `_`, `-` and `.`, none of which starts with a dot: never up, never absolute. */
const relativePath = z
  .string()
  .max(200)
  .regex(/^[A-Za-z0-9_][\w.-]*(\/[A-Za-z0-9_][\w.-]*)*$/, 'expected a relative path such as onnx/model.onnx');
const repository = z
  .string()
  .max(140)
  .regex(/^[A-Za-z0-9_][\w.-]*\/[A-Za-z0-9_][\w.-]*$/, 'expected owner/name');
const revision = z
  .string()
  .max(100)
  .regex(/^[A-Za-z0-9_][\w.-]*$/, 'expected a commit, or a tag without a slash');

const FILE_BYTES_MAX = 64 * 2 ** 30;

const packFile = z.strictObject({
  /** The name by which the adapter asks for the file, and its place below the pack's folder. */
  path: relativePath,
  /** Its place at the source, where that is another one. */
  from: relativePath.optional(),
  /** For a file that comes from another repository of the same hub. */
  repository: repository.optional(),
  revision: revision.optional(),
  bytes: z.int().positive().max(FILE_BYTES_MAX),
  sha256,
});
export type PackFile = z.output<typeof packFile>;

const source = z.discriminatedUnion('kind', [
  /** Files of this repository, in a folder beside the manifest. */
  z.strictObject({ kind: z.literal('embedded'), folder: relativePath }),
  /** Files inside an installed npm package; `entry` is what it exports, beside which the files lie. */
  z.strictObject({ kind: z.literal('npm'), package: z.string().max(214), entry: z.string().max(214) }),
  /** `{hub}/{repository}/resolve/{revision}/{path}` */
  z.strictObject({
    kind: z.literal('hub'),
    hub: z.url({ protocol: /^https$/ }),
    repository,
    revision,
  }),
]);

const pack = z.strictObject({
  name: z
    .string()
    .max(64)
    .regex(/^[a-z0-9]+([.-][a-z0-9]+)*$/, 'expected a name such as depth-anything-v2-small'),
  role: z.enum(packRoles),
  /** Which adapter reads it. */
  adapter: z.string().max(64),
  source,
  /** SPDX name of the licence of the weights, or the name that their card gives. */
  licence: z.string().min(1).max(100),
  nonCommercial: z.boolean(),
  /** Why its answers are not to be relied on yet, for people; tools that it serves are listed with it. */
  experimental: z.string().min(1).max(300).optional(),
  /** Who states the digests. */
  digestsFrom: z.string().min(1).max(300),
  files: z
    .array(packFile)
    .min(1)
    .max(64)
    .refine((files) => isUnique(files.map(({ path }) => path)), 'two files have one path'),
});
export type Pack = z.output<typeof pack>;

const manifest = z.strictObject({
  version: z.literal(1),
  packs: z
    .array(pack)
    .max(256)
    .refine((packs) => isUnique(packs.map(({ name }) => name)), 'two packs have one name'),
});
export type Manifest = z.output<typeof manifest>;

function isUnique(values: readonly string[]): boolean {
  // File systems that ignore case would take two such names for one.
  return new Set(values.map((value) => value.toLowerCase())).size === values.length;
}

/** Throws PackError `manifest_invalid` where the value is not a manifest. */
export function parseManifest(value: unknown): Manifest {
  const parsed = manifest.safeParse(value);
  if (!parsed.success) throw new PackError('manifest_invalid', z.prettifyError(parsed.error));
  return parsed.data;
}

export async function readManifest(file: string): Promise<Manifest> {
  let value: unknown;
  try {
    value = JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    throw new PackError('manifest_invalid', `${file}: expected a readable JSON file`, { cause: error });
  }
  return parseManifest(value);
}

/** Throws PackError `pack_unknown`: nothing but the names of the manifest is ever looked for. */
export function packNamed({ packs }: Manifest, name: string): Pack {
  const found = packs.find((row) => row.name === name);
  if (found) return found;
  const known = packs.map((row) => row.name).join(', ');
  throw new PackError(
    'pack_unknown',
    `The manifest has no pack ${JSON.stringify(name.slice(0, 100))}. It has: ${known}.`,
  );
}
