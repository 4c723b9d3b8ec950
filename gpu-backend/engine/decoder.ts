/** One sequence through the decoder: prefill in chunks, then pass by pass, keeping the keys and values. */
import type { LlavaModel } from '#backend/models/llava';
import { HIDDEN_SLOT } from '#backend/models/qwen2';
import type { KvSequence } from './kv-store.ts';
import { type Feeds, Tensor } from './runtime.ts';

/** Tokens of one prefill pass: bounds memory, and how long a cancelled request holds the thread. */
export const CHUNK_TOKENS = 256;

export class SequenceDecoder {
  readonly sequence: KvSequence;
  readonly #model: LlavaModel;
  #capacity = -1;
  #pastFeeds: Record<string, Tensor> = {};
  #bias = new Float32Array(0);
  #seen = 0;

  constructor(model: LlavaModel, sequence: KvSequence) {
    this.#model = model;
    this.sequence = sequence;
  }

  /**
   * Appends tokens (at most CHUNK_TOKENS) and gives the logits after the last one.
   * `features` has one row for every image token among them, in order.
   */
  async append(ids: readonly number[], features: readonly Float32Array[] = []): Promise<Float32Array> {
    const { embedding, decoder, config } = this.#model;
    const count = ids.length;
    const { inputs_embeds: embedded } = await embedding.run({ input_ids: int64(ids, [1, count]) });
    const rows = embedded?.data as Float32Array;
    if (features.length > 0) placeFeatures(rows, ids, config.imageToken, config.text.hidden_size, features);
    const start = this.sequence.length;
    const output = await decoder.run({
      ...this.#past(),
      inputs_embeds: new Tensor('float32', rows, [1, count, config.text.hidden_size]),
      position_ids: int64(
        Array.from({ length: count }, (_, index) => start + index),
        [1, count],
      ),
      num_logits_to_keep: int64([1], []),
    });
    this.#keep(output, count);
    return output['logits']?.data as Float32Array;
  }

  /** The past as tensors over the sequence's own memory; made anew only when that has moved. */
  #past(): Feeds {
    const { sequence } = this;
    const { layers, heads, headSize } = sequence.shape;
    const { capacity, length } = sequence;
    if (capacity !== this.#capacity) {
      this.#capacity = capacity;
      this.#bias = new Float32Array(capacity).fill(HIDDEN_SLOT);
      this.#seen = 0;
      this.#pastFeeds = { past_bias: new Tensor('float32', this.#bias, [1, capacity]) };
      for (let layer = 0; layer < layers; layer++) {
        const shape = [1, heads, capacity, headSize];
        this.#pastFeeds[`past.${layer}.key`] = new Tensor('float32', sequence.key(layer), shape);
        this.#pastFeeds[`past.${layer}.value`] = new Tensor('float32', sequence.value(layer), shape);
      }
    }
    this.#bias.fill(0, this.#seen, length);
    this.#seen = length;
    return this.#pastFeeds;
  }

  #keep(output: Feeds, count: number): void {
    const { sequence } = this;
    sequence.reserve(sequence.length + count);
    for (let layer = 0; layer < sequence.shape.layers; layer++) {
      sequence.write(sequence.key(layer), output[`new.${layer}.key`]?.data as Float32Array, count);
      sequence.write(sequence.value(layer), output[`new.${layer}.value`]?.data as Float32Array, count);
    }
    sequence.advance(count);
  }
}

function placeFeatures(
  rows: Float32Array,
  ids: readonly number[],
  imageToken: number,
  width: number,
  features: readonly Float32Array[],
): void {
  let used = 0;
  ids.forEach((id, index) => {
    if (id === imageToken) rows.set(features[used++] as Float32Array, index * width);
  });
}

function int64(values: readonly number[], shape: readonly number[]): Tensor {
  return new Tensor('int64', BigInt64Array.from(values, BigInt), shape);
}
