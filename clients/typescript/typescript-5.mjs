/**
 * `node --import ./clients/typescript/typescript-5.mjs`: generators of clients print TypeScript by the
 * compiler's JavaScript API, which TypeScript 7 does not have; they get this workspace's TypeScript 5.
 */
import { createRequire, registerHooks } from 'node:module';
import { pathToFileURL } from 'node:url';

const typescript = pathToFileURL(createRequire(import.meta.url).resolve('typescript')).href;

registerHooks({
  resolve: (specifier, context, next) =>
    specifier === 'typescript' ? { url: typescript, shortCircuit: true } : next(specifier, context),
});
