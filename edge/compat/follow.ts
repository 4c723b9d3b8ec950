/**
 * A run's events as another kind of stream. Clients of that other kind cannot resume, so a run whose
 * object restarts is followed on here.
 */

import type { AppContext } from '#edge/route';
import { type RunRpc, runStub } from '#edge/run/rpc';
import { WAIT_MS_MAX } from '#edge/run/wait';
import type { RunEvent } from '#shared/api';
import { ApiError } from '#shared/errors';

const RECONNECT_MS = 500;
const encoder = new TextEncoder();

export type Translation = {
  /** The text of the stream for one event; empty for none. */
  event(event: RunEvent): string;
  /** The text with which a stream ends that could not be followed to the end of the run. */
  failure(error: unknown): string;
};

type Reader = ReadableStreamDefaultReader<string>;

/** Ends after the run's last event. @throws ApiError before the stream begins. */
export async function followRun(
  c: AppContext,
  runId: string,
  translation: Translation,
): Promise<ReadableStream<Uint8Array>> {
  const stub = () => runStub(c.var.settings.RUNS, c.var.principal.tenant, runId);
  const blocks = new EventBlocks(stub, await openReader(stub(), 0));
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        for (let text = ''; text === ''; ) {
          const block = await blocks.next();
          if (block === undefined) return controller.close();
          text = block.event ? translation.event(block.event) : block.comment;
          if (text !== '') controller.enqueue(encoder.encode(text));
        }
      } catch (error) {
        controller.enqueue(encoder.encode(translation.failure(error)));
        controller.close();
        await blocks.close();
      }
    },
    cancel: () => blocks.close(),
  });
}

type Block = { readonly event?: RunEvent; readonly comment: string };

class EventBlocks {
  readonly #stub: () => RunRpc;
  readonly #until = Date.now() + WAIT_MS_MAX;
  #reader: Reader | undefined;
  #rest = '';
  #cursor = 0;
  #ended = false;

  constructor(stub: () => RunRpc, reader: Reader | undefined) {
    this.#stub = stub;
    this.#reader = reader;
  }

  /** The next event or comment; undefined after the last one. */
  async next(): Promise<Block | undefined> {
    while (!this.#ended) {
      const block = this.#take();
      if (block) return block;
      if (!(await this.#read()) && !this.#ended) await this.#reconnect();
    }
    return undefined;
  }

  async close(): Promise<void> {
    this.#ended = true;
    await this.#reader?.cancel().catch(() => undefined);
  }

  #take(): Block | undefined {
    for (let end = this.#rest.indexOf('\n\n'); end >= 0; end = this.#rest.indexOf('\n\n')) {
      const text = this.#rest.slice(0, end);
      this.#rest = this.#rest.slice(end + 2);
      if (text.startsWith(':')) return { comment: `${text}\n\n` };
      const data = /^data: (.*)$/m.exec(text)?.[1];
      if (data === undefined) continue;
      const event = JSON.parse(data) as RunEvent;
      if ('seq' in event) this.#cursor = event.seq;
      if ('run' in event) this.#ended = true;
      return { event, comment: '' };
    }
    return undefined;
  }

  /** Whether there was more to read. */
  async #read(): Promise<boolean> {
    const next = await this.#reader?.read().catch(() => undefined);
    if (!next || next.done) return false;
    this.#rest += next.value;
    return true;
  }

  /** The object went away, as on a deployment; its alarm brings it back. */
  async #reconnect(): Promise<void> {
    if (Date.now() > this.#until) throw new ApiError('deadline_exceeded', 'the run has not ended in time');
    await new Promise((resolve) => setTimeout(resolve, RECONNECT_MS));
    this.#rest = '';
    this.#reader = await openReader(this.#stub(), this.#cursor).catch((error: unknown) => {
      if (error instanceof ApiError && error.code === 'not_found') throw error;
      return undefined;
    });
  }
}

async function openReader(stub: RunRpc, after: number): Promise<Reader | undefined> {
  const events = await stub.watch(after);
  if (events === null) throw new ApiError('not_found', 'there is no such run, or it has expired');
  if (events === 'full') {
    throw new ApiError('overloaded', 'too many clients watch this run; poll it instead', {
      headers: { 'retry-after': '5' },
    });
  }
  return events === 'ended' ? undefined : events.pipeThrough(new TextDecoderStream()).getReader();
}
