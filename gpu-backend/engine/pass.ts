/** One run of the decoder's graph over the next tokens of one or more sequences. */
import { HIDDEN_SLOT } from '#backend/models/segment-attention';
import type { VisionLanguageModel } from '#backend/models/vision-language';
import { BatchSlab } from './batch-slab.ts';
import type { KvBuffers, KvPrefix, KvSequence, KvShape } from './kv-sequence.ts';
import { OutputMemory } from './output-memory.ts';
import { PassCosts } from './pass-costs.ts';
import { DECODE_TOKENS_MAX } from './pass-plan.ts';
import { type Places, plainPlaces } from './places.ts';
import { type Feeds, Tensor } from './runtime.ts';

/** The next tokens of one sequence. */
export type PassRow = {
  readonly sequence: KvSequence;
  readonly ids: readonly number[];
  /** One row for every image token among the ids, in order. */
  readonly features: readonly Float32Array[];
  /** Logits are wanted after this many of the last tokens. */
  readonly keep: number;
  /** Where the sequence's tokens stand; by their index where it is left out. */
  readonly places?: Places;
};

export type PassCounts = {
  passes: number;
  /** Tokens that were asked for, and cells that were computed: the difference is padding. */
  tokens: number;
  cells: number;
  /** What was made for, or came out of, the graph: past keys and values that lie still are not counted. */
  bytes: number;
};

/** The past of the rows of a pass, and which of the batch's rows is whose. */
type Batch = {
  readonly past: Feeds;
  readonly batch: number;
  readonly slots: number;
  readonly places: readonly number[];
};

/** Rows, new tokens of each, slots of each behind the prefix, and tokens of the prefix. */
type Extent = {
  readonly batch: number;
  readonly width: number;
  readonly slots: number;
  readonly shared: number;
};

export class PassRunner {
  readonly counts: PassCounts = { passes: 0, tokens: 0, cells: 0, bytes: 0 };
  readonly costs = new PassCosts();
  readonly #model: VisionLanguageModel;
  readonly #shape: KvShape;
  /** One for each prefix, because only rows of the same prefix go together. */
  readonly #slabs = new Map<KvPrefix, BatchSlab>();
  /** The last one whose rows have all left: short steps end together, and its megabytes are wanted again at once. */
  #emptied: BatchSlab | undefined;
  readonly #memory = new OutputMemory();
  // Keys and values that lie still are wrapped once.
  readonly #sharedFeeds = new WeakMap<KvPrefix, Feeds>();
  readonly #ownFeeds = new WeakMap<KvBuffers, Feeds>();
  readonly #noPrefix: KvPrefix;

  constructor(model: VisionLanguageModel) {
    const { text } = model.config;
    this.#model = model;
    this.#shape = {
      layers: text.num_hidden_layers,
      heads: text.num_key_value_heads,
      headSize: text.headSize,
    };
    this.#noPrefix = {
      length: 0,
      buffers: Array.from({ length: this.#shape.layers * 2 }, () => new Float32Array(0)),
    };
  }

  get shape(): KvShape {
    return this.#shape;
  }

