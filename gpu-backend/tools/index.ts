/** The tools of the vision process: one opener for each spec that runs on the backend, or null where another has it. */

import { crop } from '#backend/tools/crop';
import { detectFaces } from '#backend/tools/detect-faces';
import { estimateObjectDepth } from '#backend/tools/estimate-object-depth';
import { estimateRegionDepth } from '#backend/tools/estimate-region-depth';
import { getImageToImagesSimilarity } from '#backend/tools/get-image-to-images-similarity';
import { getImageToTextsSimilarity } from '#backend/tools/get-image-to-texts-similarity';
import { openGetObjects } from '#backend/tools/get-objects';
import { getTextToImagesSimilarity } from '#backend/tools/get-text-to-images-similarity';
import { localizeObjects } from '#backend/tools/localize-objects';
import { openOcr } from '#backend/tools/ocr';
import type { OcrModelFiles } from '#backend/tools/ocr/models';
import type { Roles } from '#backend/tools/roles';
import type { ToolHandler } from '#backend/tools/tool';
import { visualizeDepth } from '#backend/tools/visualize-depth';
import { visualizeRegionsOnImage } from '#backend/tools/visualize-regions-on-image';
import { zoomIn } from '#backend/tools/zoom-in';
import type { ToolSpec } from '#shared/tool';
import { type BackendToolName, type SpecOf, toolSpec } from '#shared/tools/index';

export type ToolOptions = { readonly threads: number; readonly roles: Roles; readonly ocr?: OcrModelFiles };

/** Loads what a tool needs and gives its handler; undefined where a model that it needs is missing. */
type Opener<Name extends BackendToolName> = (options: ToolOptions) => Opened<Name> | Promise<Opened<Name>>;
type Opened<Name extends BackendToolName> = ToolHandler<SpecOf<Name>> | undefined;

/** A spec without a line here does not compile. */
const openers: { readonly [Name in BackendToolName]: Opener<Name> | null } = {
  OCR: ({ threads, ocr }) => ocr && openOcr({ threads, models: ocr }),
  Crop: async () => crop,
  ZoomIn: async () => zoomIn,
  VisualizeRegionsOnImage: async () => visualizeRegionsOnImage,
  VisualizeDepth: ({ roles: { depth } }) => depth && visualizeDepth(depth),
  LocalizeObjects: ({ roles: { objects } }) => objects && localizeObjects(objects),
  GetObjects: ({ roles }) => openGetObjects(roles),
  EstimateRegionDepth: ({ roles: { depth } }) => depth && estimateRegionDepth(depth),
  EstimateObjectDepth: ({ roles: { objects, depth } }) =>
    objects && depth && estimateObjectDepth(objects, depth),
  // The planner's process or a hosted model: see tool-hosts.ts.
  QueryLanguageModel: null,
  GetImageToImagesSimilarity: ({ roles: { similarity } }) => getImageToImagesSimilarity(similarity),
  GetImageToTextsSimilarity: ({ roles: { similarity } }) =>
    similarity && getImageToTextsSimilarity(similarity),
  GetTextToImagesSimilarity: ({ roles: { similarity } }) =>
    similarity && getTextToImagesSimilarity(similarity),
  DetectFaces: ({ roles: { faces } }) => faces && detectFaces(faces),
};

/** A tool that is ready. Arguments must be parsed by `spec.arguments` before the handler sees them. */
export type OpenTool = { readonly spec: ToolSpec; readonly handler: ToolHandler<ToolSpec> };

/** Opens every tool that has a handler. Rejects when a model that a tool needs does not load. */
export async function openTools(options: ToolOptions): Promise<ReadonlyMap<string, OpenTool>> {
  const tools = new Map<string, OpenTool>();
  for (const [name, open] of Object.entries(openers)) {
    const spec = toolSpec(name);
    const handler = await open?.(options);
    if (!spec || !handler) continue;
    // The table above has checked that handler and spec fit; here the name is data.
    tools.set(name, { spec, handler: handler as ToolHandler<ToolSpec> });
  }
  return tools;
}
