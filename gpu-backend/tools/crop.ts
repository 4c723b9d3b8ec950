/** Crop: the box drawn in yellow, then cut out with a quarter of its size as margin on each side. */
import { cutOut } from '#backend/tools/cut-out';
import type { ToolHandler } from '#backend/tools/tool';
import type { crop as cropSpec } from '#shared/tools/crop';

export const crop: ToolHandler<typeof cropSpec> = async (input, context) => {
  const { part, bbox } = cutOut(await context.image(input.image), input.bbox);
  return { observation: { bbox }, image: part };
};
