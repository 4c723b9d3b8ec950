/**
 * Reads as much of an ONNX file as a graph's interface needs, and gives it other outputs. Weights and nodes are
 * passed on as they are. Field numbers are those of onnx.proto.
 */
import { CheckpointError } from '../safetensors.ts';
import { elementTypes } from './graph.ts';
import { ProtoWriter } from './protobuf.ts';

type Field = { readonly number: number; readonly whole: Uint8Array; readonly content: Uint8Array };

export type Port = { readonly name: string; readonly type: number | undefined };

type Node = {
  readonly operator: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
};

export type OnnxGraph = {
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
  /** The node that makes a value, by the value's name; no node has its name from an input or a weight. */
  producer(value: string): Node | undefined;
  /** The model with these outputs, float32 and of any shape, in place of its own. */
  withOutputs(names: readonly string[]): Uint8Array;
};

const MODEL_GRAPH = 7;
const GRAPH = { node: 1, input: 11, output: 12 } as const;
const VARINT = 0;
const BYTES = 2;

/** Throws CheckpointError where `bytes` are no ONNX model; `path` is for its message. */
export function readOnnx(path: string, bytes: Uint8Array): OnnxGraph {
  const invalid = (what: string): CheckpointError =>
    new CheckpointError(`${path}: expected an ONNX model, but ${what}`);
  const fields = (message: Uint8Array): Field[] => [...fieldsOf(message, invalid)];
  const model = fields(bytes);
  const graph = model.find(({ number }) => number === MODEL_GRAPH);
  if (!graph) throw invalid('it has no graph');
  const parts = fields(graph.content);
  const port = ({ content }: Field): Port => ({
    name: textOf(fields(content), 1),
    type: elementType(content, fields),
  });
  const producers = new Map<string, Node>();
  for (const { number, content } of parts) {
    if (number !== GRAPH.node) continue;
    const own = fields(content);
    const texts = (field: number): string[] =>
      own.filter((one) => one.number === field).map((one) => decoder.decode(one.content));
    const node = { operator: textOf(own, 4), inputs: texts(1), outputs: texts(2) };
    for (const output of node.outputs) producers.set(output, node);
  }
  return {
    inputs: parts.filter(({ number }) => number === GRAPH.input).map(port),
    outputs: parts.filter(({ number }) => number === GRAPH.output).map(port),
    producer: (value) => producers.get(value),
    withOutputs: (names) => {
      const kept = parts.filter(({ number }) => number !== GRAPH.output).map(({ whole }) => whole);
      const written = new ProtoWriter();
      for (const name of names)
        written.message(GRAPH.output, (port) =>
          port
            .string(1, name)
            .message(2, (type) => type.message(1, (tensor) => tensor.int(1, elementTypes.float32))),
        );
      const others = model.filter(({ number }) => number !== MODEL_GRAPH).map(({ whole }) => whole);
      const edited = new ProtoWriter().bytes(MODEL_GRAPH, joinBytes([...kept, written.finish()])).finish();
      return joinBytes([...others, edited]);
    },
  };
}

const decoder = new TextDecoder();

function textOf(fields: readonly Field[], number: number): string {
  return decoder.decode(fields.find((field) => field.number === number)?.content);
}

/** ValueInfoProto.type.tensor_type.elem_type; undefined for what is no tensor. */
function elementType(
  port: Uint8Array,
  fields: (message: Uint8Array) => readonly Field[],
): number | undefined {
  const inner = (message: Uint8Array | undefined, number: number): Uint8Array | undefined =>
    message && fields(message).find((field) => field.number === number)?.content;
  // A varint's content is its bytes; every element type fits in one.
  return inner(inner(inner(port, 2), 1), 1)?.[0];
}

/** The fields of one message. Views, no copies. */
function* fieldsOf(message: Uint8Array, invalid: (what: string) => Error): Generator<Field> {
  const varint = (from: number): readonly [value: number, next: number] => {
    let value = 0;
    for (let index = 0; index < 10; index++) {
      const byte = message[from + index];
      if (byte === undefined) break;
      value += (byte & 0x7f) * 2 ** (7 * index);
      if (byte < 0x80) return [value, from + index + 1];
    }
    throw invalid(`there is no number at byte ${from}`);
  };
  const sizes: Readonly<Record<number, number>> = { 1: 8, 5: 4 };
  for (let start = 0; start < message.length; ) {
    const [tag, from] = varint(start);
    const wireType = tag % 8;
    let content = from;
    let end: number;
    if (wireType === VARINT) [, end] = varint(from);
    else if (wireType === BYTES) {
      const [length, next] = varint(from);
      content = next;
      end = next + length;
    } else end = from + (sizes[wireType] ?? Number.NaN);
    if (!(end <= message.length)) throw invalid(`a field at byte ${start} leaves its message`);
    yield {
      number: Math.floor(tag / 8),
      whole: message.subarray(start, end),
      content: message.subarray(content, end),
    };
    start = end;
  }
}

function joinBytes(parts: readonly Uint8Array[]): Uint8Array {
  const result = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    result.set(part, at);
    at += part.length;
  }
  return result;
}
