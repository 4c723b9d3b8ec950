/**
 * Node's cache of compiled modules, for this process and those that it starts: half of the time in which they read their
 * modules goes into stripping types and compiling. It lies beside what npm installed, so it goes when that does, and
 * belongs to whoever may change the code anyway; where it cannot be written Node does without.
 */
import { enableCompileCache } from 'node:module';
import { fileURLToPath } from 'node:url';

const FOLDER = fileURLToPath(new URL('../../node_modules/.cache/taco-edge-code', import.meta.url));

// A folder that somebody named already is taken over by Node itself.
if (!process.env['NODE_COMPILE_CACHE']) {
  enableCompileCache(FOLDER);
  process.env['NODE_COMPILE_CACHE'] = FOLDER;
}
