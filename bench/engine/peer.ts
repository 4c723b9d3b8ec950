/**
 * The usual ways to serve a run, on the same weights and the same runtime: one sequence at a time, the usual
 * graph, one pass for each token, the prompt in one piece.
 */
import { type Feeds, openSession, type Session, Tensor } from '#backend/engine/runtime';
import type { Raster } from '#backend/images/raster';
import { openCheckpoint } from '#backend/models/checkpoint';
import type { LlavaModel } from '#backend/models/llava';
import { pixelValues } from '#backend/models/pixels';
import { buildConcatGraph } from './concat-graph.ts';

/** One step as it was: the whole prompt, its images, and the tokens that were written. */
export type RecordedStep = {
  readonly ids: readonly number[];
  readonly images: readonly Raster[];
  readonly written: readonly number[];
};

export type PeerCounts = { computed: number; agreed: number; written: number; bytes: number };

type Past = { readonly ids: readonly number[]; readonly feeds: Feeds };

export class Peer {
  readonly counts: PeerCounts = { computed: 0, agreed: 0, written: 0, bytes: 0 };
  readonly #model: LlavaModel;
  readonly #session: Session;

  static async open(folder: string, model: LlavaModel): Promise<Peer> {
    const graph = buildConcatGraph(await openCheckpoint(folder), model.config, model.positions);
    return new Peer(model, await openSession(graph, { weightsFolder: folder, threads: 1 }));
  }

  private constructor(model: LlavaModel, session: Session) {
    this.#model = model;
    this.#session = session;
  }

  /** `reuse`: keys, values and image features are kept from step to step of the run; otherwise nothing is. */
  async run(steps: readonly RecordedStep[], { reuse }: { readonly reuse: boolean }): Promise<void> {
    let past: Past = this.#nothing();
    const encoded = new Map<Raster, Float32Array>();
    for (const { ids, images, written } of steps) {
      if (!reuse) {
        past = this.#nothing();
        encoded.clear();
      }
      const features: Float32Array[] = [];
      for (const image of images) {
        const rows = encoded.get(image) ?? (await this.#encode(image));
        encoded.set(image, rows);
        features.push(rows);
      }
      const differs = ids.findIndex((id, index) => id !== past.ids[index]);
      past = this.#cut(past, Math.min(differs === -1 ? ids.length : differs, ids.length - 1));
      let next = ids.slice(past.ids.length);
      for (const token of written) {
        const logits = await this.#pass(past, next, features);
        past = logits.past;
        this.counts.written++;
        if (best(logits.row) === token) this.counts.agreed++;
        next = [token];
      }
    }
  }

  async release(): Promise<void> {
    await this.#session.release();
  }

  async #encode(image: Raster): Promise<Float32Array> {
    const { config, vision } = this.#model;
    const side = config.vision.image_size;
    const pixels = new Tensor('float32', pixelValues(image, config), [1, 3, side, side]);
    const { image_features: features } = await vision.run({ pixel_values: pixels });
    return features?.data as Float32Array;
  }

  async #pass(
    past: Past,
    ids: readonly number[],
    images: readonly Float32Array[],
  ): Promise<{ readonly row: Float32Array; readonly past: Past }> {
    const { imageToken, imageTokens, text } = this.#model.config;
    const width = text.hidden_size;
    const start = past.ids.length;
    const isImage = (id: number): boolean => id === imageToken;
    let cell = past.ids.filter(isImage).length;
    const places = ids.flatMap((id, index) => (isImage(id) ? [BigInt(index)] : []));
    const features = new Float32Array(places.length * width);
    for (let index = 0; index < places.length; index++, cell++) {
      const row = cell % imageTokens;
      const image = images[Math.floor(cell / imageTokens)] as Float32Array;
      features.set(image.subarray(row * width, (row + 1) * width), index * width);
    }
    const output = await this.#session.run({
      ...past.feeds,
      input_ids: new Tensor('int64', BigInt64Array.from(ids, BigInt), [1, ids.length]),
      position_ids: new Tensor(
        'int64',
        BigInt64Array.from(ids, (_, index) => BigInt(start + index)),
        [1, ids.length],
      ),
      features: new Tensor('float32', features, [places.length, width]),
      features_at: new Tensor('int64', BigInt64Array.from(places), [places.length, 1]),
    });
    this.counts.computed += ids.length;
    for (const { data } of Object.values(output)) this.counts.bytes += (data as Float32Array).byteLength;
    const feeds = Object.fromEntries(
      Object.entries(output)
        .filter(([name]) => name.startsWith('present.'))
        .map(([name, tensor]) => [name.replace('present', 'past_key_values'), tensor]),
    );
    return { row: output['logits']?.data as Float32Array, past: { ids: [...past.ids, ...ids], feeds } };
  }

  #nothing(): Past {
    return this.#cut({ ids: [], feeds: {} }, 0);
  }

  /** The past's first `length` tokens. */
  #cut(past: Past, length: number): Past {
    if (length > 0 && length >= past.ids.length) return past;
    const { num_hidden_layers: layers, num_key_value_heads: heads, headSize } = this.#model.config.text;
    const feeds: Record<string, Tensor> = {};
    for (let layer = 0; layer < layers; layer++) {
      for (const part of ['key', 'value']) {
        const name = `past_key_values.${layer}.${part}`;
        const data = new Float32Array(heads * length * headSize);
        const source = past.feeds[name]?.data as Float32Array | undefined;
        for (let head = 0; source && head < heads; head++) {
          const from = head * past.ids.length * headSize;
          data.set(source.subarray(from, from + length * headSize), head * length * headSize);
        }
        feeds[name] = new Tensor('float32', data, [1, heads, length, headSize]);
      }
    }
    return { ids: past.ids.slice(0, length), feeds };
  }
}

export function best(logits: Float32Array): number {
  let found = 0;
  for (let token = 1; token < logits.length; token++)
    if ((logits[token] as number) > (logits[found] as number)) found = token;
  return found;
}
