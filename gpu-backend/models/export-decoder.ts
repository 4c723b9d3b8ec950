/**
 * An exported decoder behind the interface of our own graph (see buildDecoderGraph). Its one past is our shared and
 * our own slots; where there is no shared beginning, nothing is copied. What a slot holds may be nothing: the
 * attention mask says so.
 */

import { copySlots } from '#backend/engine/kv-sequence';
import { type Feeds, type Session, Tensor } from '#backend/engine/runtime';
import type { DecoderConfig } from './vision-language.ts';

/** `fresh`: the decoder's outputs of new rows: key of layer 0, value of layer 0, key of layer 1 ... */
export function exportedDecoder(
  embeddings: Session,
  decoder: Session,
  { text }: DecoderConfig,
  fresh: readonly string[],
): Session {
  const shape = {
    layers: text.num_hidden_layers,
    heads: text.num_key_value_heads,
    headSize: text.headSize,
  };
  const keepsFew = decoder.inputNames.includes('num_logits_to_keep');
  const run = async (feeds: Feeds): Promise<Record<string, Tensor>> => {
    const rows = await embed(embeddings, feeds, text.hidden_size);
    const length = rows.dims[1] as number;
    const places = Array.from(dataOf<BigInt64Array>(feeds, 'logits_at'), Number);
    const kept = keepsFew ? Math.max(1, ...places.map((place) => length - (place % length))) : length;
    const given: Record<string, Tensor> = {
      inputs_embeds: rows,
      attention_mask: maskOf(feeds, length),
      position_ids: feeds['position_ids'] as Tensor,
      ...Object.fromEntries(
        fresh.map((_, buffer) => [`past_key_values.${partOf(buffer)}`, pastOf(feeds, partOf(buffer), shape)]),
      ),
    };
    if (keepsFew) given['num_logits_to_keep'] = new Tensor('int64', BigInt64Array.of(BigInt(kept)), []);
    // Exports from before 2024 have two decoders in one; this is the one with a past, which may be empty.
    if (decoder.inputNames.includes('use_cache_branch'))
      given['use_cache_branch'] = new Tensor('bool', Uint8Array.of(1), [1]);
    const output = await decoder.run(given);
    const result: Record<string, Tensor> = {
      logits: pickRows(output['logits'] as Tensor, places, length, kept),
    };
    for (const [buffer, name] of fresh.entries()) result[`new.${partOf(buffer)}`] = output[name] as Tensor;
    return result;
  };
  return {
    inputNames: decoder.inputNames,
    outputNames: ['logits', ...fresh.map((_, buffer) => `new.${partOf(buffer)}`)],
    run,
    release: () => decoder.release(),
  };
}

const partOf = (buffer: number): string => `${buffer >> 1}.${buffer % 2 === 0 ? 'key' : 'value'}`;

function dataOf<Data>(feeds: Feeds, name: string): Data {
  return feeds[name]?.data as Data;
}

/** Rows of the tokens, [b, s, width], those of images in place of their embeddings. */
async function embed(embeddings: Session, feeds: Feeds, width: number): Promise<Tensor> {
  const { inputs_embeds: rows } = await embeddings.run({ input_ids: feeds['input_ids'] as Tensor });
  const data = rows?.data as Float32Array;
  const features = dataOf<Float32Array>(feeds, 'features');
  dataOf<BigInt64Array>(feeds, 'features_at').forEach((place, index) => {
    data.set(features.subarray(index * width, (index + 1) * width), Number(place) * width);
  });
  return rows as Tensor;
}

/** 1 for each slot that is seen, [b, shared + own + new]. */
function maskOf(feeds: Feeds, length: number): Tensor {
  const biases = ['shared_bias', 'past_bias'].map((name) => feeds[name] as Tensor);
  const batch = biases[0]?.dims[0] as number;
  const widths = biases.map((bias) => bias.dims[1] as number);
  const total = widths.reduce((sum, width) => sum + width, length);
  const mask = new BigInt64Array(batch * total).fill(1n);
  for (let row = 0; row < batch; row++) {
    let at = row * total;
    for (const [index, bias] of biases.entries()) {
      const width = widths[index] as number;
      const values = (bias.data as Float32Array).subarray(row * width, (row + 1) * width);
      values.forEach((value, slot) => {
        if (value !== 0) mask[at + slot] = 0n;
      });
      at += width;
    }
  }
  return new Tensor('int64', mask, [batch, total]);
}

type Shape = { readonly layers: number; readonly heads: number; readonly headSize: number };

/** The shared slots, if there are any, before every row's own. */
function pastOf(feeds: Feeds, part: string, shape: Shape): Tensor {
  const shared = feeds[`shared.${part}`] as Tensor;
  const own = feeds[`past.${part}`] as Tensor;
  const [batch = 0, heads = 0, slots = 0, headSize = 0] = own.dims;
  const before = shared.dims[2] as number;
  if (before === 0) return own;
  const total = before + slots;
  const data = new Float32Array(batch * heads * total * headSize);
  const size = heads * headSize;
  for (let row = 0; row < batch; row++) {
    const target = data.subarray(row * size * total, (row + 1) * size * total);
    copySlots(shared.data as Float32Array, before, target, total, { from: 0, to: before }, shape);
    const source = (own.data as Float32Array).subarray(row * size * slots, (row + 1) * size * slots);
    for (let head = 0; head < heads; head++)
      target.set(
        source.subarray(head * slots * headSize, (head + 1) * slots * headSize),
        (head * total + before) * headSize,
      );
  }
  return new Tensor('float32', data, [batch, heads, total, headSize]);
}

/** Logits [b, kept, vocabulary] to those of flat places among [b, length]. */
function pickRows(logits: Tensor, places: readonly number[], length: number, kept: number): Tensor {
  const vocabulary = logits.dims[2] as number;
  const data = logits.data as Float32Array;
  const picked = new Float32Array(places.length * vocabulary);
  places.forEach((place, index) => {
    const row = Math.floor(place / length) * kept + (place % length) - (length - kept);
    picked.set(data.subarray(row * vocabulary, (row + 1) * vocabulary), index * vocabulary);
  });
  return new Tensor('float32', picked, [places.length, vocabulary]);
}
