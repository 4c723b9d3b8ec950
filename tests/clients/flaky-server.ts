/** An HTTP server with runs of ten events whose connections break at places that the test chooses. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Seen = {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
};

/** What a connection does instead of answering; undefined answers as it should. */
export type Fault =
  | { readonly kind: 'cut'; readonly afterBytes: number }
  | {
      readonly kind: 'status';
      readonly status: number;
      readonly code?: string;
      readonly headers?: Record<string, string>;
    }
  | { readonly kind: 'silence'; readonly afterBytes: number };

export type FlakyServer = {
  readonly url: string;
  readonly seen: Seen[];
  /** Runs that were started: one for each idempotency key. */
  readonly runs: ReadonlyMap<string, string>;
  /** Asked for each request in its order. */
  fault: (request: Seen) => Fault | undefined;
  /** Tokens that are let in. */
  accepts: (token: string) => boolean;
  stop(): Promise<void>;
};

export const EVENTS = 10;

export const finished = (id: string) => ({
  id,
  object: 'run',
  status: 'succeeded',
  question: 'What?',
  images: [],
  answer: '24.25',
  steps: [],
  usage: { steps: 1, tool_calls: 0, input_tokens: 1, cached_tokens: 0, output_tokens: 1, cost_units: 1 },
  created_at: '2026-01-01T00:00:00.000Z',
  finished_at: '2026-01-01T00:00:01.000Z',
  expires_at: '2026-01-02T00:00:00.000Z',
});

/** The stream of a run after a cursor, with previews, comments and words in several bytes. */
export function streamText(id: string, after: number): string {
  const events = Array.from({ length: EVENTS }, (_, index) => {
    const seq = index + 1;
    if (seq === 1) return { type: 'run.started', seq, run_id: id, created_at: '2026-01-01T00:00:00.000Z' };
    if (seq === EVENTS) return { type: 'run.completed', seq, run: finished(id) };
    return { type: 'step.started', seq, index };
  });
  const preview = `data: ${JSON.stringify({ type: 'step.delta', index: 0, offset: 0, text: 'größer 🌮' })}\n\n`;
  const blocks = events
    .filter(({ seq }) => seq > after)
    .map(
      (event) =>
        `id: ${event.seq}\ndata: ${JSON.stringify(event)}\n\n${event.seq % 3 === 0 ? preview : ': ping\n\n'}`,
    );
  return `retry: 1000\n\n${blocks.join('')}`;
}

export async function startFlakyServer(): Promise<FlakyServer> {
  const seen: Seen[] = [];
  const runs = new Map<string, string>();
  const server = createServer((request, response) => void handle(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const self: FlakyServer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    runs,
    fault: () => undefined,
    accepts: () => true,
    stop: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    for await (const _ of request);
    const { method = '', url: path = '', headers } = request;
    const one = { method, path, headers };
    seen.push(one);
    if (!self.accepts((headers.authorization ?? '').replace('Bearer ', '')))
      return refuse(response, 401, 'expired_token', { 'x-should-retry': 'false' });
    const fault = self.fault(one);
    if (fault?.kind === 'status')
      return refuse(response, fault.status, fault.code ?? 'overloaded', fault.headers ?? {});
    answer(one, response, fault);
  }

  function answer({ method, path, headers }: Seen, response: ServerResponse, fault: Fault | undefined): void {
    const id =
      method === 'POST' ? started(String(headers['idempotency-key'])) : (/run_\w+/.exec(path)?.[0] ?? '');
    const isStream = String(headers.accept).includes('text/event-stream');
    const body = Buffer.from(
      isStream ? streamText(id, Number(headers['last-event-id'] ?? 0)) : JSON.stringify(finished(id)),
    );
    response.writeHead(200, {
      'content-type': isStream ? 'text/event-stream; charset=utf-8' : 'application/json',
    });
    if (!fault || fault.kind === 'status') return void response.end(body);
    response.write(body.subarray(0, fault.afterBytes), () => {
      if (fault.kind === 'cut') response.destroy();
    });
  }

  function started(key: string): string {
    const id = runs.get(key) ?? `run_${String(runs.size).padStart(32, '0')}`;
    runs.set(key, id);
    return id;
  }

  return self;
}

function refuse(
  response: ServerResponse,
  status: number,
  code: string,
  headers: Record<string, string>,
): void {
  response.writeHead(status, { 'content-type': 'application/problem+json', ...headers });
  response.end(JSON.stringify({ status, code, detail: `refused with ${status}`, request_id: 'req_1' }));
}
