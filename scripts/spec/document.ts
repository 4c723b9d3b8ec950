/** The OpenAPI 3.1 document, derived from the rows of `shared/api/operations.ts`. */
import {
  COMMON_ERRORS,
  type Content,
  type HeaderName,
  KEYED_ERRORS,
  type Operation,
  type Parameter,
  type Reply,
  tags,
} from '#shared/api/operation';
import { operations } from '#shared/api/operations';
import type { SchemaName } from '#shared/api/schemas';
import { type ErrorCode, errorTable } from '#shared/errors';
import { componentsOf, type JsonSchema, refTo } from './components.ts';

export type OpenApi = {
  readonly openapi: '3.1.0';
  readonly paths: Readonly<Record<string, Readonly<Record<string, JsonSchema>>>>;
  readonly components: Readonly<Record<string, Readonly<Record<string, JsonSchema>>>>;
  readonly [member: string]: unknown;
};

const DESCRIPTION = [
  'Questions about images, answered in steps that can be checked.',
  'Send `Authorization: Bearer <key>`. A member that has no value is left out.',
  'Every refusal is `application/problem+json` with a `code`; `x-should-retry` and `Retry-After` say whether and when to try again.',
  'Every reply bears `x-request-id`.',
].join(' ');

const headers: Readonly<Record<HeaderName | 'X-Request-Id' | 'Retry-After', JsonSchema>> = {
  ETag: { description: 'Version of the document.', schema: { type: 'string' } },
  Location: { description: 'Path of what was made.', schema: { type: 'string' } },
  'Preference-Applied': { description: 'The `Prefer` that was honoured.', schema: { type: 'string' } },
  'Retry-After': { description: 'Seconds to wait, on 429 and 503.', schema: { type: 'string' } },
  'X-Request-Id': { description: 'Names this request in our logs.', schema: { type: 'string' } },
};

export function createDocument(version: string): OpenApi {
  const rows = [...Map.groupBy(operations, ({ path }) => path)];
  const paths = rows.map(([path, methods]) => [
    path,
    Object.fromEntries(methods.map((operation) => [operation.method.toLowerCase(), operationOf(operation)])),
  ]);
  return {
    openapi: '3.1.0',
    info: {
      title: 'taco-edge',
      version,
      description: DESCRIPTION,
      contact: { name: 'The operator of this host' },
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/', description: 'The host that serves this document.' }],
    tags: Object.entries(tags).map(([name, description]) => ({ name, description })),
    paths: Object.fromEntries(paths),
    components: {
      schemas: componentsOf(requestSchemas(), ['Problem', ...replySchemas()]),
      headers,
      securitySchemes: {
        key: {
          type: 'http',
          scheme: 'bearer',
          description: 'An API key (`taco_live_...`), or a client token made for one app user.',
        },
      },
    },
  };
}

function requestSchemas(): SchemaName[] {
  const bodies = operations.flatMap(({ body = [] }) => body.flatMap(namesIn));
  const parameters = operations.flatMap(({ parameters = [] }) =>
    parameters.flatMap(({ schema }) => (typeof schema === 'string' ? [schema] : [])),
  );
  return [...bodies, ...parameters];
}

function replySchemas(): SchemaName[] {
  return operations.flatMap(({ replies }) =>
    Object.values(replies).flatMap(({ content = [] }) => content.flatMap(namesIn)),
  );
}

function namesIn({ schema }: Content): SchemaName[] {
  return schema === 'binary' || schema === 'page' || schema === 'document' ? [] : [schema];
}

function operationOf(operation: Operation): JsonSchema {
  const { scope, parameters = [], body, replies } = operation;
  const needsScope = scope !== 'public' && scope !== 'any';
  const own = Object.entries(replies).map(([status, reply]) => [status, replyOf(reply)] as const);
  const refused = [...Map.groupBy(errorsOf(operation), (code) => errorTable[code].status)];
  const responses: Record<string, JsonSchema> = Object.fromEntries(own);
  for (const [status, codes] of refused) {
    const refusal = refusalOf(codes, status);
    const known = responses[status] as { description: string; content: object } | undefined;
    responses[status] = known
      ? {
          ...known,
          description: `${known.description} Or ${String(refusal['description'])}`,
          content: { ...known.content, ...(refusal['content'] as object) },
        }
      : refusal;
  }
  return {
    operationId: operation.operationId,
    tags: [operation.tag],
    summary: operation.summary,
    description: `${operation.description}${needsScope ? ` Needs the scope \`${scope}\`.` : ''}`,
    // OpenAPI has scopes for OAuth only, and linters hold to that.
    security: scope === 'public' ? [] : [{ key: [] }],
    ...(needsScope ? { 'x-scope': scope } : {}),
    ...(parameters.length > 0 ? { parameters: parameters.map(parameterOf) } : {}),
    ...(body ? { requestBody: { required: true, content: contentOf(body) } } : {}),
    responses,
  };
}

/** Every code that an operation can refuse with. */
export function errorsOf({ scope, errors = [] }: Operation): ErrorCode[] {
  const keyed = scope === 'public' ? [] : KEYED_ERRORS;
  return [...new Set([...keyed, ...errors, ...COMMON_ERRORS])];
}

function refusalOf(codes: readonly ErrorCode[], status: number): JsonSchema {
  const waits = status === 429 || status === 503 ? ['Retry-After'] : [];
  return {
    description: codes.map((code) => `\`${code}\`: ${errorTable[code].title}.`).join(' '),
    headers: headersOf(waits),
    content: { 'application/problem+json': { schema: { $ref: refTo('Problem') } } },
  };
}

function replyOf({ description, content, headers: own = [] }: Reply): JsonSchema {
  return {
    description,
    headers: headersOf(own),
    ...(content ? { content: contentOf(content) } : {}),
  };
}

function headersOf(names: readonly string[]): JsonSchema {
  return Object.fromEntries(
    ['X-Request-Id', ...names].map((name) => [name, { $ref: `#/components/headers/${name}` }]),
  );
}

function parameterOf({ in: place, name, description, schema, example }: Parameter): JsonSchema {
  return {
    name,
    in: place,
    description,
    ...(place === 'path' ? { required: true } : {}),
    schema: typeof schema === 'string' ? { $ref: refTo(schema) } : schema,
    example,
  };
}

function contentOf(contents: readonly Content[]): JsonSchema {
  return Object.fromEntries(
    contents.map(({ type, schema, examples }) => [
      type,
      { schema: bodySchema(schema), ...(examples ? { examples } : {}) },
    ]),
  );
}

function bodySchema(schema: Content['schema']): JsonSchema {
  if (schema === 'binary') return { type: 'string', format: 'binary' };
  if (schema === 'page') return { type: 'string' };
  if (schema === 'document') return { type: 'object', additionalProperties: true };
  return { $ref: refTo(schema) };
}
