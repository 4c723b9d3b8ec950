/**
 * The HTTP server before the app. Reading, checking and refusing a call costs this process some tenths of a millisecond,
 * so a few thousand a second would leave it time for nothing else: clients would wait for their refusal until they give
 * up, and `/healthz` with them. Calls beyond what the lines behind can hold are refused here, before anything is read.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import { problemReply, requestIdOf } from '#backend/app';
import { ApiError } from '#shared/errors';
import { BACKEND_OPEN_MAX } from '#shared/limits';

export type FrontDoorOptions = {
  readonly fetch: (request: Request) => Response | Promise<Response>;
  /** Seconds after which a refused call has a chance; looked at each time. */
  readonly retryAfterS: () => number;
  /** Called for each call that is refused here. */
  readonly onRefused: () => void;
};

/** Work that has a line of its own: the calls of each are counted apart, so that one never shuts the other out. */
const lines = ['/v1/step', '/v1/tools/'] as const;

/**
 * Longer than the edge, or a proxy before it, keeps an idle connection: the side that closes one must be the side that
 * would use it next, else a call meets a connection that is just being closed.
 */
const KEEP_ALIVE_MS = 75_000;

/** A server that does not listen yet. */
export function createFrontDoor({ fetch, retryAfterS, onRefused }: FrontDoorOptions): Server {
  const listener = getRequestListener(fetch);
  const open = new Map<string, number>(lines.map((line) => [line, 0]));
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, (incoming, outgoing) => {
    const line = lines.find((prefix) => incoming.url?.startsWith(prefix));
    if (line === undefined) return void listener(incoming, outgoing);
    const count = open.get(line) as number;
    if (count >= BACKEND_OPEN_MAX) {
      onRefused();
      return refuse(incoming, outgoing, retryAfterS());
    }
    open.set(line, count + 1);
    outgoing.once('close', () => open.set(line, (open.get(line) as number) - 1));
    void listener(incoming, outgoing);
  });
  return server;
}

/** The server reads what is left of the body away by itself, so the connection can be used again. */
function refuse(incoming: IncomingMessage, outgoing: ServerResponse, afterS: number): void {
  const given = incoming.headers['x-request-id'];
  const busy = new ApiError(
    'overloaded',
    'More calls came than can be looked at. Repeat the call after Retry-After.',
    { headers: { 'Retry-After': String(afterS), 'cache-control': 'no-store' } },
  );
  const { status, headers, body } = problemReply(
    busy,
    requestIdOf(typeof given === 'string' ? given : undefined),
  );
  outgoing.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) });
  outgoing.end(body);
}
