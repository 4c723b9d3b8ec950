/** /v1/knowledge: the documents of a tenant that QueryKnowledgeBase looks things up in. */
import * as z from 'zod';
import {
  DOCUMENT_BYTES_MAX,
  DOCUMENT_LIST_DEFAULT,
  DOCUMENT_LIST_MAX,
  DOCUMENT_TITLE_CHARS_MAX,
  URL_CHARS_MAX,
} from '../limits.ts';

/** Chosen by whoever stores the document, such as the name of its file. */
export const documentId = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/,
    'a document id: 1 to 128 letters, digits, dots, hyphens and underscores, the first a letter or a digit',
  );

/** A code unit of a pair takes half of the pair's four bytes. */
function utf8Bytes(text: string): number {
  let bytes = 0;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    const isPaired = unit >= 0xd800 && unit <= 0xdfff;
    bytes += unit < 0x80 ? 1 : unit < 0x800 || isPaired ? 2 : 3;
  }
  return bytes;
}

const filled = (text: string): boolean => text.trim() !== '';

/** PUT /v1/knowledge/{id} */
export const documentRequest = z.strictObject({
  title: z
    .string()
    .max(DOCUMENT_TITLE_CHARS_MAX)
    .refine(filled, 'expected a title, got only white space')
    .describe('what the document is about; words of it count more than those of the text'),
  text: z
    .string()
    .max(DOCUMENT_BYTES_MAX)
    .refine(filled, 'expected a text, got only white space')
    .refine((text) => utf8Bytes(text) <= DOCUMENT_BYTES_MAX, {
      message: `expected at most ${DOCUMENT_BYTES_MAX} bytes of UTF-8; divide the document`,
    })
    .describe(`plain text, at most ${DOCUMENT_BYTES_MAX} bytes of UTF-8; blank lines between paragraphs`),
  url: z
    .url({ protocol: /^https?$/ })
    .max(URL_CHARS_MAX)
    .optional()
    .describe('where a person can read it; given back with what is found, never opened'),
});
export type DocumentRequest = z.infer<typeof documentRequest>;

export const knowledgeDocument = z.object({
  id: documentId,
  object: z.literal('document'),
  title: z.string(),
  text: z.string(),
  url: z.string().optional(),
  created_at: z.iso.datetime(),
  updated_at: z.iso.datetime().describe('of the last PUT that changed something'),
});
export type KnowledgeDocument = z.infer<typeof knowledgeDocument>;

/** A document without its text; GET /v1/knowledge/{id} has it. */
export const documentSummary = knowledgeDocument.omit({ text: true });
export type DocumentSummary = z.infer<typeof documentSummary>;

export const documentListQuery = z.object({
  limit: z.coerce.number().int().min(1).max(DOCUMENT_LIST_MAX).default(DOCUMENT_LIST_DEFAULT),
  cursor: z.string().max(512).optional().describe('next_cursor of the page before'),
});

export const documentList = z.object({
  object: z.literal('list'),
  data: z.array(documentSummary),
  next_cursor: z.string().optional().describe('absent on the last page'),
});
export type DocumentList = z.infer<typeof documentList>;
