/** Small random graphs with the inputs and outputs of real ones, opened as packs by the same door as the service. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { GraphBuilder, Value } from '#backend/models/onnx/graph';
import { openVisionModels } from '#backend/packs/adapters';
import type { PackRole } from '#backend/packs/manifest';
import type { Roles } from '#backend/tools/roles';
import { type Files, type Place, packOf } from '../packs/support.ts';

/** Opens the files as a pack of that adapter, by the same door as the service. */
export async function open<Role extends keyof Roles & PackRole>(
  place: Place,
  role: Role,
  adapter: string,
  files: Files,
): Promise<NonNullable<Roles[Role]>> {
  const pack = packOf(adapter, role, adapter, files);
  await place.put(pack, files);
  const manifest = join(place.folders.embedded, 'packs.json');
  await writeFile(manifest, JSON.stringify({ version: 1, packs: [pack] }));
  const packs = { manifest, pulled: place.folders.pulled, roles: { [role]: adapter } };
  const { roles, reports } = await openVisionModels({ device: 'cpu', threads: 1, packs });
  expect(reports).toEqual([{ role, pack: adapter, state: 'ready' }]);
  const model = roles[role];
  if (!model) throw new Error(`no ${role}`);
  return model as NonNullable<Roles[Role]>;
}

export const keep = { attributes: { keepdims: { int: 0 } } } as const;
export const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** The mean of everything in a value, as a scalar. */
export function meanOf(graph: GraphBuilder, value: Value): Value {
  return graph.node('ReduceMean', [value], keep);
}

/** A number that every id moves: the sum of the ids along an axis, or of all. */
export function sumOf(graph: GraphBuilder, ids: Value, axis?: number): Value {
  const inputs = axis === undefined ? [ids] : [ids, graph.ints([axis])];
  return graph.node('Cast', [graph.node('ReduceSum', inputs, keep)], { attributes: { to: { int: 1 } } });
}

export function mean(values: Float32Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Word pieces of four words; ids as they stand. */
export const WORDS = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '.', 'cat', 'red', 'ball'];
export const vocabulary = bytes(`${WORDS.join('\n')}\n`);
const special = (id: number) => ({ id, content: WORDS[id], special: true });
export const tokenizer = bytes(
  JSON.stringify({
    added_tokens: [special(1), special(2), special(3)],
    normalizer: { type: 'BertNormalizer', clean_text: true, handle_chinese_chars: true, lowercase: true },
    pre_tokenizer: { type: 'BertPreTokenizer' },
    post_processor: { type: 'BertProcessing', sep: ['[SEP]', 3], cls: ['[CLS]', 2] },
    decoder: { type: 'WordPiece', prefix: '##', cleanup: true },
    model: {
      type: 'WordPiece',
      unk_token: '[UNK]',
      continuing_subword_prefix: '##',
      vocab: Object.fromEntries(WORDS.map((word, id) => [word, id])),
    },
  }),
);

export const near = (values: ArrayLike<number>) => Array.from(values, (value) => expect.closeTo(value, 3));
