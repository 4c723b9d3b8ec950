/** Work that several wait for is done once for all of them, and is given up when the last of them has left. */

type Entry<Result> = {
  readonly result: Promise<Result>;
  readonly controller: AbortController;
  waiting: number;
};

export class SharedWork<Result> {
  readonly #entries = new Map<string, Entry<Result>>();

  /**
   * What `start` gives for `key`; it is called only where nobody waits for that key yet. Rejects with the
   * signal's reason, or with what the work threw.
   */
  async run(
    key: string,
    signal: AbortSignal,
    start: (signal: AbortSignal) => Promise<Result>,
  ): Promise<Result> {
    signal.throwIfAborted();
    const entry = this.#entries.get(key) ?? this.#begin(key, start);
    entry.waiting++;
    try {
      return await unlessAborted(entry.result, signal);
    } finally {
      if (--entry.waiting === 0) {
        // Whoever comes now must not join work that is being given up.
        this.#forget(key, entry);
        entry.controller.abort(signal.reason);
      }
    }
  }

  #begin(key: string, start: (signal: AbortSignal) => Promise<Result>): Entry<Result> {
    const controller = new AbortController();
    const entry = { result: start(controller.signal), controller, waiting: 0 };
    this.#entries.set(key, entry);
    const forget = (): void => this.#forget(key, entry);
    entry.result.then(forget, forget);
    return entry;
  }

  #forget(key: string, entry: Entry<Result>): void {
    if (this.#entries.get(key) === entry) this.#entries.delete(key);
  }
}

async function unlessAborted<Result>(work: Promise<Result>, signal: AbortSignal): Promise<Result> {
  const { promise, resolve, reject } = Promise.withResolvers<Result>();
  const leave = (): void => reject(signal.reason);
  signal.addEventListener('abort', leave, { once: true });
  work.then(resolve, reject);
  try {
    return await promise;
  } finally {
    signal.removeEventListener('abort', leave);
  }
}
