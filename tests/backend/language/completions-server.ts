/** A server on this machine that speaks the chat completions of the OpenAI API, and misbehaves when told to. */
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

export type Asked = { readonly path: string; readonly headers: IncomingHttpHeaders; readonly body: unknown };
export type Answer = (response: ServerResponse) => void;

export type CompletionsServer = {
  readonly url: string;
  readonly asked: Asked[];
  /** What the next requests get, in order; then `saying` again. */
  readonly next: Answer[];
  stop(): Promise<void>;
};

export const saying =
  (content: unknown): Answer =>
  (response) => {
    response.setHeader('content-type', 'application/json');
    const message = { role: 'assistant', content };
    response.end(
      JSON.stringify({
        id: 'c',
        object: 'chat.completion',
        choices: [{ index: 0, message, finish_reason: 'stop' }],
      }),
    );
  };

export const failing =
  (status: number, headers: Record<string, string> = {}, body = ''): Answer =>
  (response) =>
    void response.writeHead(status, headers).end(body);

export async function startCompletions(content = 'About 90 °C.'): Promise<CompletionsServer> {
  const asked: Asked[] = [];
  const next: Answer[] = [];
  const server = createServer(async (request, response) => {
    const body: unknown = JSON.parse((await text(request)) || 'null');
    asked.push({ path: request.url ?? '', headers: request.headers, body });
    (next.shift() ?? saying(content))(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    asked,
    next,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
