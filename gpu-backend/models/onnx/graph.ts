/**
 * Builds one ONNX graph and writes it as a ModelProto.
 * Field numbers and type codes are those of onnx.proto (ONNX 1.17, IR version 10).
 */
import { ProtoWriter } from './protobuf.ts';

export const elementTypes = {
  float32: 1,
  uint8: 2,
  int32: 6,
  int64: 7,
  bool: 9,
  float16: 10,
  bfloat16: 16,
} as const;
export type ElementType = keyof typeof elementTypes;

/** A fixed size, or the name of a size that is known only when the graph runs. */
export type Dimension = number | string;

export type Attribute =
  | { readonly int: number }
  | { readonly float: number }
  | { readonly string: string }
  | { readonly ints: readonly number[] };

/** Raw little-endian data that stays in another file, beside the model. */
export type ExternalData = { readonly location: string; readonly offset: number; readonly length: number };

/** Name of a value (edge) of the graph. */
export type Value = string;

const IR_VERSION = 10;
const OPSET = 20;
/** Operators of onnxruntime itself, such as SkipSimplifiedLayerNormalization. */
export const MICROSOFT = 'com.microsoft';

const attributeCodes = { float: 1, int: 2, string: 3, ints: 7 } as const;

export class GraphBuilder {
  readonly #graph = new ProtoWriter();
  readonly #constants = new Map<string, Value>();
  readonly #initializers = new Set<Value>();
  #count = 0;

  constructor(name: string) {
    this.#graph.string(2, name);
  }

  input(name: Value, type: ElementType, shape: readonly Dimension[]): Value {
    this.#graph.message(11, (writer) => writeValueInfo(writer, name, type, shape));
    return name;
  }

  output(name: Value, type: ElementType, shape: readonly Dimension[]): void {
    this.#graph.message(12, (writer) => writeValueInfo(writer, name, type, shape));
  }

  /** Adds a node with one output. */
  node(operator: string, inputs: readonly Value[], options: NodeOptions = {}): Value {
    const [first] = this.nodes(operator, inputs, 1, options);
    return first as Value;
  }

  /** Adds a node with several outputs; `''` among the inputs stands for an absent optional input. */
  nodes(
    operator: string,
    inputs: readonly Value[],
    outputCount: number,
    { domain = '', names = [], unused = [], attributes = {} }: NodeOptions = {},
  ): Value[] {
    const id = this.#count++;
    const outputs = Array.from({ length: outputCount }, (_, index) =>
      unused.includes(index) ? '' : (names[index] ?? `${operator}_${id}_${index}`),
    );
    this.#graph.message(1, (writer) => {
      for (const value of inputs) writer.string(1, value);
      for (const value of outputs) writer.string(2, value);
      writer.string(3, `${operator}_${id}`).string(4, operator);
      for (const [name, attribute] of Object.entries(attributes)) {
        writer.message(5, (inner) => writeAttribute(inner, name, attribute));
      }
      if (domain !== '') writer.string(7, domain);
    });
    return outputs;
  }

  /** An initializer whose data stays where it is: in the checkpoint. The same name is added once. */
  external(name: Value, type: ElementType, shape: readonly number[], data: ExternalData): Value {
    if (this.#initializers.has(name)) return name;
    this.#initializers.add(name);
    this.#graph.message(5, (writer) => {
      for (const size of shape) writer.int(1, size);
      writer.int(2, elementTypes[type]).string(8, name);
      const entries = { location: data.location, offset: String(data.offset), length: String(data.length) };
      for (const [key, value] of Object.entries(entries)) {
        writer.message(13, (inner) => inner.string(1, key).string(2, value));
      }
      writer.int(14, 1);
    });
    return name;
  }

  floats(values: Float32Array, shape: readonly number[]): Value {
    return this.#raw('float32', new Uint8Array(values.buffer, values.byteOffset, values.byteLength), shape);
  }

  float(value: number): Value {
    return this.#shared(`float:${value}`, () => this.floats(Float32Array.of(value), []));
  }

  /** A list of int64; `[]` as shape makes a scalar. */
  ints(values: readonly number[], shape: readonly number[] = [values.length]): Value {
    return this.#shared(`ints:${values}:${shape}`, () => {
      const data = BigInt64Array.from(values, BigInt);
      return this.#raw('int64', new Uint8Array(data.buffer), shape);
    });
  }

  finish(): Uint8Array {
    return new ProtoWriter()
      .int(1, IR_VERSION)
      .string(2, 'taco-edge')
      .bytes(7, this.#graph.finish())
      .message(8, (writer) => writer.string(1, '').int(2, OPSET))
      .message(8, (writer) => writer.string(1, MICROSOFT).int(2, 1))
      .finish();
  }

  #shared(key: string, make: () => Value): Value {
    const known = this.#constants.get(key);
    if (known !== undefined) return known;
    const value = make();
    this.#constants.set(key, value);
    return value;
  }

  #raw(type: ElementType, data: Uint8Array, shape: readonly number[]): Value {
    const name = `constant_${this.#initializers.size}`;
    this.#initializers.add(name);
    this.#graph.message(5, (writer) => {
      for (const size of shape) writer.int(1, size);
      writer.int(2, elementTypes[type]).string(8, name).bytes(9, data);
    });
    return name;
  }
}

export type NodeOptions = {
  readonly domain?: string;
  /** Names of the outputs, where they matter: graph outputs. */
  readonly names?: readonly Value[];
  /** Positions of outputs that nobody reads. */
  readonly unused?: readonly number[];
  readonly attributes?: Readonly<Record<string, Attribute>>;
};

function writeValueInfo(
  writer: ProtoWriter,
  name: Value,
  type: ElementType,
  shape: readonly Dimension[],
): void {
  writer.string(1, name).message(2, (typeProto) =>
    typeProto.message(1, (tensor) =>
      tensor.int(1, elementTypes[type]).message(2, (shapeProto) => {
        for (const size of shape) {
          shapeProto.message(1, (dimension) =>
            typeof size === 'number' ? dimension.int(1, size) : dimension.string(2, size),
          );
        }
      }),
    ),
  );
}

function writeAttribute(writer: ProtoWriter, name: string, attribute: Attribute): void {
  writer.string(1, name);
  if ('int' in attribute) writer.int(3, attribute.int).int(20, attributeCodes.int);
  else if ('float' in attribute) writer.float(2, attribute.float).int(20, attributeCodes.float);
  else if ('string' in attribute) writer.string(4, attribute.string).int(20, attributeCodes.string);
  else {
    for (const value of attribute.ints) writer.int(8, value);
    writer.int(20, attributeCodes.ints);
  }
}
