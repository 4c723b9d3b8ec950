/** Sends one malformed request over a socket and says what came back. */
import { Agent, request } from 'node:http';
import { connect } from 'node:net';
import type { Malformed } from './malformed-parts.ts';

export type Reply = {
  /** Absent when the connection ended without one. */
  readonly status?: number;
  /** The reply bears our request id: it came from the Worker, not from workerd before it. */
  readonly isOurs: boolean;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly ms: number;
  /** Neither a reply nor an end within HANG_MS. */
  readonly hung?: boolean;
  readonly error?: string;
};

export const HANG_MS = 30_000;

const agent = new Agent({ keepAlive: true });

export function send(url: string, key: string, malformed: Malformed): Promise<Reply> {
  return malformed.raw === undefined ? sendByLibrary(url, key, malformed) : sendRaw(url, key, malformed.raw);
}

function sendByLibrary(url: string, key: string, { method, path, headers, body }: Malformed): Promise<Reply> {
  const start = performance.now();
  const none = { isOurs: false, headers: {}, body: '' };
  return new Promise((resolve) => {
    const end = (reply: Omit<Reply, 'ms'>) => resolve({ ...reply, ms: performance.now() - start });
    const length: Record<string, string> = body ? { 'content-length': String(body.length) } : {};
    const { hostname, port } = new URL(url);
    const sending = request(
      {
        hostname,
        port,
        method,
        path,
        agent,
        headers: { authorization: `Bearer ${key}`, ...headers, ...length },
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', (error) => end({ ...none, error: String(error) }));
        response.on('end', () =>
          end({
            status: response.statusCode ?? 0,
            isOurs: response.headers['x-request-id'] !== undefined,
            headers: response.headers as Record<string, string>,
            body: Buffer.concat(chunks).toString(),
          }),
        );
      },
    );
    sending.setTimeout(HANG_MS, () => {
      end({ ...none, hung: true });
      sending.destroy();
    });
    sending.on('error', (error) => end({ ...none, error: String(error) }));
    sending.end(body);
  });
}

/** One connection for one message. workerd ends it after a message that it cannot read. */
function sendRaw(url: string, key: string, raw: string): Promise<Reply> {
  const start = performance.now();
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    const socket = connect({ host: hostname, port: Number(port) });
    let text = '';
    const end = (more: { hung?: boolean; error?: string }) => {
      socket.destroy();
      resolve({ ...readReply(text), ...more, ms: performance.now() - start });
    };
    socket.setTimeout(HANG_MS, () => end({ hung: true }));
    socket.on('error', (error) => end(text === '' ? { error: String(error) } : {}));
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
    });
    socket.on('close', () => end({}));
    // The writing side is closed behind the message, so the server ends the connection after its reply.
    socket.end(Buffer.from(raw.replaceAll('KEY', key), 'latin1'));
  });
}

function readReply(text: string): Omit<Reply, 'ms'> {
  const [head = '', ...rest] = text.replace(/^HTTP\/1\.1 100 [^\r]*\r\n\r\n/, '').split('\r\n\r\n');
  const status = /^HTTP\/1\.1 (\d{3})/.exec(head)?.[1];
  return {
    ...(status === undefined ? {} : { status: Number(status) }),
    isOurs: /^x-request-id:/im.test(head),
    headers: Object.fromEntries(
      [...head.matchAll(/^([\w-]+): (.*)$/gm)].map(([, name = '', value = '']) => [
        name.toLowerCase(),
        value.trim(),
      ]),
    ),
    body: rest.join('\r\n\r\n'),
  };
}
