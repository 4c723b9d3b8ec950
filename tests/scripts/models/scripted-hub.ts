/** A hub over HTTP that does with each request what a test has written down for it. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Long enough for several chunks of a socket, and no byte like its neighbour. */
export const weights = Uint8Array.from({ length: 300_000 }, (_, index) => (index * 31 + (index >> 8)) & 0xff);
export const ETAG = '"one"';

export type Reply = (request: IncomingMessage, response: ServerResponse) => void;
type Asked = {
  readonly url: string;
  readonly range: string | undefined;
  readonly ifRange: string | undefined;
};

export class ScriptedHub {
  /** What it does with each request in turn; the last entry serves all others. */
  script: Reply[] = [whole];
  readonly asked: Asked[] = [];
  readonly #server: Server;
  #onArrival: ((bytes: number) => void) | undefined;

  private constructor() {
    this.#server = createServer((request, response) => {
      const { range, 'if-range': ifRange } = request.headers;
      this.asked.push({ url: request.url ?? '', range, ifRange: ifRange as string | undefined });
      const reply = this.script.length > 1 ? this.script.shift() : this.script[0];
      reply?.(request, response);
    });
  }

  static async start(): Promise<ScriptedHub> {
    const hub = new ScriptedHub();
    await new Promise<void>((resolve) => hub.#server.listen(0, '127.0.0.1', resolve));
    return hub;
  }

  get base(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** To be told of the bytes that the client has on its disk: a cut must not race with what was sent. */
  arrived(bytes: number): void {
    this.#onArrival?.(bytes);
  }

  /** Announces everything and hangs up once `count` bytes have arrived. */
  cutAfter(count: number): Reply {
    return (request, response) => {
      const start = startOf(request);
      response.writeHead(start > 0 ? 206 : 200, {
        'content-length': weights.length - start,
        etag: ETAG,
        ...(start > 0 ? { 'content-range': `bytes ${start}-${weights.length - 1}/${weights.length}` } : {}),
      });
      if (count === 0) return void response.destroy();
      this.#onArrival = (bytes) => void (bytes >= start + count && response.destroy());
      response.write(weights.subarray(start, start + count));
    };
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

function startOf(request: IncomingMessage): number {
  return Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
}

/** As a hub does: ranges while the tag is the same. */
export function whole(request: IncomingMessage, response: ServerResponse): void {
  serve(weights, ETAG)(request, response);
}

export function serve(bytes: Uint8Array, etag: string | undefined): Reply {
  return (request, response) => {
    const ifRange = request.headers['if-range'];
    const start = ifRange === undefined || ifRange === etag ? startOf(request) : 0;
    response.writeHead(start > 0 ? 206 : 200, {
      'content-length': bytes.length - start,
      ...(etag ? { etag } : {}),
      ...(start > 0 ? { 'content-range': `bytes ${start}-${bytes.length - 1}/${bytes.length}` } : {}),
    });
    response.end(bytes.subarray(start));
  };
}

export const status =
  (code: number, headers: Record<string, string> = {}): Reply =>
  (_request, response) =>
    void response.writeHead(code, headers).end();