  /**
   * Runs the rows, which have the same prefix, and appends their keys and values to their sequences. Gives
   * the logits that each row wants, oldest first, which are valid until its sequence is run again or released. Several
   * rows are padded to the longest one.
   */
  async run(rows: readonly PassRow[]): Promise<Float32Array[][]> {
    const { sequence } = rows[0] as PassRow;
    const prefix = sequence.prefix ?? this.#noPrefix;
    const { past, batch, slots, places } =
      rows.length > 1 ? this.#together(rows, prefix) : this.#alone(sequence);
    const width = Math.max(...rows.map((row) => row.ids.length));
    const fresh = this.#tokenFeeds(rows, places, { batch, width, slots, shared: prefix.length });
    const feeds = { ...past, ...this.#prefixFeeds(prefix), ...fresh };
    const start = performance.now();
    const output = await this.#model.decoder.run(feeds, this.#room(rows, batch, width));
    if (width <= DECODE_TOKENS_MAX) this.costs.learn(batch, width, performance.now() - start);
    this.#count(rows, batch * width, fresh, output);
    this.#keep(rows, places, width, output);
    return this.#logitsOf(rows, output['logits']?.data as Float32Array);
  }

  /** Forgets a sequence that is not decoded any more. */
  release(sequence: KvSequence): void {
    const prefix = sequence.prefix ?? this.#noPrefix;
    const slab = this.#slabs.get(prefix);
    this.#memory.letGo(sequence);
    slab?.release(sequence);
    if (slab?.rows.length !== 0) return;
    this.#slabs.delete(prefix);
    this.#emptied = slab;
  }

  /** The row of a sequence in the batch of its prefix; infinite where it has none. */
  placeOf(sequence: KvSequence): number {
    const place = this.#slabs.get(sequence.prefix ?? this.#noPrefix)?.rows.indexOf(sequence) ?? -1;
    return place === -1 ? Number.POSITIVE_INFINITY : place;
  }

  /** Sequences that are held as rows of a batch. */
  get rows(): number {
    return [...this.#slabs.values()].reduce((sum, slab) => sum + slab.rows.length, 0);
  }

  #together(rows: readonly PassRow[], prefix: KvPrefix): Batch {
    const slab = this.#slabs.get(prefix) ?? this.#emptied ?? new BatchSlab(this.#shape);
    if (slab === this.#emptied) this.#emptied = undefined;
    this.#slabs.set(prefix, slab);
    const { from, to } = slab.gather(rows.map((row) => row.sequence));
    const past = this.#layerFeeds('past', to - from, slab.capacity, (buffer) =>
      slab.view(buffer, { from, to }),
    );
    const places = rows.map((row) => slab.rows.indexOf(row.sequence) - from);
    return { past, batch: to - from, slots: slab.capacity, places };
  }

  /** A single sequence is read where it lies. */
  #alone(sequence: KvSequence): Batch {
    return { past: this.#sequenceFeeds(sequence), batch: 1, slots: sequence.capacity, places: [0] };
  }

  #tokenFeeds(
    rows: readonly PassRow[],
    places: readonly number[],
    { batch, width, slots, shared }: Extent,
  ): Feeds {
    const { config, positions } = this.#model;
    const axes = config.text.ropeSections ? 3 : 1;
    const ids = new BigInt64Array(batch * width);
    const positionIds = new BigInt64Array(axes * batch * width);
    const bias = new Float32Array(batch * slots).fill(HIDDEN_SLOT);
    const logitsAt: number[] = [];
    const features: Float32Array[] = [];
    const featuresAt: number[] = [];
    rows.forEach((row, index) => {
      const place = places[index] as number;
      const placesOf = row.places ?? plainPlaces;
      let rowsLeft = row.features.length;
      const { length, ownLength } = row.sequence;
      for (let at = 0; at < width; at++) {
        const id = row.ids[at] ?? 0;
        const cell = place * width + at;
        ids[cell] = BigInt(id);
        const stands = placesOf(length + at);
        for (let axis = 0; axis < axes; axis++)
          positionIds[axis * batch * width + cell] = BigInt(Math.min(stands[axis] as number, positions - 1));
        // A model without a grammar may write the image's token; it is a token like others then.
        if (id === config.imageToken && rowsLeft-- > 0) featuresAt.push(cell);
      }
      bias.fill(0, place * slots, place * slots + ownLength);
      for (let at = row.ids.length - row.keep; at < row.ids.length; at++) logitsAt.push(place * width + at);
      features.push(...row.features);
    });
    return {
      input_ids: new Tensor('int64', ids, [batch, width]),
      position_ids: new Tensor('int64', positionIds, [...(axes === 3 ? [axes] : []), batch, width]),
      logits_at: int64(logitsAt, [logitsAt.length]),
      features: joined(features, config.text.hidden_size),
      features_at: int64(featuresAt, [featuresAt.length, 1]),
      past_bias: new Tensor('float32', bias, [batch, slots]),
      shared_bias: new Tensor('float32', new Float32Array(batch * shared), [batch, shared]),
    };
  }

