/** The shape of one backend tool's handler: pure but for its injected sessions and images. */
import type * as z from 'zod';
import type { Raster } from '#backend/images/raster';
import type { ToolError, ToolSpec } from '#shared/tool';

export type ToolContext = {
  /** The upright pixels of `image-k`; throws ToolFailure where there is no such image. */
  image(name: string): Promise<Raster>;
  readonly signal: AbortSignal;
};

export type ToolOutcome<Observation> = {
  readonly observation: Observation;
  /** The image that the tool made; it becomes the next image of the conversation. */
  readonly image?: Raster;
};

export type ToolHandler<Spec extends ToolSpec> = (
  input: z.output<Spec['arguments']>,
  context: ToolContext,
) => Promise<ToolOutcome<z.output<Spec['observation']>>>;

/** An input that a tool cannot work on. It becomes an observation that the planner can mend. */
export class ToolFailure extends Error {
  override readonly name = 'ToolFailure';
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
  get observation(): ToolError {
    return { error: { code: this.code, message: this.message } };
  }
}
