/** Counts of values by size, as Prometheus wants them. */

export class Histogram {
  readonly bounds: readonly number[];
  readonly #counts: number[];
  sum = 0;
  count = 0;

  /** `bounds`: the upper ones, rising; what is larger counts in the last bucket, which has none. */
  constructor(bounds: readonly number[]) {
    this.bounds = bounds;
    this.#counts = bounds.map(() => 0);
  }

  observe(value: number): void {
    this.sum += value;
    this.count++;
    const bucket = this.bounds.findIndex((bound) => value <= bound);
    if (bucket !== -1) this.#counts[bucket] = (this.#counts[bucket] as number) + 1;
  }

  /** How many values were at most each bound. */
  cumulative(): number[] {
    let below = 0;
    return this.#counts.map((count) => {
      below += count;
      return below;
    });
  }
}
