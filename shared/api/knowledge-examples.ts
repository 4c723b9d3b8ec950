/** Examples of documents. */
import type { Examples } from './operation.ts';

export const documentIds = { tea: 'house-rules.tea' } as const;

/** `["house-rules.tea"]` as base64url. */
export const DOCUMENT_CURSOR = 'WyJob3VzZS1ydWxlcy50ZWEiXQ';

const content = {
  title: 'Tea in the Blue Café',
  text: 'Green tea is brewed at 70 °C for two minutes. A pot is 4.20 and is filled up once for free.',
  url: 'https://blue-cafe.example/rules/tea',
};
const CREATED = '2026-11-25T08:30:00.000Z';
const summary = {
  id: documentIds.tea,
  object: 'document',
  title: content.title,
  url: content.url,
  created_at: CREATED,
  updated_at: CREATED,
};

export const documentRequests: Examples = {
  rules: { summary: 'A page of house rules', value: content },
};

export const oneDocument: Examples = {
  rules: { summary: 'The document', value: { ...summary, text: content.text } },
};

export const documentPage: Examples = {
  one: { summary: 'One document', value: { object: 'list', data: [summary] } },
};
