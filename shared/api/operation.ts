/** The shape of one row of `operations.ts`: what is promised about one endpoint, as data. */
import type { ErrorCode } from '../errors.ts';
import type { SchemaName } from './schemas.ts';

/** What a key must be allowed to do. */
export type Scope =
  | 'runs:write'
  | 'runs:read'
  | 'images'
  | 'tools'
  | 'keys:admin'
  | 'usage:read'
  | 'tokens:mint';

export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

/** By name; each stands in the document and is run or checked by a test. */
export type Examples = Readonly<Record<string, { readonly summary: string; readonly value: Json }>>;

export type Parameter = {
  readonly in: 'path' | 'query' | 'header';
  readonly name: string;
  readonly description: string;
  readonly schema: SchemaName | { readonly [keyword: string]: Json };
  readonly example: Json;
};

/** `binary`: the file itself. `page`: text for people. */
export type Content = {
  readonly type: string;
  readonly schema: SchemaName | 'binary' | 'page' | 'document';
  readonly examples?: Examples;
};

export type HeaderName = 'Location' | 'Preference-Applied' | 'ETag';

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
  service: 'State and description of the service. No key is needed.',
} as const;
export type Tag = keyof typeof tags;

/** Of every operation. */
export const COMMON_ERRORS: readonly ErrorCode[] = ['unsupported_encoding', 'internal'];
/** Of every operation that needs a key. */
export const KEYED_ERRORS: readonly ErrorCode[] = ['invalid_api_key'];
/** Of an operation that reads a JSON body. */
export const BODY_ERRORS: readonly ErrorCode[] = [
  'invalid_json',
  'body_too_large',
  'unsupported_media_type',
  'invalid_request',
];
/** Of an operation that takes images in. */
export const IMAGE_ERRORS: readonly ErrorCode[] = ['image_too_large', 'image_undecodable', 'image_unknown'];
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

export const file = (...types: readonly string[]): Content[] =>
  types.map((type) => ({ type, schema: 'binary' }));
