/**
 * The real peers, each in a process of its own on the same weights. They are no dependency of ours:
 *
 *   npm install --prefix FOLDER @huggingface/transformers       then  BENCH_TRANSFORMERS_JS=FOLDER
 *   pip install torch transformers numpy                        then  BENCH_PYTHON=/path/to/python
 *
 * A peer whose variable is not set is left out, and its column says n/a.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { LlavaModel } from '#backend/models/llava';
import { pixelValues } from '#backend/models/pixels';
import type { RecordedStep } from './peer.ts';
import { usualExport } from './usual-export.ts';

/** What a peer's process reads. */
export type PeerWork = {
  readonly steps: readonly { readonly ids: readonly number[]; readonly written: readonly number[] }[];
  /** File of the picture's values, [1, 3, side, side] float32; absent where there is none. */
  readonly pixels?: string;
  readonly side: number;
};

/** What it says. */
export type PeerResult = {
  readonly cpuMs: number;
  readonly computed: number;
  readonly agreed: number;
  readonly written: number;
  readonly rssBytes: number | null;
};

export type OutsidePeer = { readonly name: string; run(): Promise<PeerResult> };

/** Rows of PyTorch's static batches. transformers.js has no batch that images and a kept past go through. */
const BATCHES = [1, 4, 16];
const torchName = (rows: number): string =>
  rows === 1 ? 'PyTorch cached' : `PyTorch cached, batch of ${rows}`;

/** The names of all, as they are measured. */
export const outsidePeerNames: readonly string[] = [
  'transformers.js naive',
  'transformers.js reuse',
  ...BATCHES.map(torchName),
];

const script = (name: string): string => fileURLToPath(new URL(`../peers/${name}`, import.meta.url));
const OUTPUT_BYTES_MAX = 16 * 1024 * 1024;

/** Peers that are here, over the run's steps; `end` removes what was written for them. */
export async function outsidePeers(
  folder: string,
  model: LlavaModel,
  steps: readonly RecordedStep[],
): Promise<{ readonly peers: readonly OutsidePeer[]; end(): Promise<void> }> {
  const { BENCH_TRANSFORMERS_JS: packages, BENCH_PYTHON: python } = process.env;
  const scratch = await mkdtemp(join(tmpdir(), 'taco-edge-peers-'));
  const workFile = join(scratch, 'work.json');
  await writeFile(workFile, JSON.stringify(await workOf(scratch, model, steps)));
  const peers: OutsidePeer[] = [];
  if (packages) {
    const target = await usualExport(folder, model);
    for (const way of ['naive', 'reuse'])
      peers.push({
        name: `transformers.js ${way}`,
        run: () =>
          resultOf(process.execPath, [script('transformers-js.ts'), packages, target, workFile, way]),
      });
  }
  if (python)
    for (const rows of BATCHES)
      peers.push({
        name: torchName(rows),
        run: () =>
          resultOf(python, [script('transformers-torch.py'), folder, workFile, 'reuse', String(rows)]),
      });
  return { peers, end: () => rm(scratch, { recursive: true, force: true }) };
}

async function workOf(
  scratch: string,
  { config }: LlavaModel,
  steps: readonly RecordedStep[],
): Promise<PeerWork> {
  const side = config.vision.image_size;
  const work: PeerWork = { steps: steps.map(({ ids, written }) => ({ ids, written })), side };
  const [image] = steps[0]?.images ?? [];
  if (!image) return work;
  const pixels = join(scratch, 'pixels.f32');
  const values = pixelValues(image, config);
  await writeFile(pixels, new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  return { ...work, pixels };
}

async function resultOf(file: string, args: readonly string[]): Promise<PeerResult> {
  const { stdout } = await promisify(execFile)(file, [...args], { maxBuffer: OUTPUT_BYTES_MAX });
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as PeerResult;
}
