/** `npm run models -- quantise FOLDER TARGET`: a planner's checkpoint with smaller weights. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Bits, bitChoices, quantiseCheckpoint } from '#backend/models/quantise';
import { CheckpointError } from '#backend/models/safetensors';
import { CommandError } from '../cli/failure.ts';

/** Throws CommandError with what is wrong with the folders or their checkpoint. */
export async function quantise(folder: string, target: string, wanted: string): Promise<void> {
  const bits = bitChoices.find((choice): choice is Bits => String(choice) === wanted);
  if (bits === undefined)
    throw new CommandError(`Expected --bits ${bitChoices.join(' or ')}, got ${JSON.stringify(wanted)}.`, 2);
  if (existsSync(target))
    throw new CommandError(`${target} is there already. Name a folder that is not, or remove it first.`, 2);
  try {
    const { layers, before, after } = await quantiseCheckpoint(resolve(folder), resolve(target), bits);
    const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;
    console.log(
      `${target}: ${layers} linear layers in ${bits} bits, ${megabytes(before)} to ${megabytes(after)}`,
    );
  } catch (error) {
    throw error instanceof CheckpointError ? new CommandError(error.message) : error;
  }
}
