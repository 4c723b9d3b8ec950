/**
 * The action space. Prompt, grammar, listing, OpenAPI, cache keys and forwarding all derive from
 * this list. Whether a tool has a handler is not said here: the registries of the two sides do.
 */
import type { ToolSpec } from '../tool.ts';
import { calculate } from './calculate.ts';
import { crop } from './crop.ts';
import { detectFaces } from './detect-faces.ts';
import { estimateObjectDepth } from './estimate-object-depth.ts';
import { estimateRegionDepth } from './estimate-region-depth.ts';
import { getImageToImagesSimilarity } from './get-image-to-images-similarity.ts';
import { getImageToTextsSimilarity } from './get-image-to-texts-similarity.ts';
import { getObjects } from './get-objects.ts';
import { getTextToImagesSimilarity } from './get-text-to-images-similarity.ts';
import { localizeObjects } from './localize-objects.ts';
import { ocr } from './ocr.ts';
import { queryKnowledgeBase } from './query-knowledge-base.ts';
import { queryLanguageModel } from './query-language-model.ts';
import { solveMathEquation } from './solve-math-equation.ts';
import { terminate } from './terminate.ts';
import { visualizeDepth } from './visualize-depth.ts';
import { visualizeRegionsOnImage } from './visualize-regions-on-image.ts';
import { zoomIn } from './zoom-in.ts';

/** The actions that planners are told of, in the order of the paper. */
export const advertisedToolSpecs = [
  ocr,
  localizeObjects,
  getObjects,
  estimateRegionDepth,
  estimateObjectDepth,
  crop,
  zoomIn,
  queryLanguageModel,
  getImageToImagesSimilarity,
  getImageToTextsSimilarity,
  getTextToImagesSimilarity,
  detectFaces,
  queryKnowledgeBase,
  calculate,
  solveMathEquation,
  terminate,
] as const satisfies readonly ToolSpec[];

/** Every tool; the last two are for callers of the API only: what they show is for people. */
export const toolSpecs = [
  ...advertisedToolSpecs,
  visualizeRegionsOnImage,
  visualizeDepth,
] as const satisfies readonly ToolSpec[];

type AnyToolSpec = (typeof toolSpecs)[number];
export type ToolName = AnyToolSpec['name'];
export type EdgeToolName = Extract<AnyToolSpec, { runs: 'edge' }>['name'];
export type BackendToolName = Extract<AnyToolSpec, { runs: 'backend' }>['name'];

/** The exact spec of one name. Registries are `{ [Name in EdgeToolName]: Handler<SpecOf<Name>> | undefined }`. */
export type SpecOf<Name extends ToolName> = Extract<AnyToolSpec, { name: Name }>;

const specByName: ReadonlyMap<string, ToolSpec> = new Map(
  toolSpecs.map((spec): [string, ToolSpec] => [spec.name, spec]),
);

/** The spec of a name that may come from a model or a caller; undefined when there is none. */
export function toolSpec(name: string): ToolSpec | undefined {
  return specByName.get(name);
}
