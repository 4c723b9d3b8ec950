/**
 * One run by transformers.js, in a process of its own: `node transformers-js.ts PACKAGES MODEL WORK naive|reuse`.
 * PACKAGES is a folder where `npm install @huggingface/transformers` was done; MODEL has the three-file layout; WORK is
 * written by ../engine/outside-peers.ts. Prints one line of JSON: CPU ms, tokens computed, tokens that agree, peak bytes.
 */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { PeerWork } from '../engine/outside-peers.ts';

type PeerTensor = { readonly data: BigInt64Array };
type Past = { get_seq_length(): number };
type Generated = { readonly sequences: PeerTensor; readonly past_key_values: Past };
/** What is used of the package. */
type Transformers = {
  readonly env: { allowRemoteModels: boolean; localModelPath: string };
  readonly Tensor: new (
    type: string,
    data: BigInt64Array | Float32Array,
    dims: readonly number[],
  ) => PeerTensor;
  readonly LlavaForConditionalGeneration: {
    from_pretrained(
      name: string,
      options: Readonly<Record<string, unknown>>,
    ): Promise<{
      generate(inputs: Readonly<Record<string, unknown>>): Promise<Generated>;
    }>;
  };
};

const [packages = '', model = '', workFile = '', way = ''] = process.argv.slice(2);
const required = createRequire(join(packages, 'package.json')).resolve('@huggingface/transformers');
const { env, Tensor, LlavaForConditionalGeneration }: Transformers = await import(
  pathToFileURL(required).href
);
env.allowRemoteModels = false;
env.localModelPath = dirname(model);
const { steps, pixels, side }: PeerWork = JSON.parse(await readFile(workFile, 'utf8'));
const image =
  pixels === undefined
    ? undefined
    : new Tensor('float32', new Float32Array((await readFile(pixels)).buffer), [1, 3, side, side]);

const loaded = await LlavaForConditionalGeneration.from_pretrained(basename(model), {
  dtype: 'fp32',
  device: 'cpu',
  session_options: {
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    extra: { session: { 'intra_op.allow_spinning': '0' } },
  },
});

async function generate(
  ids: readonly number[],
  count: number,
  past: Past | undefined,
  seesImage = past === undefined,
): Promise<Generated> {
  const given = { input_ids: int64(ids), attention_mask: int64(ids.map(() => 1)) };
  return await loaded.generate({
    ...given,
    ...(image && seesImage ? { pixel_values: image } : {}),
    ...(past ? { past_key_values: past } : {}),
    max_new_tokens: count,
    do_sample: false,
    return_dict_in_generate: true,
  });
}

const int64 = (values: readonly number[]): PeerTensor =>
  new Tensor('int64', BigInt64Array.from(values, BigInt), [1, values.length]);

// Code is compiled and weights are read before the clock starts.
const words = (steps[0]?.ids ?? []).slice(0, 64);
await generate(words, 4, undefined, false);
const before = process.cpuUsage();
const counts = { computed: 0, agreed: 0, written: 0 };
let past: Past | undefined;
for (const { ids, written } of steps) {
  const reused = way === 'reuse' ? past : undefined;
  counts.computed += ids.length - (reused?.get_seq_length() ?? 0) + written.length - 1;
  const { sequences, past_key_values: after } = await generate(ids, written.length, reused);
  past = after;
  written.forEach((token, index) => {
    counts.written++;
    if (Number(sequences.data[ids.length + index]) === token) counts.agreed++;
  });
}
const { user, system } = process.cpuUsage(before);
// What resourceUsage tells includes the process that started this one.
const peak = /VmHWM:\s+(\d+) kB/.exec(await readFile('/proc/self/status', 'utf8').catch(() => ''));
const rssBytes = peak ? Number(peak[1]) * 1024 : null;
console.log(JSON.stringify({ cpuMs: (user + system) / 1000, ...counts, rssBytes }));
process.exit(0);
