/** Text as the text towers want it: token ids, by the tokenizer files of the packs. */
import { readFile } from 'node:fs/promises';
import { Tokenizer } from '@huggingface/tokenizers';
import { PackError } from '#backend/packs/pack-error';

export type Encode = (text: string) => number[];

/** `tokenizer.json`, with the special tokens that its post-processor adds. */
export async function openTokenizer(file: string): Promise<Encode> {
  let json: object;
  try {
    json = JSON.parse(await readFile(file, 'utf8')) as object;
  } catch (error) {
    throw new PackError('model_invalid', `${file}: expected a tokenizer.json`, { cause: error });
  }
  return encoderOf(json);
}

/** BERT's uncased word pieces by `vocab.txt`, one token a line: [CLS] text [SEP]. */
export async function openWordPieces(file: string): Promise<Encode> {
  const tokens = (await readFile(file, 'utf8')).trimEnd().split(/\r?\n/u);
  const vocab = Object.fromEntries(tokens.map((token, id) => [token, id]));
  const special = (content: string) => {
    const id = vocab[content];
    if (id === undefined) throw new PackError('model_invalid', `${file}: expected the token ${content}`);
    return {
      id,
      content,
      special: true,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
    };
  };
  const [cls, sep] = [special('[CLS]'), special('[SEP]')];
  return encoderOf({
    added_tokens: [special('[UNK]'), cls, sep],
    normalizer: {
      type: 'BertNormalizer',
      clean_text: true,
      handle_chinese_chars: true,
      strip_accents: null,
      lowercase: true,
    },
    pre_tokenizer: { type: 'BertPreTokenizer' },
    post_processor: { type: 'BertProcessing', sep: ['[SEP]', sep.id], cls: ['[CLS]', cls.id] },
    decoder: { type: 'WordPiece', prefix: '##', cleanup: true },
    model: {
      type: 'WordPiece',
      unk_token: '[UNK]',
      continuing_subword_prefix: '##',
      max_input_chars_per_word: 100,
      vocab,
    },
  });
}

function encoderOf(json: object): Encode {
  try {
    const tokenizer = new Tokenizer(json, {});
    return (text) => tokenizer.encode(text).ids;
  } catch (error) {
    throw new PackError('model_invalid', 'The tokenizer of the pack cannot be read.', { cause: error });
  }
}

export type Tokens = { readonly ids: number[]; readonly mask: number[] };

/** Exactly `length` ids: cut before the last token, which ends the text, or filled up with `pad`. */
export function toLength(ids: readonly number[], length: number, pad: number): Tokens {
  const cut = ids.length > length ? [...ids.slice(0, length - 1), ids.at(-1) as number] : [...ids];
  const rest = length - cut.length;
  return {
    ids: [...cut, ...new Array<number>(rest).fill(pad)],
    mask: [...cut.map(() => 1), ...new Array<number>(rest).fill(0)],
  };
}
