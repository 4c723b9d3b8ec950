/**
 * Graphs that others exported, in the layout that transformers.js reads: `onnx/vision_encoder`, `onnx/embed_tokens`
 * and `onnx/decoder_model_merged`. The decoder's list of outputs is edited, so that only the rows of new tokens
 * come back; it is then run as if it were one of ours.
 */
import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openSession, type Session } from '#backend/engine/runtime';
import { exportedDecoder } from './export-decoder.ts';
import { exportedTower } from './export-tower.ts';
import { type OnnxGraph, readOnnx } from './onnx/edit.ts';
import { elementTypes } from './onnx/graph.ts';
import { POSITIONS_MAX } from './open-weights.ts';
import { CheckpointError } from './safetensors.ts';
import type { Architecture, DecoderConfig, OpenOptions, VisionLanguageModel } from './vision-language.ts';

const FOLDER = 'onnx';
/** Weight types whose graphs take and give float32, the exact one first. */
const SUFFIXES = ['', '_quantized', '_int8', '_uint8', '_q4', '_bnb4'];

const isThere = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

async function fileOf(folder: string, name: string): Promise<string | undefined> {
  for (const suffix of SUFFIXES) {
    const path = join(folder, FOLDER, `${name}${suffix}.onnx`);
    if (await isThere(path)) return path;
  }
  return undefined;
}

/** Whether the folder has an exported decoder, and no weights that would be preferred. */
export async function hasExport(folder: string): Promise<boolean> {
  for (const weights of ['model.safetensors', 'model.safetensors.index.json'])
    if (await isThere(join(folder, weights))) return false;
  return (await fileOf(folder, 'decoder_model_merged')) !== undefined;
}

/** Throws CheckpointError where a graph is missing or has another interface. */
export async function openExport<Config extends DecoderConfig>(
  folder: string,
  architecture: Architecture<Config>,
  options: OpenOptions,
): Promise<VisionLanguageModel<Config>> {
  const { config } = architecture;
  const open = async (
    name: string,
    edit: (graph: OnnxGraph, path: string) => Uint8Array | undefined = () => undefined,
  ): Promise<Session> => {
    const path = await fileOf(folder, name);
    if (path === undefined)
      throw new CheckpointError(`${folder}/${FOLDER}: expected ${name}.onnx beside the decoder`);
    const bytes = await readFile(path);
    const edited = edit(readOnnx(path, bytes), path);
    return await openSession(edited ?? bytes, { ...options, weightsFolder: join(folder, FOLDER) });
  };
  let fresh: readonly string[] = [];
  const tower = await open('vision_encoder');
  const embeddings = await open('embed_tokens');
  const decoder = await open('decoder_model_merged', (graph, path) => {
    fresh = freshRows(graph, path, config.text.num_hidden_layers);
    return graph.withOutputs(['logits', ...fresh]);
  });
  const sessions: readonly Session[] = [tower, embeddings, decoder];
  const vision = exportedTower(tower);
  return {
    config,
    positions: Math.min(config.text.max_position_embeddings, POSITIONS_MAX),
    vision,
    decoder: exportedDecoder(embeddings, decoder, config, fresh),
    images: await architecture.reader(vision, undefined),
    release: async () => {
      for (const session of sessions) await session.release();
    },
  };
}

/** Names of the rows of new tokens: key of layer 0, value of layer 0, key of layer 1 ... */
function freshRows(graph: OnnxGraph, path: string, layers: number): string[] {
  const types = new Map(graph.inputs.map(({ name, type }) => [name, type]));
  const fail = (what: string): CheckpointError => new CheckpointError(`${path}: ${what}`);
  for (const name of ['inputs_embeds', 'attention_mask', 'position_ids'])
    if (!types.has(name)) throw fail(`expected an input ${name}; exports without it are not supported`);
  return Array.from({ length: layers * 2 }, (_, buffer) => {
    const name = `${buffer >> 1}.${buffer % 2 === 0 ? 'key' : 'value'}`;
    const past = `past_key_values.${name}`;
    if (types.get(past) !== elementTypes.float32) throw fail(`expected a float32 input ${past}`);
    const rows = joinedTo(graph, past, `present.${name}`);
    if (rows === undefined)
      throw fail(`expected present.${name} to be ${past} with new rows joined behind it by a Concat`);
    return rows;
  });
}

/** The value that is joined to the past, seen through operators that only rename. */
function joinedTo(graph: OnnxGraph, past: string, present: string): string | undefined {
  let node = graph.producer(present);
  while (node?.operator === 'Identity') node = graph.producer(node.inputs[0] ?? '');
  return node?.operator === 'Concat' && node.inputs.length === 2 && node.inputs[0] === past
    ? node.inputs[1]
    : undefined;
}
