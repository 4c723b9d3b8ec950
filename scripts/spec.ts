/** `npm run spec`: writes the OpenAPI document that the Worker serves, and the types of the client. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ROOT } from './cli/worker.ts';
import { generatedFiles } from './spec/files.ts';

for (const [path, text] of await generatedFiles()) {
  await writeFile(join(ROOT, path), text);
  console.log(`wrote ${path}`);
}
