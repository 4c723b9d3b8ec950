/**
 * What the tools that need a model ask of it. A pack fills a role, an adapter makes it one of these
 * types, and a handler knows no more of the model than stands here. All take upright rasters and
 * reject when the signal fires.
 */
import type { Raster } from '#backend/images/raster';

/** Left, top, right, bottom in 0..1 of the image; left < right and top < bottom. */
export type Box = readonly [left: number, top: number, right: number, bottom: number];

export type DepthMap = {
  readonly width: number;
  readonly height: number;
  /**
   * Row by row, `width * height` values, finite and >= 0: larger is closer. The unit is the model's own,
   * so values compare inside one image only. The map may be smaller than the image and covers all of it.
   */
  readonly inverseDepth: Float32Array;
};

export type DepthModel = { estimate(raster: Raster, signal: AbortSignal): Promise<DepthMap> };

/** `name` is one of the names asked for, as it was written there. Score in 0..1, best first. */
export type FoundObject = { readonly name: string; readonly box: Box; readonly score: number };

export type ObjectModel = {
  /**
   * The closed vocabulary, in lower case. Absent where the model takes any words: then every name may
   * be asked for. A name outside of the vocabulary finds nothing.
   */
  readonly vocabulary?: readonly string[];
  /** Whether a word is one of the vocabulary or another spelling of one; absent: the vocabulary says all. */
  knows?(name: string): boolean;
  /** Objects of each name; overlapping answers for one object are settled. No names, no objects. */
  detect(raster: Raster, names: readonly string[], signal: AbortSignal): Promise<FoundObject[]>;
};

/** Names of what is in the image, by a model that needs no names to look for. Best first. */
export type TagModel = {
  tags(raster: Raster, signal: AbortSignal): Promise<{ readonly name: string; readonly score: number }[]>;
};

/** Unit vectors of one length for both; their dot product is the cosine in -1..1. */
export type SimilarityModel = {
  image(raster: Raster, signal: AbortSignal): Promise<Float32Array>;
  text(text: string, signal: AbortSignal): Promise<Float32Array>;
  /**
   * `descriptor` where image vectors say less of two images than the fixed descriptor of
   * `similarity/likeness.ts`, which then compares images.
   */
  readonly imageToImage?: 'descriptor';
};

export type FoundFace = { readonly box: Box; readonly score: number };

/** Faces, best first; overlapping answers for one face are settled. */
export type FaceModel = { detect(raster: Raster, signal: AbortSignal): Promise<FoundFace[]> };

/** A role that no pack fills is absent: its tools are not offered. */
export type Roles = {
  readonly depth?: DepthModel;
  readonly objects?: ObjectModel;
  readonly tags?: TagModel;
  readonly similarity?: SimilarityModel;
  readonly faces?: FaceModel;
};
