/** One run of a graph whose inputs and outputs have names that the adapter knows. */
import { openSession, Tensor } from '#backend/engine/runtime';
import type { AdapterOptions } from '#backend/packs/adapters';
import { PackError } from '#backend/packs/pack-error';
import type { VerifiedPack } from '#backend/packs/verify';

export type Input =
  | { readonly floats: Float32Array; readonly shape: readonly number[] }
  | { readonly ints: readonly number[]; readonly shape: readonly number[] };

export type Output = { readonly values: Float32Array; readonly shape: readonly number[] };

export type Graph = {
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Inputs that the graph does not have are left out. Throws where an output is no float tensor. */
  run(inputs: Readonly<Record<string, Input>>, outputs: readonly string[]): Promise<Output[]>;
};

export async function openGraph(pack: VerifiedPack, file: string, options: AdapterOptions): Promise<Graph> {
  const session = await openSession(pack.file(file), options);
  return {
    inputs: session.inputNames,
    outputs: session.outputNames,
    run: async (inputs, outputs) => {
      const known = Object.entries(inputs).filter(([name]) => session.inputNames.includes(name));
      const feeds = Object.fromEntries(known.map(([name, input]) => [name, tensorOf(input)]));
      const result = await session.run(feeds, outputs);
      return outputs.map((name) => {
        const tensor = result[name];
        if (!(tensor?.data instanceof Float32Array)) throw new Error(`the output ${name} holds no floats`);
        return { values: tensor.data, shape: tensor.dims };
      });
    },
  };
}

function tensorOf(input: Input): Tensor {
  if ('floats' in input) return new Tensor('float32', input.floats, [...input.shape]);
  const ints = new BigInt64Array(input.ints.length);
  // By their halves, the lower one first: a BigInt for each takes longer than all else that is done with a short text.
  const halves = new Int32Array(ints.buffer);
  for (let index = 0; index < ints.length; index++) {
    const value = input.ints[index] as number;
    halves[2 * index] = value;
    halves[2 * index + 1] = value < 0 ? -1 : 0;
  }
  return new Tensor('int64', ints, [...input.shape]);
}

/** The first of `names` that is among `known`. Throws PackError `model_invalid`. */
export function oneOf(known: readonly string[], names: readonly string[]): string {
  const found = names.find((name) => known.includes(name));
  if (found !== undefined) return found;
  throw new PackError(
    'model_invalid',
    `Expected a graph with ${names.join(' or ')}, this one has ${known.join(', ')}.`,
  );
}
