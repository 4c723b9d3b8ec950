/** The part of a prompt that a sequence lacks, appended chunk by chunk. */
import type { SequenceDecoder } from './decoder.ts';
import type { Prompt, PromptShape } from './prompts.ts';
import { CHUNK_TOKENS } from './scheduler.ts';

/**
 * Gives the logits after the prompt's last token. `features` has for every image its rows, [image tokens,
 * hidden size] flat. The sequence must hold a prefix of the prompt, and not all of it.
 */
export async function prefill(
  decoder: SequenceDecoder,
  prompt: Prompt,
  features: readonly Float32Array[],
  { imageToken, imageTokens }: Pick<PromptShape, 'imageToken' | 'imageTokens'>,
): Promise<Float32Array> {
  const { sequence } = decoder;
  let imageCells = prompt.ids.slice(0, sequence.length).filter((id) => id === imageToken).length;
  const nextRow = (): Float32Array => {
    const image = features[Math.floor(imageCells / imageTokens)] as Float32Array;
    const width = image.length / imageTokens;
    const row = imageCells++ % imageTokens;
    return image.subarray(row * width, (row + 1) * width);
  };
  let logits: Float32Array = new Float32Array(0);
  while (sequence.length < prompt.ids.length) {
    const ids = prompt.ids.slice(sequence.length, sequence.length + CHUNK_TOKENS);
    const rows = ids.filter((id) => id === imageToken).map(nextRow);
    logits = await decoder.append(ids, rows);
  }
  return logits;
}
