/** The open event streams of one run. They only ever read: none can slow the run or stop it. */
import type { RunEvent } from '#shared/api';
import { EVENT_RETRY_MS, WATCHER_BUFFER_BYTES_MAX, WATCHERS_PER_RUN_MAX } from '#shared/limits';
import { eventText } from './view.ts';

/** Stored events after a cursor, and whether the run has ended. */
export type EventSource = (after: number) => {
  readonly events: readonly RunEvent[];
  readonly ended: boolean;
};

type Watcher = {
  cursor: number;
  readonly controller: ReadableStreamDefaultController<Uint8Array>;
  readonly pings: ReturnType<typeof setInterval>;
};

const encoder = new TextEncoder();

export class Watchers {
  readonly #open = new Set<Watcher>();
  readonly #source: EventSource;
  readonly #pingMs: number;

  constructor(source: EventSource, pingMs: number) {
    this.#source = source;
    this.#pingMs = pingMs;
  }

  get full(): boolean {
    return this.#open.size >= WATCHERS_PER_RUN_MAX;
  }

  /** All events after `after`, first those that are stored, then each as it is stored. Ends with the run. */
  add(after: number): ReadableStream<Uint8Array> {
    let watcher: Watcher | undefined;
    return new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          const ping = () => this.#send(added, ': ping\n\n');
          const added: Watcher = { cursor: after, controller, pings: setInterval(ping, this.#pingMs) };
          watcher = added;
          this.#open.add(added);
          this.#send(added, `retry: ${EVENT_RETRY_MS}\n\n`);
          this.#catchUp(added);
        },
        cancel: () => {
          if (watcher) this.#drop(watcher);
        },
      },
      new ByteLengthQueuingStrategy({ highWaterMark: WATCHER_BUFFER_BYTES_MAX }),
    );
  }

  /** Sends what has been stored since. */
  update(): void {
    for (const watcher of this.#open) this.#catchUp(watcher);
  }

  /** Sends what is not stored to those that keep up. */
  preview(event: RunEvent): void {
    for (const watcher of this.#open) this.#send(watcher, eventText(event));
  }

  #catchUp(watcher: Watcher): void {
    const { events, ended } = this.#source(watcher.cursor);
    for (const event of events) {
      if (!this.#send(watcher, eventText(event))) return;
      if ('seq' in event) watcher.cursor = event.seq;
    }
    if (ended) {
      this.#drop(watcher);
      watcher.controller.close();
    }
  }

  /** One that reads too slowly is cut off; it resumes after the last id that it saw. */
  #send(watcher: Watcher, text: string): boolean {
    if (!this.#open.has(watcher)) return false;
    if ((watcher.controller.desiredSize ?? 0) <= 0) {
      this.#drop(watcher);
      watcher.controller.error(new Error('the watcher reads too slowly'));
      return false;
    }
    watcher.controller.enqueue(encoder.encode(text));
    return true;
  }

  #drop(watcher: Watcher): void {
    clearInterval(watcher.pings);
    this.#open.delete(watcher);
  }
}
