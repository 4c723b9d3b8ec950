/** `npm run kernel`: writes the WebAssembly that samples and halves pictures. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ROOT } from './cli/worker.ts';
import { assembled, KERNEL } from './kernel/assemble.ts';

await writeFile(join(ROOT, KERNEL), await assembled());
console.log(`wrote ${KERNEL}`);
