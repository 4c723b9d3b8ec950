/** The public API as the commands use it. Every failure is a CommandError of one sentence. */
import { setTimeout as delay } from 'node:timers/promises';
import { image as imageSchema, type Run, type RunEvent, runEvent } from '#shared/api';
import type { MediaType } from '#shared/contract';
import { CommandError } from './failure.ts';

/** How often a stream that broke off is taken up again. */
const RECONNECTS_MAX = 20;
const RECONNECT_MS = 500;

export type ApiClient = {
  /** The id of the stored image. */
  upload(bytes: Uint8Array, mediaType: MediaType): Promise<string>;
  /** Starts a run, shows its events, and gives the finished run. */
  run(
    request: { question: string; images: readonly string[]; max_steps?: number },
    show: (event: RunEvent) => void,
  ): Promise<Run>;
};

export function createApiClient(url: string, key: string): ApiClient {
  const send = async (path: string, init: RequestInit): Promise<Response> => {
    const headers = { authorization: `Bearer ${key}`, ...init.headers };
    const response = await fetch(new URL(path, url), { ...init, headers }).catch((cause: unknown) => {
      throw new CommandError(`No server answers at ${url} (${reasonOf(cause)}). Start one with: npm start`);
    });
    if (!response.ok) throw await refusal(response, url);
    return response;
  };

  return {
    upload: async (bytes, mediaType) => {
      const init = {
        method: 'POST',
        headers: { 'content-type': mediaType },
        body: bytes as Uint8Array<ArrayBuffer>,
      };
      return imageSchema.parse(await (await send('/v1/images', init)).json()).id;
    },
    run: async ({ question, images, max_steps }, show) => {
      const body = JSON.stringify({
        question,
        images: images.map((id) => ({ type: 'image_id', image_id: id })),
        ...(max_steps === undefined ? {} : { max_steps }),
      });
      const headers = { 'content-type': 'application/json', accept: 'text/event-stream' };
      let response = await send('/v1/runs', { method: 'POST', headers, body });
      let id: string | undefined;
      let cursor = 0;
      for (let attempt = 0; attempt <= RECONNECTS_MAX; attempt++) {
        for await (const event of eventsOf(response)) {
          if ('seq' in event) cursor = event.seq;
          if (event.type === 'run.started') id = event.run_id;
          show(event);
          if ('run' in event) return event.run;
        }
        if (id === undefined) break;
        await delay(RECONNECT_MS);
        response = await send(`/v1/runs/${id}/events`, {
          headers: { accept: 'text/event-stream', 'last-event-id': String(cursor) },
        });
      }
      throw new CommandError(
        `The stream of the run ended without a result. Try again, or look at ${url}/v1/runs/${id ?? ''}`,
      );
    },
  };
}

/** The events of a server-sent stream up to its end; a stream that breaks off just ends. */
export async function* eventsOf(response: Response): AsyncGenerator<RunEvent> {
  const decoder = new TextDecoder();
  let buffer = '';
  if (!response.body) return;
  const chunks = response.body[Symbol.asyncIterator]();
  for (;;) {
    const chunk = await chunks.next().catch(() => undefined);
    if (!chunk || chunk.done) return;
    buffer += decoder.decode(chunk.value, { stream: true });
    const blocks = buffer.split(/\r?\n\r?\n/);
    buffer = blocks.pop() ?? '';
    for (const block of blocks) {
      const data = block
        .split(/\r?\n/)
        .flatMap((line) => /^data: ?(.*)$/.exec(line)?.[1] ?? [])
        .join('\n');
      const parsed = data === '' ? undefined : runEvent.safeParse(JSON.parse(data));
      // A newer server may send kinds of events that this command does not know.
      if (parsed?.success) yield parsed.data;
    }
  }
}

async function refusal(response: Response, url: string): Promise<CommandError> {
  const problem = Object(await response.json().catch(() => undefined)) as { detail?: unknown };
  const detail = typeof problem.detail === 'string' ? problem.detail : `status ${response.status}`;
  const hint = response.status === 401 ? ' Give the key that npm start prints with --key.' : '';
  return new CommandError(`The server at ${url} refused: ${detail}${hint}`);
}

function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? (error.cause ?? error) : error;
  return cause instanceof Error ? ((cause as NodeJS.ErrnoException).code ?? cause.message) : String(cause);
}
