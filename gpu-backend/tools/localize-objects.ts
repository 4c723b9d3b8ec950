/** LocalizeObjects: boxes of the named objects, and the image with them drawn. */

import { showRegions } from '#backend/tools/found-regions';
import type { ObjectModel } from '#backend/tools/roles';
import type { ToolHandler } from '#backend/tools/tool';
import { folded, unknownNames, unknownNote } from '#backend/tools/vocabulary';
import type { localizeObjects as spec } from '#shared/tools/localize-objects';

export function localizeObjects(model: ObjectModel): ToolHandler<typeof spec> {
  return async ({ image, objects }, context) => {
    const source = await context.image(image);
    // The same name twice would find every object twice.
    const names = [...new Map(objects.map((name) => [folded(name), name])).values()];
    const found = await model.detect(source, names, context.signal);
    const { regions, image: drawn } = showRegions(source, found);
    // A model may know more spellings than it lists: what it found needs no note.
    const seen = new Set(found.map(({ name }) => name));
    const unknown = unknownNames(model, names).filter((name) => !seen.has(name));
    return {
      observation: { regions, ...(unknown.length > 0 ? { note: unknownNote(model, unknown) } : {}) },
      image: drawn,
    };
  };
}
