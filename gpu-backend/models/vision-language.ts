/** What the engine knows of a model: a decoder, and how images become rows of it. */
import type { Device, Session } from '#backend/engine/runtime';
import type { Raster } from '#backend/images/raster';
import type { Checkpoint } from './checkpoint.ts';
import type { TextConfig } from './text-config.ts';

export type ImageSize = { readonly width: number; readonly height: number };

/** What stands in a prompt for one image. */
export type ImageLayout = {
  /** In order: text to tokenise, and how many cells of the image token come next. */
  readonly pieces: ReadonlyArray<string | number>;
  /** Feature rows, which is the sum of the cells. */
  readonly rows: number;
  /** Rows and columns of the features, where positions of tokens follow them: see engine/places.ts. */
  readonly grid?: { readonly rows: number; readonly columns: number };
};

export type ImageReader = {
  /** What an image of this size needs in a prompt; follows from the size alone. */
  layout(size: ImageSize): ImageLayout;
  /** The numbers that the tower reads of it, flat; their shape is the architecture's own. */
  preprocess(raster: Raster): Float32Array;
  /** Its feature rows, [rows, hidden size] flat. */
  encode(raster: Raster): Promise<Float32Array>;
};

export type DecoderConfig = {
  readonly text: TextConfig;
  /** Id of the cells that features are put in. */
  readonly imageToken: number;
  /** What stands for an image in the text of a prompt: the image token with what the model has around it. */
  readonly imageText: string;
  readonly tiesEmbeddings: boolean;
  /** Rows of an image, where all have the same number of them. */
  readonly imageTokens?: number;
};

/** What a folder's configuration makes of a checkpoint's weights, or of an export's graphs. */
export type Architecture<Config extends DecoderConfig = DecoderConfig> = {
  readonly config: Config;
  /** ONNX bytes of the tower over the checkpoint's weights: pixels to `image_features`. */
  visionGraph(checkpoint: Checkpoint): Uint8Array;
  /** `checkpoint` is absent where there are graphs and no weights. */
  reader(vision: Session, checkpoint: Checkpoint | undefined): ImageReader | Promise<ImageReader>;
};

export type OpenOptions = { readonly device: Device; readonly threads: number };

export type VisionLanguageModel<Config extends DecoderConfig = DecoderConfig> = {
  readonly config: Config;
  /** Longest sequence, in tokens, that the decoder can place. */
  readonly positions: number;
  readonly images: ImageReader;
  /** Pixels to `image_features`; what goes in is the architecture's own. */
  readonly vision: Session;
  /** See buildDecoderGraph. */
  readonly decoder: Session;
  release(): Promise<void>;
};

/** A layout of nothing but cells. */
export function plainLayout(rows: number): ImageLayout {
  return { pieces: [rows], rows };
}
