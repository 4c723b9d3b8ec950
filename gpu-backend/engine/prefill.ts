/** The part of a prompt that a sequence lacks, appended chunk by chunk. */
import type { SequenceDecoder } from './decoder.ts';
import type { Prompt, PromptShape } from './prompts.ts';
import { CHUNK_TOKENS } from './scheduler.ts';

/**
 * Gives the logits after the prompt's last token. `features` has for every image its rows, [rows,
 * hidden size] flat. The sequence must hold a prefix of the prompt, and not all of it.
 */
export async function prefill(
  decoder: SequenceDecoder,
  prompt: Prompt,
  features: readonly Float32Array[],
  { imageToken, imageTokens = 1 }: Pick<PromptShape, 'imageToken' | 'imageTokens'>,
): Promise<Float32Array> {
  const { sequence } = decoder;
  let imageCells = prompt.ids.slice(0, sequence.length).filter((id) => id === imageToken).length;
  let image = 0;
  const nextRow = (): Float32Array => {
    const rowsOf = (index: number): number => prompt.layouts?.[index]?.rows ?? imageTokens;
    for (; imageCells >= rowsOf(image); image++) imageCells -= rowsOf(image);
    const rows = features[image] as Float32Array;
    const width = rows.length / rowsOf(image);
    const row = imageCells++;
    return rows.subarray(row * width, (row + 1) * width);
  };
  let logits: Float32Array = new Float32Array(0);
  while (sequence.length < prompt.ids.length) {
    const ids = prompt.ids.slice(sequence.length, sequence.length + CHUNK_TOKENS);
    const rows = ids.filter((id) => id === imageToken).map(nextRow);
    logits = await decoder.append(ids, rows);
  }
  return logits;
}
