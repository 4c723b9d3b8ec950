/** Checkpoint tensors as values of a graph: external data, cast to float32, shapes checked. */
import type { Checkpoint } from './checkpoint.ts';
import { type ElementType, type GraphBuilder, MICROSOFT, type Value } from './onnx/graph.ts';
import { BLOCK, quantisedNames } from './quantise.ts';
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

  /** Whether the weight of this linear layer is there, quantised or not. */
  hasLinear(name: string): boolean {
    return this.has(`${name}.weight`) || this.#isQuantised(name);
  }

  #isQuantised(name: string): boolean {
    return this.has(quantisedNames(`${name}.weight`).blocks);
  }

  /** The tensor as it is stored, whatever its float type. */
  stored(name: string, shape: readonly number[], type: ElementType | 'floats' = 'floats'): Value {
    const tensor = this.#checkpoint.tensors.get(name);
    if (!tensor) throw new CheckpointError(`${this.#checkpoint.folder}: the weight ${name} is missing`);
    if (tensor.shape.join() !== shape.join()) {
      throw new CheckpointError(
        `${this.#checkpoint.folder}: ${tensor.stored} has shape [${tensor.shape}], config.json asks for [${shape}]`,
      );
    }
    if (type === 'floats' ? !tensor.type.includes('float') : tensor.type !== type) {
      throw new CheckpointError(
        `${this.#checkpoint.folder}: ${tensor.stored} is ${tensor.type}, expected ${type}`,
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
    const product = names.some((name) => this.#isQuantised(name))
      ? this.#quantisedProduct(x, names, input, outputs)
      : this.graph.node(
          'FusedMatMul',
          [
            x,
            this.#join(
              names.map((name, index) => this.float(`${name}.weight`, [outputs[index] as number, input])),
            ),
          ],
          { domain: MICROSOFT, attributes: { transB: { int: 1 } } },
        );
    if (!bias) return product;
    const offsets = this.#join(
      names.map((name, index) => this.float(`${name}.bias`, [outputs[index] as number])),
    );
    return this.graph.node('Add', [product, offsets]);
  }

  #join(values: readonly Value[]): Value {
    return values.length === 1
      ? (values[0] as Value)
      : this.graph.node('Concat', values, { attributes: { axis: { int: 0 } } });
  }

  #quantisedProduct(x: Value, names: readonly string[], input: number, outputs: readonly number[]): Value {
    const bits = this.#bitsOf(names[0] as string);
    const perRow = Math.ceil(input / BLOCK);
    const parts = (part: 'blocks' | 'scales', type: ElementType, shape: readonly number[]): Value =>
      this.#join(
        names.map((name, index) =>
          this.stored(quantisedNames(`${name}.weight`)[part], [outputs[index] as number, ...shape], type),
        ),
      );
    const blocks = parts('blocks', 'uint8', [perRow, (BLOCK * bits) / 8]);
    return this.graph.node('MatMulNBits', [x, blocks, parts('scales', 'float32', [perRow])], {
      domain: MICROSOFT,
      attributes: {
        K: { int: input },
        N: { int: outputs.reduce((sum, output) => sum + output, 0) },
        bits: { int: bits },
        block_size: { int: BLOCK },
        // The products are of bytes: the input of each block is brought to eight bits, too.
        accuracy_level: { int: 4 },
      },
    });
  }

  /** Follows from the bytes of a block. */
  #bitsOf(name: string): number {
    const bytes = this.#checkpoint.tensors.get(quantisedNames(`${name}.weight`).blocks)?.shape[2] ?? 0;
    return (bytes * 8) / BLOCK;
  }
}
