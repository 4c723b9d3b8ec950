/** `npm start`: the service until Ctrl-C. What it is made of is read once the cache for it is on. */
import './cli/compile-cache.ts';

await import('./cli/start.ts');
