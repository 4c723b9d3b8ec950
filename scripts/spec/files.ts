/** The files that are derived from `shared/api/`: the document, and the client's types of it. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ROOT } from '../cli/worker.ts';
import { createDocument } from './document.ts';

export const DOCUMENT = 'edge/docs/openapi.json';
export const CLIENT_TYPES = 'clients/typescript/generated/api.ts';

/** Path from the root to text, as it has to be. */
export async function generatedFiles(): Promise<Map<string, string>> {
  const { version } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as { version: string };
  const document = `${JSON.stringify(createDocument(version), null, 2)}\n`;
  return new Map([
    [DOCUMENT, document],
    [CLIENT_TYPES, await clientTypes(document)],
  ]);
}

/** By openapi-typescript, which stands in the client's own workspace because it needs TypeScript 5. */
async function clientTypes(document: string): Promise<string> {
  const client = createRequire(join(ROOT, 'clients', 'typescript', 'package.json'));
  const cli = join(client.resolve('openapi-typescript'), '..', '..', 'bin', 'cli.js');
  const folder = await mkdtemp(join(tmpdir(), 'spec-'));
  try {
    const input = join(folder, 'openapi.json');
    const output = join(folder, 'api.ts');
    await writeFile(input, document);
    // A member with a default may be left out of a request.
    const args = [cli, input, '--output', output, '--default-non-nullable', 'false'];
    await promisify(execFile)(process.execPath, args, { cwd: folder });
    return await readFile(output, 'utf8');
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
