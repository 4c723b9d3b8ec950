import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openSession, Tensor } from '#backend/engine/runtime';
import { openModel } from '#backend/models/architectures';
import { exportedTower } from '#backend/models/export-tower';
import { readOnnx } from '#backend/models/onnx/edit';
import { GraphBuilder } from '#backend/models/onnx/graph';
import { CheckpointError } from '#backend/models/safetensors';
import { fixtureFolder } from './fixture.ts';

const EXPORT = fixtureFolder('export-f32');
const options = { device: 'cpu', threads: 1 } as const;
const DECODER = 'onnx/decoder_model_merged.onnx';
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'export-'));
  await cp(EXPORT, folder, { recursive: true });
});
afterEach(async () => rm(folder, { recursive: true }));

test('of an export only the rows of new tokens come back, and nothing that was in the past', async () => {
  const bytes = await readFile(join(EXPORT, DECODER));
  const graph = readOnnx(DECODER, bytes);
  expect(graph.outputs.map(({ name }) => name)).toContain('present.1.value');
  const rows = [0, 1].flatMap((layer) =>
    ['key', 'value'].map((part) => graph.producer(`present.${layer}.${part}`)?.inputs[1] ?? ''),
  );
  const session = await openSession(graph.withOutputs(['logits', ...rows]));
  expect(session.outputNames).toEqual(['logits', ...rows]);
  const [heads, slots, size, fresh] = [2, 700, 8, 3];
  const past = rows.map((_, index) => [
    `past_key_values.${index >> 1}.${index % 2 === 0 ? 'key' : 'value'}`,
    new Tensor('float32', new Float32Array(heads * slots * size), [1, heads, slots, size]),
  ]);
  const output = await session.run({
    inputs_embeds: new Tensor('float32', new Float32Array(fresh * 32), [1, fresh, 32]),
    attention_mask: new Tensor('int64', new BigInt64Array(slots + fresh).fill(1n), [1, slots + fresh]),
    position_ids: new Tensor('int64', BigInt64Array.of(700n, 701n, 702n), [1, fresh]),
    ...Object.fromEntries(past),
  });
  for (const row of rows) expect(output[row]?.dims).toEqual([1, heads, fresh, size]);
  await session.release();
});

/** A decoder with the usual interface, whose past is not joined but changed. */
function otherDecoder(inputs: readonly string[]): Uint8Array {
  const graph = new GraphBuilder('other');
  for (const name of inputs) graph.input(name, 'int64', ['b', 's']);
  for (const name of ['0.key', '0.value', '1.key', '1.value']) {
    const past = graph.input(`past_key_values.${name}`, 'float32', ['b', 2, 'p', 8]);
    graph.node('Add', [past, graph.float(1)], { names: [`present.${name}`] });
    graph.output(`present.${name}`, 'float32', ['b', 2, 'p', 8]);
  }
  return graph.finish();
}

const usual = ['inputs_embeds', 'attention_mask', 'position_ids'];

test.each([
  [
    'a past that is not joined',
    otherDecoder(usual),
    /present\.0\.key to be past_key_values\.0\.key with new/,
  ],
  ['no positions', otherDecoder(usual.slice(0, 2)), /expected an input position_ids/],
  ['no graph', new Uint8Array(), /expected an ONNX model, but it has no graph/],
  ['half a file', otherDecoder(usual).subarray(0, 90), /expected an ONNX model, but/],
])('an export with %s is refused with the reason', async (_, decoder, reason) => {
  await writeFile(join(folder, DECODER), decoder);
  const opened = openModel(folder, options);
  await expect(opened).rejects.toThrow(CheckpointError);
  await expect(opened).rejects.toThrow(reason);
});

test('an export without its embeddings is refused by name', async () => {
  await rm(join(folder, 'onnx/embed_tokens.onnx'));
  await expect(openModel(folder, options)).rejects.toThrow(/expected embed_tokens\.onnx/);
});

test('weights are preferred to an export', async () => {
  await cp(join(fixtureFolder('grouped-f32'), 'model.safetensors'), join(folder, 'model.safetensors'));
  await writeFile(join(folder, DECODER), new Uint8Array());
  const model = await openModel(folder, options);
  expect(model.decoder.inputNames).toContain('past_bias');
  await model.release();
});

const pixels = (...dims: number[]): Tensor =>
  new Tensor('float32', new Float32Array(dims.reduce((product, side) => product * side, 1)).fill(1), dims);

test('an exported tower of Idefics3 is told that all its pixels are real', async () => {
  const graph = new GraphBuilder('tower');
  graph.input('pixel_values', 'float32', [1, 'n', 3, 4, 4]);
  const mask = graph.input('pixel_attention_mask', 'bool', [1, 'n', 4, 4]);
  const counted = graph.node('Cast', [mask], { attributes: { to: { int: 1 } } });
  graph.node('ReduceSum', [counted, graph.ints([0, 1, 2, 3])], { names: ['last_hidden_state'] });
  graph.output('last_hidden_state', 'float32', [1, 1, 1, 1]);
  const session = await openSession(graph.finish());
  const { image_features: features } = await exportedTower(session).run({ pixel_values: pixels(2, 3, 4, 4) });
  expect(Array.from(features?.data as Float32Array)).toEqual([32]);
  await session.release();
});

test('an exported tower of Qwen2-VL is told the grid of its patches', async () => {
  const graph = new GraphBuilder('tower');
  graph.input('pixel_values', 'float32', ['p', 24]);
  const grid = graph.input('image_grid_thw', 'int64', [1, 3]);
  graph.node('Cast', [grid], { names: ['image_features'], attributes: { to: { int: 1 } } });
  graph.output('image_features', 'float32', [1, 3]);
  const session = await openSession(graph.finish());
  const places = new Tensor(
    'int64',
    BigInt64Array.of(0n, 0n, 0n, 1n, 1n, 0n, 1n, 1n, 0n, 2n, 0n, 3n, 1n, 2n, 1n, 3n),
    [8, 2],
  );
  const { image_features: features } = await exportedTower(session).run({
    pixel_values: pixels(8, 24),
    places,
  });
  expect(Array.from(features?.data as Float32Array)).toEqual([1, 2, 4]);
  await session.release();
});
