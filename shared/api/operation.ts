/** The shape of one row of `operations.ts`: what is promised about one endpoint, as data. */
import type { ErrorCode } from '../errors.ts';
import { IDEMPOTENCY_KEY_CHARS_MAX } from '../limits.ts';
import type { Scope } from '../scopes.ts';
import type { SchemaName } from './schemas.ts';

export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

/** By name; each stands in the document and is run or checked by a test. */
export type Examples = Readonly<Record<string, { readonly summary: string; readonly value: Json }>>;

export type Parameter = {
  readonly in: 'path' | 'query' | 'header';
  readonly name: string;
  readonly description: string;
  readonly schema: SchemaName | { readonly [keyword: string]: Json };
  readonly example: Json;
  /** A parameter in the path always is. */
  readonly required?: true;
};

/** `binary`: the file itself. `form`: a form with the file as its part `file`. `page`: text for people. */
export type Content = {
  readonly type: string;
  readonly schema: SchemaName | 'binary' | 'form' | 'page' | 'document';
  readonly examples?: Examples;
};

/** Those of one reply. What every reply bears is added by `scripts/spec/headers.ts`. */
export type HeaderName = 'Location' | 'Preference-Applied' | 'ETag' | 'Idempotent-Replayed';

export type Reply = {
  readonly description: string;
  readonly content?: readonly Content[];
  readonly headers?: readonly HeaderName[];
};

export type Operation = {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** As in OpenAPI: `/v1/runs/{id}`. */
  readonly path: string;
  /** lowerCamelCase; the name of the method in generated clients. Never changes. */
  readonly operationId: string;
  readonly tag: Tag;
  /** `public` needs no key, `any` a valid one of whatever scope. */
  readonly scope: Scope | 'any' | 'public';
  /** Speaks as OpenAI's API does: 400 in place of 422, and further headers. */
  readonly openAi?: true;
  readonly summary: string;
  readonly description: string;
  readonly parameters?: readonly Parameter[];
  readonly body?: readonly Content[];
  readonly replies: Readonly<Record<number, Reply>>;
  /** Codes of its own; those of every operation are in COMMON_ERRORS and KEYED_ERRORS. */
  readonly errors?: readonly ErrorCode[];
};

export const tags = {
  runs: 'Questions about images, and the steps to their answers.',
  images: 'Images that runs and tools may name by id. They expire after a day.',
  tools: 'The actions that the planner can choose; each can be called alone.',
  knowledge: 'Documents of the tenant, which the tool QueryKnowledgeBase looks things up in.',
  keys: 'API keys of a tenant, for keys with the scope `keys:admin`. None hands out more than it has.',
  tokens: 'Short tokens for apps, made by the server of the app with its key.',
  usage: 'What was used, and what stands of the limits.',
  webhooks: 'What signs the messages about runs that have ended (Standard Webhooks).',
  openai: "OpenAI's shapes, so that its clients work unchanged. `cota` is the trace of the run.",
  mcp: 'Model Context Protocol: the tools, for any client of it.',
  service: 'State and description of the service. No key is needed.',
} as const;
export type Tag = keyof typeof tags;

/** Of every operation: before any key is looked at, an address may be told to wait. */
export const COMMON_ERRORS: readonly ErrorCode[] = ['unsupported_encoding', 'rate_limited', 'internal'];
/** Of every operation that needs a key. */
export const KEYED_ERRORS: readonly ErrorCode[] = [
  'invalid_api_key',
  'expired_token',
  'insufficient_scope',
  'not_allowed',
  'attestation_failed',
  'quota_exceeded',
  'limits_unavailable',
];
/** Of an operation that reads a JSON body. */
export const BODY_ERRORS: readonly ErrorCode[] = [
  'invalid_json',
  'body_incomplete',
  'body_too_large',
  'unsupported_media_type',
  'invalid_request',
];
/** Of an operation that takes images in. */
export const IMAGE_ERRORS: readonly ErrorCode[] = [
  'image_too_large',
  'image_undecodable',
  'image_unknown',
  'url_not_allowed',
  'url_unreachable',
];
/** Of an operation that begins a run: the request may repeat another one. */
export const RUN_ERRORS: readonly ErrorCode[] = [
  'idempotency_mismatch',
  'invalid_idempotency_key',
  'not_found',
  'tool_unavailable',
];
/** Of an operation that waits for a backend. */
export const BACKEND_ERRORS: readonly ErrorCode[] = [
  'backend_error',
  'backend_unavailable',
  'overloaded',
  'deadline_exceeded',
];

export const json = (schema: SchemaName, examples?: Examples): Content => ({
  type: 'application/json',
  schema,
  ...(examples ? { examples } : {}),
});

/** `data` of every server-sent event is one JSON document of this schema. */
export const events = (schema: SchemaName): Content => ({ type: 'text/event-stream', schema });

/** Makes a POST safe to repeat. */
export const idempotencyKey: Parameter = {
  in: 'header',
  name: 'Idempotency-Key',
  description:
    'One for each question that a person asks, the same on each retry: the same key and body mean the same run, another body is refused. Kept for a day.',
  schema: { type: 'string', minLength: 1, maxLength: IDEMPOTENCY_KEY_CHARS_MAX },
  example: 'd1a7c0de-5b1f-4f0e-9d3c-6f2b8a9e4c11',
};

export const ifNoneMatch: Parameter = {
  in: 'header',
  name: 'If-None-Match',
  description: 'The `ETag` of an earlier reply: 304 while it still holds.',
  schema: { type: 'string', maxLength: 1024 },
  example: '"5b1f5b1f5b1f5b1f5b1f5b1f5b1f5b1f"',
};

/** Of what can be changed and has a version. */
export const ifMatch: Parameter = {
  in: 'header',
  name: 'If-Match',
  description:
    'The `ETag` of the state that is to be changed: 412 when it is another by now. `*`: whichever there is.',
  schema: { type: 'string', maxLength: 1024 },
  example: '*',
};

export const file = (...types: readonly string[]): Content[] =>
  types.map((type) => ({ type, schema: 'binary' }));
