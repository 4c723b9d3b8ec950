/** Holds every reply of the edge to the OpenAPI document: status, headers, content type, body, events. */
import { openApiDocument } from '#edge/docs/document';
import { checked } from './checked.ts';
import { withCheckedEvents } from './checked-events.ts';
import { closed, faultsOf, type JsonSchema, type Schemas } from './json-schema.ts';

type Described = {
  readonly content?: Readonly<Record<string, { schema: JsonSchema }>>;
  readonly headers?: Readonly<Record<string, unknown>>;
};
type Responses = Readonly<Record<string, Described>>;

/** Headers that only some replies bear. */
const OWN_HEADERS = ['ETag', 'Idempotent-Replayed', 'Location', 'Preference-Applied'];

const schemas = closed(openApiDocument.components.schemas) as unknown as Schemas;
const problem: JsonSchema = { $ref: '#/components/schemas/Problem' };

export function schemaFaults(value: unknown, name: string): string[] {
  return faultsOf(value, { $ref: `#/components/schemas/${name}` }, schemas);
}

/** Rejects when the reply is not as described. Gives it back unread; its events are checked as they are read. */
export async function checkReply(method: string, path: string, response: Response): Promise<Response> {
  const faults = await replyFaults(method, path, response);
  const name = `${method} ${path} -> ${response.status}`;
  if (faults.length > 0) {
    const fault = `${name} is not as described: ${faults.join('; ')}`;
    checked.faults.push(fault);
    throw new Error(fault);
  }
  checked.replies++;
  const schema = responsesOf(method.toLowerCase(), path)?.[response.status]?.content?.[EVENT_STREAM]?.schema;
  if (!schema || typeOf(response.headers) !== EVENT_STREAM) return response;
  return withCheckedEvents(response, name, (event) => eventFaults(event, schema));
}

/**
 * A chat stream that fails says so in an event of `error` alone, which the document describes in words. Of a
 * response event it describes what all have; the response within one is a Response.
 */
function eventFaults(event: unknown, schema: JsonSchema): string[] {
  const name = String(schema['$ref']).replace(/.*\//, '');
  const { error, response } = event as { error?: Record<string, unknown>; response?: unknown };
  if (name === 'ChatChunk' && error !== undefined) return chatErrorFaults(error);
  if (name !== 'ResponseEvent') return faultsOf(event, schema, schemas);
  const open = { ...schemas['ResponseEvent'], additionalProperties: true };
  return [
    ...faultsOf(event, open, schemas),
    ...(response === undefined ? [] : schemaFaults(response, 'Response')),
  ];
}

function chatErrorFaults({ request_id, ...member }: Record<string, unknown>): string[] {
  const described = (schemas['Problem'] as { properties: Schemas }).properties['error'] as JsonSchema;
  const identified = String(request_id).startsWith('req_') ? [] : ['its error has no request_id'];
  return [...identified, ...faultsOf(member, described, schemas)];
}

/** In what the reply is not as described; it is left to be read. */
export async function replyFaults(method: string, path: string, response: Response): Promise<string[]> {
  const { status, headers } = response;
  const type = typeOf(headers);
  const identified = headers.get('x-request-id')?.startsWith('req_') ? [] : ['it has no x-request-id'];
  // HEAD answers as GET does, without the body.
  const responses = responsesOf(method === 'HEAD' ? 'get' : method.toLowerCase(), path);
  if (!responses) return [...identified, ...(await unroutedFaults(method, response, type))];
  const described = responses[status];
  if (!described) return [...identified, `the status ${status} is not described`];
  const common = [...identified, ...headerFaults(headers, described)];
  const isEmpty = response.body === null || (type === '' && !described.content);
  if (isEmpty && (method === 'HEAD' || !described.content)) return common;
  const content = described.content?.[type];
  if (!content) return [...common, `the content type ${type} is not described`];
  if (!/json$/.test(type) || method === 'HEAD') return common;
  return [...common, ...faultsOf(await response.clone().json(), content.schema, schemas)];
}

const EVENT_STREAM = 'text/event-stream';

const typeOf = (headers: Headers): string => (headers.get('content-type') ?? '').replace(/;.*/, '');

function headerFaults(headers: Headers, described: Described): string[] {
  return OWN_HEADERS.filter((name) => headers.has(name) && !Object.hasOwn(described.headers ?? {}, name)).map(
    (name) => `the header ${name} is not described`,
  );
}

/** Paths and methods that there are not: 404 or 405, and OPTIONS, which every path answers. */
async function unroutedFaults(method: string, response: Response, type: string): Promise<string[]> {
  if (method === 'OPTIONS' && response.status === 204) return [];
  if (method === 'HEAD') return [];
  if (type !== 'application/problem+json') return [`the content type is ${type}`];
  return faultsOf(await response.clone().json(), problem, schemas);
}

/** The responses of the operation that a request goes to. A literal segment wins over a parameter. */
function responsesOf(method: string, path: string): Responses | undefined {
  const pathname = path.replace(/[?#].*/s, '');
  const fitting = Object.entries(openApiDocument.paths)
    .filter(([template]) => patternOf(template).test(pathname))
    .sort(([a], [b]) => a.split('{').length - b.split('{').length);
  for (const [, methods] of fitting) {
    const operation = methods[method];
    if (operation) return operation.responses as unknown as Responses;
  }
  return undefined;
}

function patternOf(template: string): RegExp {
  const literal = template.replace(/[.*+?^$()|[\]\\]/g, '\\$&');
  return new RegExp(`^${literal.replace(/\{\w+\}/g, '[^/]+')}$`);
}
