/** Checkpoint tensors as values of a graph: external data, cast to float32, shapes checked. */
import type { Checkpoint } from './checkpoint.ts';
import { type GraphBuilder, MICROSOFT, type Value } from './onnx/graph.ts';
import { CheckpointError } from './safetensors.ts';

const FLOAT32 = 1;

export class Weights {
  readonly graph: GraphBuilder;
  readonly #checkpoint: Checkpoint;
  readonly #values = new Map<string, Value>();

  constructor(graph: GraphBuilder, checkpoint: Checkpoint) {
    this.graph = graph;
    this.#checkpoint = checkpoint;
  }

  has(name: string): boolean {
    return this.#checkpoint.tensors.has(name);
  }

  /** The tensor as it is stored, whatever its float type. */
  stored(name: string, shape: readonly number[]): Value {
    const tensor = this.#checkpoint.tensors.get(name);
    if (!tensor) throw new CheckpointError(`${this.#checkpoint.folder}: the weight ${name} is missing`);
    if (tensor.shape.join() !== shape.join()) {
      throw new CheckpointError(
        `${this.#checkpoint.folder}: ${tensor.stored} has shape [${tensor.shape}], config.json asks for [${shape}]`,
      );
    }
    if (!tensor.type.includes('float')) {
      throw new CheckpointError(
        `${this.#checkpoint.folder}: ${tensor.stored} is ${tensor.type}, expected floats`,
      );
    }
    const { file: location, offset, length } = tensor;
    return this.graph.external(name, tensor.type, shape, { location, offset, length });
  }

  /** The tensor as float32; the runtime folds the cast when it opens the graph. */
  float(name: string, shape: readonly number[]): Value {
    const known = this.#values.get(name);
    if (known !== undefined) return known;
    const value = this.stored(name, shape);
    const isFloat32 = this.#checkpoint.tensors.get(name)?.type === 'float32';
    const cast = isFloat32
      ? value
      : this.graph.node('Cast', [value], { attributes: { to: { int: FLOAT32 } } });
    this.#values.set(name, cast);
    return cast;
  }

  /**
   * `x` [..., input] times the stored [output, input] weights of one or more linear layers, side by
   * side: [..., sum of outputs]. Joined weights make one large product of several small ones.
   */
  linear(
    x: Value,
    names: readonly string[],
    input: number,
    outputs: readonly number[],
    bias: boolean,
  ): Value {
    const join = (values: readonly Value[]): Value =>
      values.length === 1
        ? (values[0] as Value)
        : this.graph.node('Concat', values, { attributes: { axis: { int: 0 } } });
    const weight = join(
      names.map((name, index) => this.float(`${name}.weight`, [outputs[index] as number, input])),
    );
    const product = this.graph.node('FusedMatMul', [x, weight], {
      domain: MICROSOFT,
      attributes: { transB: { int: 1 } },
    });
    if (!bias) return product;
    const offsets = join(names.map((name, index) => this.float(`${name}.bias`, [outputs[index] as number])));
    return this.graph.node('Add', [product, offsets]);
  }
}
