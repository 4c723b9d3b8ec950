/** One step's view of the engine: its sequence, and the next tokens of it. */
import type { KvSequence } from './kv-sequence.ts';
import { type Places, plainPlaces } from './places.ts';
import type { Lane } from './scheduler.ts';

export class SequenceDecoder {
  readonly sequence: KvSequence;
  readonly #scheduler: Lane;
  readonly #signal: AbortSignal;
  readonly #places: Places;

  constructor(scheduler: Lane, sequence: KvSequence, signal: AbortSignal, places: Places = plainPlaces) {
    this.#places = places;
    this.sequence = sequence;
    this.#scheduler = scheduler;
    this.#signal = signal;
  }

  /**
   * Appends tokens (at most CHUNK_TOKENS) and gives the logits after the last one.
   * `features` has one row for every image token among them, in order.
   */
  async append(ids: readonly number[], features: readonly Float32Array[] = []): Promise<Float32Array> {
    const [logits] = await this.#scheduler.append(
      { sequence: this.sequence, ids, features, keep: 1, places: this.#places },
      this.#signal,
    );
    return logits as Float32Array;
  }

  /** Appends tokens, none of them an image's, and gives the logits after each of the last `keep`, oldest first. */
  async appendKeeping(ids: readonly number[], keep: number): Promise<Float32Array[]> {
    return await this.#scheduler.append(
      { sequence: this.sequence, ids, features: [], keep, places: this.#places },
      this.#signal,
    );
  }

  /** Must be called when the step ends, however it ends. */
  release(): void {
    this.#scheduler.release(this.sequence);
  }
}
