/** Holds every reply of the edge to the OpenAPI document: status, headers, content type, body, events. */
import { openApiDocument } from '#edge/docs/document';
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

/** Replies and events that were checked; a test can ask whether any were. */
export const checked = { replies: 0, events: 0 };

export function schemaFaults(value: unknown, name: string): string[] {
  return faultsOf(value, { $ref: `#/components/schemas/${name}` }, schemas);
}

/** Rejects when the reply is not as described. Gives it back unread. */
export async function checkReply(method: string, path: string, response: Response): Promise<Response> {
  const faults = await replyFaults(method, path, response);
  if (faults.length > 0)
    throw new Error(`${method} ${path} -> ${response.status} is not as described: ${faults.join('; ')}`);
  checked.replies++;
  return response;
}

export function checkEvent(event: unknown): void {
  const faults = schemaFaults(event, 'RunEvent');
  if (faults.length > 0) throw new Error(`an event is not as described: ${faults.join('; ')}`);
  checked.events++;
}

/** In what the reply is not as described; it is left to be read. */
export async function replyFaults(method: string, path: string, response: Response): Promise<string[]> {
  const { status, headers } = response;
  const type = (headers.get('content-type') ?? '').replace(/;.*/, '');
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
