/**
 * How much each tenant has been given: virtual token counters (Sheng and others, "Fairness in Serving Large
 * Language Models", 2024), inside the engine because it alone knows what a pass costs. Whoever has had least is
 * next. A tenant that comes back does not bring along all that it left unused: it is lifted to the least among
 * those who are present, less a bounded credit that lets a few steps go ahead of a flood.
 */

/** Tenants that are remembered while they are away. */
const AWAY_MAX = 4_096;

export class VirtualCounters {
  readonly #creditNow: () => number;
  readonly #served = new Map<string, number>();
  readonly #present = new Map<string, number>();
  /** The least counter of those present, as it last was; it never falls. */
  #level = 0;

  /** `credit`: how far below the present ones a tenant may begin, in the unit of `charge`; looked at each time. */
  constructor(credit: () => number) {
    this.#creditNow = credit;
  }

  /** Something of a tenant has come, and is there until `leave`. */
  enter(tenant: string): void {
    const present = this.#present.get(tenant) ?? 0;
    if (present === 0) {
      this.#raiseLevel();
      this.#served.set(tenant, Math.max(this.of(tenant), this.#floor));
    }
    this.#present.set(tenant, present + 1);
  }

  leave(tenant: string): void {
    const present = this.#present.get(tenant) ?? 0;
    // Before it goes: when the last one has left, its own counter is the level.
    this.#raiseLevel();
    if (present > 1) this.#present.set(tenant, present - 1);
    else this.#present.delete(tenant);
    if (this.#served.size > AWAY_MAX + this.#present.size) this.#forget();
  }

  charge(tenant: string, cost: number): void {
    this.#served.set(tenant, this.of(tenant) + cost);
  }

  /** What a tenant has had, or would be taken to have had if it came now. */
  of(tenant: string): number {
    return this.#served.get(tenant) ?? this.#floor;
  }

  /** Where a newcomer begins. */
  get #floor(): number {
    return this.#level - this.#creditNow();
  }

  #raiseLevel(): void {
    let least = Number.POSITIVE_INFINITY;
    for (const tenant of this.#present.keys()) least = Math.min(least, this.of(tenant));
    if (least !== Number.POSITIVE_INFINITY) this.#level = Math.max(this.#level, least);
  }

  /** Those who would be lifted anyway lose nothing; of the others the lowest go. */
  #forget(): void {
    const away = [...this.#served].filter(([tenant]) => !this.#present.has(tenant));
    away.sort(([, a], [, b]) => a - b);
    for (const [index, [tenant, served]] of away.entries()) {
      if (served > this.#floor && index >= away.length / 2) break;
      this.#served.delete(tenant);
    }
  }
}
