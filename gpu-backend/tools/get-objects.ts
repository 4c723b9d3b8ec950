/**
 * GetObjects: by a model of tags, else by looking for every name that the model of objects knows. One that
 * takes any words cannot say what is there.
 */

import type { Raster } from '#backend/images/raster';
import type { Roles } from '#backend/tools/roles';
import type { ToolHandler } from '#backend/tools/tool';
import { LABELS_MAX } from '#shared/limits';
import type { getObjects as spec } from '#shared/tools/get-objects';

/** Whoever asks for all names at once is wrong more often than who asks for one: only clear finds count. */
const SCORE_MIN = 0.5;

type Named = { readonly name: string; readonly score: number };
type Namer = (source: Raster, signal: AbortSignal) => Promise<readonly Named[]>;

export function openGetObjects(roles: Pick<Roles, 'tags' | 'objects'>): ToolHandler<typeof spec> | undefined {
  const names = namerOf(roles);
  if (!names) return undefined;
  return async ({ image }, context) => {
    const found = await names(await context.image(image), context.signal);
    const best = found.toSorted((a, b) => b.score - a.score).map(({ name }) => name);
    return { observation: { objects: [...new Set(best)].slice(0, LABELS_MAX) } };
  };
}

function namerOf({ tags, objects }: Pick<Roles, 'tags' | 'objects'>): Namer | undefined {
  if (tags) return (source, signal) => tags.tags(source, signal);
  const vocabulary = objects?.vocabulary;
  if (!objects || !vocabulary) return undefined;
  return async (source, signal) => {
    const found = await objects.detect(source, vocabulary, signal);
    return found.filter(({ score }) => score >= SCORE_MIN);
  };
}
