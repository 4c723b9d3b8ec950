/** `npm run ask -- photo.jpg "question"`. What it is made of is read once the cache for it is on. */
import './cli/compile-cache.ts';

await import('./cli/ask.ts');
