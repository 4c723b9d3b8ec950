/**
 * A light HTTP client over connections that are kept: whoever asks a thousand times a second on the machine of the server
 * must take as little of it as possible. `fetch` takes three times as much, and opens connections without end.
 */
import { Agent, request } from 'node:http';

export type Reply = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
};

export type Message = {
  readonly method: 'GET' | 'POST' | 'PUT';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** Aborted: the connection is closed and the reply rejects with the signal's reason. */
  readonly signal?: AbortSignal;
};

/** Connections are closed by us before a server's own limit closes them under a request. */
const IDLE_MS = 2_000;

export const connections = (): Agent => new Agent({ keepAlive: true, timeout: IDLE_MS });

/** Sends a message and reads the whole reply. Rejects when the connection fails. */
export function exchange(agent: Agent, url: string, message: Message): Promise<Reply> {
  const { method, headers = {}, body, signal } = message;
  const { promise, resolve, reject } = Promise.withResolvers<Reply>();
  const sent = request(url, {
    agent,
    method,
    headers: { ...headers, ...(body === undefined ? {} : { 'content-length': Buffer.byteLength(body) }) },
    ...(signal ? { signal } : {}),
  });
  sent.on('error', (error) => reject(signal?.aborted ? signal.reason : error));
  sent.on('response', (response) => {
    const pieces: Buffer[] = [];
    response.on('data', (piece: Buffer) => pieces.push(piece));
    response.on('error', (error) => reject(signal?.aborted ? signal.reason : error));
    response.on('end', () => {
      const { statusCode: status = 0, headers: given } = response;
      resolve({ status, headers: given, text: Buffer.concat(pieces).toString('utf8') });
    });
  });
  sent.end(body);
  return promise;
}
