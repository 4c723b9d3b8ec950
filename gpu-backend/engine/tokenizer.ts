/** The tokenizer and the chat template of a checkpoint folder, and the bytes of every token. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Template } from '@huggingface/jinja';
import { Tokenizer } from '@huggingface/tokenizers';
import * as z from 'zod';
import { readJson, readOptionalJson } from '#backend/models/checkpoint';
import { CheckpointError } from '#backend/models/safetensors';
import type { Message } from '#shared/prompt';
import { Vocabulary } from './grammar/vocabulary.ts';

export type TextCodec = {
  readonly vocabulary: Vocabulary;
  /** Texts that stand for special tokens: roles, ends, images. */
  readonly specials: readonly string[];
  encode(text: string): number[];
  /** The text of one special or ordinary token. */
  tokenText(id: number): string | undefined;
  /** The prompt up to where the assistant's turn begins. */
  render(messages: readonly Message[]): string;
};

const addedToken = z.object({
  id: z.int().min(0),
  content: z.string().min(1),
  special: z.boolean().default(false),
});

const tokenizerJson = z.looseObject({
  added_tokens: z.array(addedToken).default([]),
  model: z.looseObject({
    type: z.literal('BPE', 'only byte-level BPE tokenizers are supported').optional(),
    vocab: z.record(z.string(), z.int().min(0)),
  }),
});

const namedText = z.union([z.string(), z.object({ content: z.string() })]).nullish();

const tokenizerConfig = z.looseObject({
  chat_template: z
    .union([z.string(), z.array(z.object({ name: z.string(), template: z.string() }))])
    .nullish(),
  bos_token: namedText,
  eos_token: namedText,
});

/** Opens tokenizer.json and the template. `vocabularySize` is the number of the model's logits. */
export async function openTextCodec(folder: string, vocabularySize: number): Promise<TextCodec> {
  const json = await readJson(folder, 'tokenizer.json', tokenizerJson);
  const config = (await readOptionalJson(folder, 'tokenizer_config.json', tokenizerConfig)) ?? {};
  const tokenizer = new Tokenizer(json, config);
  const names = { bos_token: textOf(config.bos_token), eos_token: textOf(config.eos_token) };
  const render = renderer(new Template(await templateText(folder, config.chat_template)), names);
  const specials = json.added_tokens.filter((token) => token.special);
  return {
    vocabulary: openVocabulary(folder, json, vocabularySize),
    specials: specials.map((token) => token.content),
    encode: (text) => tokenizer.encode(text, { add_special_tokens: false }).ids,
    tokenText: (id) => tokenizer.id_to_token(id),
    render,
  };
}

type Content = string | ReadonlyArray<{ readonly type: 'text'; readonly text: string }>;

/** Some templates read a message's content as text, some as a list of parts, many as either. */
const contents: ReadonlyArray<(text: string) => Content> = [
  (text) => text,
  (text) => [{ type: 'text', text }],
];

const PROBE = 'probe of the content';

/** Renders messages with the first kind of content that the template shows. */
function renderer(
  template: Template,
  names: Readonly<Record<string, string | undefined>>,
): (messages: readonly Message[]) => string {
  const renderWith = (form: (text: string) => Content, messages: readonly Message[]): string =>
    template.render({
      messages: messages.map(({ role, content }) => ({ role, content: form(content) })),
      add_generation_prompt: true,
      ...names,
    });
  const shows = (form: (text: string) => Content): boolean => {
    try {
      return renderWith(form, [{ role: 'user', content: PROBE }]).includes(PROBE);
    } catch {
      // A template may well fail on content that it was not written for.
      return false;
    }
  };
  const form = contents.find(shows);
  if (!form) throw new CheckpointError('the chat template shows neither a text nor a list of parts');
  return (messages) => renderWith(form, messages);
}

function openVocabulary(folder: string, json: z.output<typeof tokenizerJson>, size: number): Vocabulary {
  const bytes = new Map<number, Uint8Array>();
  const byteOf = bytesOfCharacters();
  for (const [token, id] of Object.entries(json.model.vocab)) {
    const content = Array.from(token, (character) => byteOf.get(character));
    if (content.every((byte) => byte !== undefined)) bytes.set(id, Uint8Array.from(content));
  }
  const encoder = new TextEncoder();
  for (const { id, content, special } of json.added_tokens) {
    if (special) bytes.delete(id);
    else bytes.set(id, encoder.encode(content));
  }
  try {
    return new Vocabulary(size, bytes);
  } catch (error) {
    throw new CheckpointError(`${folder}/tokenizer.json: only byte-level BPE with all bytes is supported`, {
      cause: error,
    });
  }
}

/**
 * The printable characters by which byte-level BPE spells bytes (from GPT-2): printable Latin-1 stands
 * for itself, the other bytes follow from U+0100 on in order.
 */
function bytesOfCharacters(): Map<string, number> {
  const result = new Map<string, number>();
  let next = 0x100;
  for (let byte = 0; byte < 256; byte++) {
    const isPrintable = (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae;
    result.set(String.fromCharCode(isPrintable ? byte : next++), byte);
  }
  return result;
}

/** Where processors kept their template before transformers 4.50. */
const processorTemplate = z.looseObject({ chat_template: z.string() });

async function templateText(
  folder: string,
  configured: z.output<typeof tokenizerConfig>['chat_template'],
): Promise<string> {
  const file = await readFile(join(folder, 'chat_template.jinja'), 'utf8').catch(() => undefined);
  if (file !== undefined) return file;
  const processor = await readOptionalJson(folder, 'chat_template.json', processorTemplate);
  if (processor) return processor.chat_template;
  const text =
    typeof configured === 'string'
      ? configured
      : (configured?.find(({ name }) => name === 'default') ?? configured?.[0])?.template;
  if (text === undefined) {
    throw new CheckpointError(
      `${folder}: expected a chat_template.jinja or chat_template.json, or a chat_template in tokenizer_config.json`,
    );
  }
  return text;
}

function textOf(value: z.output<typeof namedText>): string | undefined {
  return typeof value === 'object' && value !== null ? value.content : (value ?? undefined);
}
