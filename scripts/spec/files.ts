/** The files that are derived from `shared/api/`: the document, and the client's types of it. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ROOT } from '../cli/worker.ts';
import { createDocument } from './document.ts';

export const DOCUMENT = 'edge/docs/openapi.json';

/** Path from the root to text, as it has to be. */
export async function generatedFiles(): Promise<Map<string, string>> {
  const { version } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as { version: string };
  return new Map([[DOCUMENT, `${JSON.stringify(createDocument(version), null, 2)}\n`]]);
}
