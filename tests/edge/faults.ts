/** The faults of a scripted backend, as they look on the wire. */
import type { ServerResponse } from 'node:http';
import type { Fault } from './script.ts';

const HUGE_BYTES = 50 * 1024 * 1024;

export function fault(kind: Fault, response: ServerResponse): void {
  const ndjson = { 'content-type': 'application/x-ndjson' };
  const say: Record<Fault, () => void> = {
    html: () => response.writeHead(200, { 'content-type': 'text/html' }).end('<html>Welcome</html>'),
    huge: () => response.writeHead(200, ndjson).end(Buffer.alloc(HUGE_BYTES, 32)),
    schema: () => response.writeHead(200, ndjson).end('{"type":"turn","text":7}\n'),
    cut: () => {
      response.writeHead(200, ndjson).write('{"type":"token","text":"{"}\n');
      setTimeout(() => response.destroy(), 20);
    },
    unavailable: () => response.writeHead(503, { 'content-type': 'text/plain' }).end('starting'),
    overloaded: () =>
      response.writeHead(503, { 'retry-after': '1' }).end('{"code":"overloaded","detail":"queue is full"}'),
    reset: () => response.destroy(),
    hang: () => undefined,
    'error-event': () =>
      response.writeHead(200, ndjson).end('{"type":"error","code":"internal","message":"engine died"}\n'),
  };
  say[kind]();
}
