/** EstimateObjectDepth: how far away the best find of a name is. */

import { observedBox } from '#backend/tools/boxes';
import { depthOf } from '#backend/tools/depth';
import type { DepthModel, FoundObject, ObjectModel } from '#backend/tools/roles';
import { ToolFailure, type ToolHandler } from '#backend/tools/tool';
import { unknownNames, unknownNote } from '#backend/tools/vocabulary';
import type { estimateObjectDepth as spec } from '#shared/tools/estimate-object-depth';

export function estimateObjectDepth(objects: ObjectModel, depth: DepthModel): ToolHandler<typeof spec> {
  return async ({ image, object }, context) => {
    const source = await context.image(image);
    const best = bestOf(await objects.detect(source, [object], context.signal));
    if (!best) throw notFound(objects, object);
    const map = await depth.estimate(source, context.signal);
    return { observation: { depth: depthOf(map, best.box), bbox: observedBox(best.box) } };
  };
}

function bestOf(found: readonly FoundObject[]): FoundObject | undefined {
  return found.toSorted((a, b) => b.score - a.score)[0];
}

function notFound(objects: ObjectModel, object: string): ToolFailure {
  const unknown = unknownNames(objects, [object]);
  const why = unknown.length > 0 ? unknownNote(objects, unknown) : 'Use another name, or give a box.';
  return new ToolFailure(
    'object_not_found',
    `Expected an object of the image; ${object} was not found. ${why}`,
  );
}
