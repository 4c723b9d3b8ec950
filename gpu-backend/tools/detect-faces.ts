/** DetectFaces: boxes of faces, and the image with them drawn. */

import { showRegions } from '#backend/tools/found-regions';
import type { FaceModel } from '#backend/tools/roles';
import type { ToolHandler } from '#backend/tools/tool';
import type { detectFaces as spec } from '#shared/tools/detect-faces';

export function detectFaces(model: FaceModel): ToolHandler<typeof spec> {
  return async ({ image }, context) => {
    const source = await context.image(image);
    const faces = await model.detect(source, context.signal);
    const { regions, image: drawn } = showRegions(
      source,
      faces.map((face) => ({ ...face, name: 'face' })),
    );
    return { observation: { regions }, image: drawn };
  };
}