  /** Where the graph puts what it gives. */
  #room(rows: readonly PassRow[], batch: number, width: number): Feeds {
    const { layers, heads, headSize } = this.#shape;
    const kept = rows.reduce((sum, { keep }) => sum + keep, 0);
    const size = this.#model.config.text.vocab_size;
    const logits = this.#memory.lend(
      kept * size,
      rows.map(({ sequence }) => sequence),
    );
    const cells = batch * heads * width * headSize;
    const fresh = this.#memory.passing(2 * layers * cells);
    const room: Record<string, Tensor> = {
      logits: new Tensor('float32', logits.subarray(0, kept * size), [kept, size]),
    };
    for (let buffer = 0; buffer < 2 * layers; buffer++)
      room[layerName('new', buffer)] = new Tensor(
        'float32',
        fresh.subarray(buffer * cells, (buffer + 1) * cells),
        [batch, heads, width, headSize],
      );
    return room;
  }

  #prefixFeeds(prefix: KvPrefix): Feeds {
    return remembered(this.#sharedFeeds, prefix, () =>
      this.#layerFeeds('shared', 1, prefix.length, (buffer) => prefix.buffers[buffer] as Float32Array),
    );
  }

  /** The past as tensors over the sequence's own memory; made anew only when that has moved. */
  #sequenceFeeds({ buffers, capacity }: KvSequence): Feeds {
    return remembered(this.#ownFeeds, buffers, () =>
      this.#layerFeeds('past', 1, capacity, (buffer) => buffers[buffer] as Float32Array),
    );
  }

  #layerFeeds(segment: string, batch: number, slots: number, data: (buffer: number) => Float32Array): Feeds {
    const { layers, heads, headSize } = this.#shape;
    const feeds: Record<string, Tensor> = {};
    for (let buffer = 0; buffer < layers * 2; buffer++) {
      feeds[layerName(segment, buffer)] = new Tensor('float32', data(buffer), [
        batch,
        heads,
        slots,
        headSize,
      ]);
    }
    return feeds;
  }

  #keep(rows: readonly PassRow[], places: readonly number[], width: number, output: Feeds): void {
    const { layers, heads, headSize } = this.#shape;
    const buffers = Array.from(
      { length: layers * 2 },
      (_, buffer) => output[layerName('new', buffer)]?.data as Float32Array,
    );
    rows.forEach(({ sequence, ids }, index) => {
      const offset = (places[index] as number) * heads * width * headSize;
      sequence.append(buffers, { offset, stride: width, count: ids.length });
    });
  }

  #logitsOf(rows: readonly PassRow[], logits: Float32Array): Float32Array[][] {
    const size = this.#model.config.text.vocab_size;
    let next = 0;
    return rows.map(({ keep }) =>
      Array.from({ length: keep }, () => logits.subarray(next * size, ++next * size)),
    );
  }

  #count(rows: readonly PassRow[], cells: number, fresh: Feeds, output: Feeds): void {
    this.counts.passes++;
    this.counts.cells += cells;
    for (const { ids } of rows) this.counts.tokens += ids.length;
    for (const tensor of [...Object.values(fresh), ...Object.values(output)])
      this.counts.bytes += (tensor.data as Float32Array).byteLength;
  }
}

function layerName(segment: string, buffer: number): string {
  return `${segment}.${buffer >> 1}.${buffer % 2 === 0 ? 'key' : 'value'}`;
}

function remembered<Key extends object>(known: WeakMap<Key, Feeds>, key: Key, make: () => Feeds): Feeds {
  const found = known.get(key);
  if (found) return found;
  const made = make();
  known.set(key, made);
  return made;
}

function joined(rows: readonly Float32Array[], width: number): Tensor {
  const data = new Float32Array(rows.length * width);
  rows.forEach((row, index) => {
    data.set(row, index * width);
  });
  return new Tensor('float32', data, [rows.length, width]);
}

function int64(values: readonly number[], shape: readonly number[]): Tensor {
  return new Tensor('int64', BigInt64Array.from(values, BigInt), shape);
}
