/** Reads server-sent events. */
import type { components } from './generated/api.ts';
import { reasonOf } from './ports.ts';

export type RunEvent = components['schemas']['RunEvent'];

export type ReadOptions = {
  readonly signal?: AbortSignal | undefined;
  /** A stream that is silent for longer counts as broken; the server sends comments in between. */
  readonly idleMs?: number;
};

/**
 * The events of a stream up to its end. A stream that breaks off just ends: whether it was complete
 * is told by its last event. @throws only the reason of the signal.
 */
export async function* eventsOf(
  response: Response,
  options: ReadOptions = {},
): AsyncGenerator<RunEvent, void> {
  let rest = '';
  for await (const text of textsOf(response, options)) {
    const blocks = (rest + text).split(/\r?\n\r?\n/);
    rest = blocks.pop() ?? '';
    for (const block of blocks) {
      const event = eventIn(block);
      if (event) yield event;
    }
  }
}

async function* textsOf(response: Response, options: ReadOptions): AsyncGenerator<string, void> {
  // React Native's fetch gives no streams: the events then come all at once, when the run has ended.
  if (!response.body) return yield await response.text().catch(() => '');
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  try {
    for (;;) {
      const next = await readWithin(reader, options);
      if (options.signal?.aborted) throw reasonOf(options.signal);
      if (!next || next.done) return;
      yield decoder.decode(next.value, { stream: true });
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

type Reader = ReadableStreamDefaultReader<Uint8Array>;

/** The next piece; undefined when the stream broke, was silent for too long, or the signal was aborted. */
async function readWithin(
  reader: Reader,
  { idleMs, signal }: ReadOptions,
): Promise<ReadableStreamReadResult<Uint8Array> | undefined> {
  let stop = (): void => undefined;
  const stopped = new Promise<undefined>((resolve) => {
    stop = () => resolve(undefined);
  });
  const timer = idleMs === undefined ? undefined : setTimeout(stop, idleMs);
  signal?.addEventListener('abort', stop, { once: true });
  if (signal?.aborted) stop();
  try {
    return await Promise.race([reader.read(), stopped]);
  } catch {
    return undefined;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', stop);
  }
}

function eventIn(block: string): RunEvent | undefined {
  const data = block
    .split(/\r?\n/)
    .flatMap((line) => /^data: ?(.*)$/.exec(line)?.[1] ?? [])
    .join('\n');
  if (data === '') return undefined;
  try {
    const event = JSON.parse(data) as RunEvent;
    return typeof event?.type === 'string' ? event : undefined;
  } catch {
    return undefined;
  }
}
