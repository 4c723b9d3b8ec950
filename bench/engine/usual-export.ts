/** A checkpoint in the three-file layout that transformers.js loads, over the very same weights. */
import { existsSync } from 'node:fs';
import { copyFile, link, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openCheckpoint } from '#backend/models/checkpoint';
import { buildVisionGraph, type LlavaModel } from '#backend/models/llava';
import { buildConcatGraph, buildEmbeddingGraph } from './concat-graph.ts';

/** The folder beside the checkpoint; it is written once. */
export async function usualExport(folder: string, { config, positions }: LlavaModel): Promise<string> {
  const target = `${folder}-export`;
  if (existsSync(target)) return target;
  const draft = `${target}-${process.pid}`;
  await rm(draft, { recursive: true, force: true });
  await mkdir(join(draft, 'onnx'), { recursive: true });
  const checkpoint = await openCheckpoint(folder);
  const graphs = {
    vision_encoder: buildVisionGraph(checkpoint, config),
    embed_tokens: buildEmbeddingGraph(checkpoint, config),
    decoder_model_merged: buildConcatGraph(checkpoint, config, positions, { embedded: true }),
  };
  for (const [name, graph] of Object.entries(graphs))
    await writeFile(join(draft, 'onnx', `${name}.onnx`), graph);
  // The runtime reads weights only beside the graph, and follows no symbolic link.
  await link(join(folder, 'model.safetensors'), join(draft, 'onnx', 'model.safetensors'));
  await copyFile(join(folder, 'config.json'), join(draft, 'config.json'));
  await writeFile(join(draft, 'generation_config.json'), '{}');
  await rename(draft, target);
  return target;
}
