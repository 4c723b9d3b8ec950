/** The OpenAPI 3.1 document, derived from the rows of `shared/api/operations.ts`. */
import { delivery } from '#shared/api/key-examples';
import {
  COMMON_ERRORS,
  type Content,
  json,
  KEYED_ERRORS,
  type Operation,
  type Parameter,
  type Reply,
  type Tag,
  tags,
} from '#shared/api/operation';
import { operations } from '#shared/api/operations';
import type { SchemaName } from '#shared/api/schemas';
import { type ErrorCode, errorTable } from '#shared/errors';
import { componentsOf, type JsonSchema, refTo } from './components.ts';
import { headers, headersOf, refusalHeadersOf } from './headers.ts';

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
  'Every reply bears `x-request-id`, and where a key was shown the state of its limits.',
].join(' ');

/** What is sent to `webhook_url`. */
const runEnded = (): JsonSchema => ({
  operationId: 'runEnded',
  tags: ['webhooks' satisfies Tag],
  summary: 'A run has ended',
  description:
    'Sent to the `webhook_url` of a run, signed as Standard Webhooks has it: `webhook-id`, `webhook-timestamp`, `webhook-signature`. The same `webhook-id` may come again. Any other status than 2xx is tried again within eight hours, 410 is not.',
  security: [],
  requestBody: { required: true, content: contentOf([json('WebhookEvent', delivery)]) },
  responses: { '204': { description: 'Taken.' }, '410': { description: 'Never again, please.' } },
});

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
    webhooks: { runEnded: { post: runEnded() } },
    components: {
      schemas: componentsOf(requestSchemas(), ['Problem', 'WebhookEvent', ...replySchemas()]),
      headers,
      securitySchemes: {
        key: {
          type: 'http',
          scheme: 'bearer',
          description:
            'An API key (`taco_live_...`), or a client token made for one app user. A token of Firebase App Check is taken with `X-Key-Id`, the id of a key that names its issuer, and `X-App-Instance`, 16 to 128 characters that the installation keeps.',
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
  return Object.hasOwn(UNNAMED, schema) ? [] : [schema as SchemaName];
}

function operationOf(operation: Operation): JsonSchema {
  const { scope, parameters = [], body, replies } = operation;
  const needsScope = scope !== 'public' && scope !== 'any';
  const own = Object.entries(replies).map(([status, reply]) => [status, replyOf(operation, reply)] as const);
  const refused = [...Map.groupBy(errorsOf(operation), (code) => statusOf(operation, code))];
  const responses: Record<string, JsonSchema> = Object.fromEntries(own);
  for (const [status, codes] of refused) {
    const refusal = refusalOf(codes, status);
    const known = responses[status] as { description: string; headers: object; content: object } | undefined;
    responses[status] = known
      ? {
          ...known,
          description: `${known.description} Or ${String(refusal['description'])}`,
          headers: { ...known.headers, ...(refusal['headers'] as object) },
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

/** OpenAI's API knows no 422. */
function statusOf({ openAi }: Operation, code: ErrorCode): number {
  const { status } = errorTable[code];
  return openAi && status === 422 ? 400 : status;
}

function refusalOf(codes: readonly ErrorCode[], status: number): JsonSchema {
  return {
    description: codes.map((code) => `\`${code}\`: ${errorTable[code].title}.`).join(' '),
    headers: refusalHeadersOf(status),
    content: { 'application/problem+json': { schema: { $ref: refTo('Problem') } } },
  };
}

function replyOf(operation: Operation, { description, content, headers: own = [] }: Reply): JsonSchema {
  return {
    description,
    headers: headersOf(operation, own),
    ...(content ? { content: contentOf(content) } : {}),
  };
}

function parameterOf({ in: place, name, description, schema, example, required }: Parameter): JsonSchema {
  return {
    name,
    in: place,
    description,
    ...(place === 'path' || required ? { required: true } : {}),
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

const FILE: JsonSchema = { type: 'string', format: 'binary' };

const UNNAMED = {
  binary: FILE,
  form: { type: 'object', properties: { file: FILE }, required: ['file'] },
  page: { type: 'string' },
  document: { type: 'object', additionalProperties: true },
} as const;

function bodySchema(schema: Content['schema']): JsonSchema {
  return Object.hasOwn(UNNAMED, schema)
    ? UNNAMED[schema as keyof typeof UNNAMED]
    : { $ref: refTo(schema as SchemaName) };
}
