/**
 * Who prepares a run that is not there yet. Of many requests that mean the same run, one takes in images
 * and asks the limits; the others wait for what it comes to. Kept in memory only: it saves work, and that
 * a run starts once does not rest on it.
 */
export class Claim {
  #held:
    | { readonly ended: Promise<void>; readonly end: () => void; readonly fingerprint: string }
    | undefined;

  get fingerprint(): string | undefined {
    return this.#held?.fingerprint;
  }

  /** Held until `release`, and no longer than `ms`: who prepares may die. */
  take(fingerprint: string, ms: number): void {
    const { promise, resolve } = Promise.withResolvers<void>();
    const held = { ended: promise, fingerprint, end: resolve };
    const timer = setTimeout(() => this.#end(held), ms);
    void promise.then(() => clearTimeout(timer));
    this.#held = held;
  }

  release(): void {
    if (this.#held) this.#end(this.#held);
  }

  /** Resolves when nobody holds it any more. */
  async wait(): Promise<void> {
    await this.#held?.ended;
  }

  #end(held: { end: () => void }): void {
    if (this.#held === held) this.#held = undefined;
    held.end();
  }
}
