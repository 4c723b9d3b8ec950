/** The public API as the commands use it, by our own client. Every failure is a CommandError of one sentence. */
import { type Run, type RunEvent, runEvent, run as runSchema } from '#shared/api';
import type { MediaType } from '#shared/contract';
import { ApiError, ConnectionError, createClient, type TacoError } from '../../clients/typescript/index.ts';
import { CommandError } from './failure.ts';

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
  const client = createClient({ baseUrl: url, credential: key, retries: 2 });
  const inWords = (error: unknown): never => {
    if (error instanceof ApiError || error instanceof ConnectionError) throw failureOf(error, url);
    throw error;
  };
  return {
    upload: async (bytes, mediaType) => (await client.images.upload(bytes, { mediaType }).catch(inWords)).id,
    run: async ({ question, images, max_steps }, show) => {
      const events = client.runs.stream({
        question,
        images: images.map((id) => ({ type: 'image_id', image_id: id })),
        ...(max_steps === undefined ? {} : { max_steps }),
      });
      for (;;) {
        const next = await events.next().catch(inWords);
        if (next.done) return runSchema.parse(next.value);
        // A newer server may send kinds of events that this command does not know.
        const known = runEvent.safeParse(next.value);
        if (known.success) show(known.data);
      }
    },
  };
}

function failureOf(error: TacoError, url: string): CommandError {
  if (error instanceof ApiError) {
    const hint = error.status === 401 ? ' Give the key that npm start prints with --key.' : '';
    return new CommandError(`The server at ${url} refused: ${error.message}${hint}`);
  }
  // Without a cause it did answer, and then broke off again and again.
  return error.cause === undefined
    ? new CommandError(`The stream of the run ended without a result: ${error.message}. Try again.`)
    : new CommandError(`No server answers at ${url} (${reasonOf(error.cause)}). Start one with: npm start`);
}

function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? (error.cause ?? error) : error;
  return cause instanceof Error ? ((cause as NodeJS.ErrnoException).code ?? cause.message) : String(cause);
}
