/** One call of one tool, wherever it runs. */
import * as z from 'zod';
import type { OpenTool } from '#backend/tools/index';
import { type ToolContext, ToolFailure, type ToolOutcome } from '#backend/tools/tool';
import { type Observation, observation as observationSchema } from '#shared/conversation';

/**
 * Checks the arguments, then runs the tool. A failure on the input is an observation; whatever else a tool
 * throws is an error of ours.
 */
export async function runTool(
  { spec, handler }: OpenTool,
  given: Readonly<Record<string, unknown>>,
  context: ToolContext,
): Promise<ToolOutcome<Observation>> {
  try {
    const input = spec.arguments.safeParse(given);
    if (!input.success) throw new ToolFailure('invalid_arguments', z.prettifyError(input.error));
    const { observation, image } = await handler(input.data, context);
    return { observation: observationSchema.parse(observation), ...(image ? { image } : {}) };
  } catch (error) {
    if (error instanceof ToolFailure) return { observation: error.observation };
    throw error;
  }
}

/** For tools that take no images. */
export async function noImage(name: string): Promise<never> {
  throw new ToolFailure('image_unknown', `Expected no image, got ${name}.`);
}
