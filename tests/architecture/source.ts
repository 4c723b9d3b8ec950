/** Reads the repository's own sources for the architecture test. */
import { globSync, readFileSync } from 'node:fs';

/** Path from the root, and text. */
export type Sources = ReadonlyMap<string, string>;

const ROOTS = ['shared', 'edge', 'gpu-backend', 'training', 'scripts', 'bench', 'clients'];

export function readSources(): Sources {
  const paths = ROOTS.flatMap((root) => globSync(`${root}/**/*.ts`)).filter(
    (path) => !/\.d\.ts$|(^|\/)(node_modules|generated)\//.test(path),
  );
  return new Map(paths.sort().map((path) => [path, readFileSync(path, 'utf8')]));
}

/** Strings and templates stay (group 1), comments go; line feeds stay so that lines keep their numbers. */
const STRING_OR_COMMENT =
  /("(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`)|\/\*[\s\S]*?\*\/|\/\/[^\n]*/g;

export function withoutComments(source: string): string {
  return source.replace(STRING_OR_COMMENT, (match, kept?: string) => kept ?? match.replace(/[^\n]/g, ''));
}

/** Code alone: neither comments nor what stands between quotes. */
export function codeOf(source: string): string {
  return source.replace(STRING_OR_COMMENT, (match) => match.replace(/[^\n]/g, ''));
}

const IMPORT = /(?:^|[\s;}])(?:from|import)\s*\(?\s*'([^']+)'/g;

/** What a file imports, types among it: own files by their path from the root, packages by name. */
export function importsOf(path: string, source: string): string[] {
  return [...withoutComments(source).matchAll(IMPORT)].map(([, specifier = '']) => targetOf(path, specifier));
}

const ALIASES: ReadonlyArray<readonly [prefix: string, folder: string]> = [
  ['#shared/', 'shared/'],
  ['#edge/', 'edge/'],
  ['#backend/', 'gpu-backend/'],
  ['#training/', 'training/'],
];

function targetOf(path: string, specifier: string): string {
  if (specifier.startsWith('.')) {
    return new URL(specifier, `file:///${path}`).pathname.slice(1);
  }
  const alias = ALIASES.find(([prefix]) => specifier.startsWith(prefix));
  return alias ? `${alias[1]}${specifier.slice(alias[0].length)}.ts` : specifier;
}
