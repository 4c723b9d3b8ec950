import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openSession, Tensor } from '#backend/engine/runtime';
import { GraphBuilder } from '#backend/models/onnx/graph';
import { ProtoWriter } from '#backend/models/onnx/protobuf';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'onnx-'));
  await writeFile(join(folder, 'weights.bin'), Float32Array.of(99, 1, 2, 3));
});
afterAll(async () => rm(folder, { recursive: true }));

test('the wire format: varints, negative numbers, floats, nested messages', () => {
  const bytes = new ProtoWriter()
    .int(1, 300)
    .int(2, -1)
    .float(3, 1)
    .message(4, (writer) => writer.string(1, 'é'))
    .finish();
  const expected = '08ac02' + '10ffffffffffffffffff01' + '1d0000803f' + '22040a02c3a9';
  expect(Buffer.from(bytes).toString('hex')).toBe(expected);
});

test('a graph with constants, attributes and a dynamic size runs', async () => {
  const graph = new GraphBuilder('sums');
  const x = graph.input('x', 'float32', ['n', 2]);
  const scaled = graph.node('Mul', [x, graph.float(10)]);
  const [left] = graph.nodes('Split', [scaled, graph.ints([1, 1])], 2, { attributes: { axis: { int: -1 } } });
  graph.node('ReduceSum', [left as string, graph.ints([0])], {
    names: ['y'],
    attributes: { keepdims: { int: 0 } },
  });
  graph.output('y', 'float32', [1]);
  const session = await openSession(graph.finish());
  const { y } = await session.run({ x: new Tensor('float32', Float32Array.of(1, 2, 3, 4), [2, 2]) });
  await session.release();
  expect(Array.from(y?.data as Float32Array)).toEqual([40]);
});

function sumOf(location: string): Uint8Array {
  const graph = new GraphBuilder('external');
  const x = graph.input('x', 'float32', [3]);
  graph.node('Add', [x, graph.external('w', 'float32', [3], { location, offset: 4, length: 12 })], {
    names: ['y'],
  });
  graph.output('y', 'float32', [3]);
  return graph.finish();
}

test('external data is read from an offset of a file in the folder', async () => {
  const session = await openSession(sumOf('weights.bin'), { weightsFolder: folder });
  const { y } = await session.run({ x: new Tensor('float32', Float32Array.of(10, 10, 10), [3]) });
  await session.release();
  expect(Array.from(y?.data as Float32Array)).toEqual([11, 12, 13]);
});

test('external data outside of the folder is refused, though it exists', async () => {
  const inner = join(folder, 'inner');
  await mkdir(inner);
  for (const location of ['../weights.bin', join(folder, 'weights.bin')]) {
    await expect(openSession(sumOf(location), { weightsFolder: inner })).rejects.toThrow(
      /escapes|Absolute path/,
    );
  }
});
