/**
 * A network between an app and the service: it passes everything on, but cuts event streams, and has the
 * app's token revoked before its first run. It also stands for the app's own server, which hands out tokens.
 */
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type BadNetwork = {
  readonly url: string;
  readonly tokenUrl: string;
  /** What the app went through, so far. */
  readonly suffered: { cuts: number; tokens: number; refusals: number };
  /** The last token that was handed out. */
  readonly token: () => string;
  stop(): Promise<void>;
};

/** After how many events the streams are cut, one after the other; later ones are whole. */
const CUTS = [0, 1, 3] as const;

export async function startBadNetwork(service: { url: string; key: string }): Promise<BadNetwork> {
  const suffered = { cuts: 0, tokens: 0, refusals: 0 };
  let last = { token: '', id: '' };
  const call = (path: string, method: string, body?: string) =>
    fetch(service.url + path, {
      method,
      headers: { authorization: `Bearer ${service.key}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body }),
    });

  async function handToken(response: ServerResponse): Promise<void> {
    const minted = await call(
      '/v1/client_tokens',
      'POST',
      '{"subject": "user-17", "ttl": 600, "max_runs": 20}',
    );
    last = (await minted.json()) as { token: string; id: string };
    suffered.tokens++;
    response.end(last.token);
  }

  async function answer(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    if (incoming.url === '/token') return handToken(response);
    if (incoming.url === '/v1/runs' && suffered.tokens === 1)
      await call(`/v1/client_tokens/${last.id}`, 'DELETE');
    passOn(service.url, incoming, response, suffered);
  }

  const server: Server = createServer((incoming, response) => {
    answer(incoming, response).catch((error: unknown) => response.writeHead(502).end(String(error)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    tokenUrl: `${url}/token`,
    suffered,
    token: () => last.token,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function passOn(
  to: string,
  incoming: IncomingMessage,
  response: ServerResponse,
  suffered: BadNetwork['suffered'],
): void {
  const { method = 'GET', headers, url = '/' } = incoming;
  const sending = request(new URL(url, to), { method, headers }, (reply) => {
    const status = reply.statusCode ?? 502;
    if (status === 401) suffered.refusals++;
    const isStream = reply.headers['content-type']?.startsWith('text/event-stream') ?? false;
    const most = isStream ? CUTS[suffered.cuts] : undefined;
    response.writeHead(status, reply.headers);
    response.flushHeaders();
    if (most === undefined) return void reply.pipe(response);
    suffered.cuts++;
    let events = 0;
    const cut = (): void => {
      reply.destroy();
      // Of what was written, all arrives; then the connection breaks off in the middle.
      setTimeout(() => response.destroy(), 100);
    };
    reply.on('data', (chunk: Buffer) => {
      for (const block of chunk.toString().split(/(?<=\n\n)/)) {
        if (events >= most && block.includes('data:')) return cut();
        response.write(block);
        if (/^id: /m.test(block)) events++;
      }
    });
    reply.on('error', () => undefined);
  });
  sending.on('error', () => response.destroy());
  incoming.pipe(sending);
}
