/**
 * Who gets a place in the planner, and who is told at once that there is none: a step that would wait longer than it
 * may, or end after its deadline, is turned away with the wait that was forecast. See decision 0041.
 */
import { VirtualCounters } from '#backend/fairness/counters';
import { Forecast, type StepKind } from '#backend/fairness/forecast';
import { FairLine } from '#backend/fairness/line';
import { ApiError } from '#shared/errors';
import { FAIR_CREDIT_STEPS, RETRY_AFTER_S_MAX, STEP_WAIT_MS_MAX } from '#shared/limits';

export type GateOptions = {
  /** Steps that are worked on together; looked at each time. */
  readonly places: () => number;
  /** Further places, for tenants that have none. */
  readonly spare: number;
  readonly queueMax: number;
  /** A clock in milliseconds. */
  readonly now: () => number;
};

export type Applicant = {
  readonly tenant: string;
  readonly kind: StepKind;
  /** Milliseconds that are left for the step. */
  readonly limitMs: number;
};

export type Place = {
  readonly waitedMs: number;
  /** To be called once the planner does not work on the step any more: with its cost if it ended with a turn. */
  leave(cost?: number): void;
};

export type Refusal = 'full' | 'late' | 'stopping';

export class StepGate {
  readonly refused: Record<Refusal, number> = { full: 0, late: 0, stopping: 0 };
  readonly #options: GateOptions;
  readonly #line: FairLine;
  readonly #counters: VirtualCounters;
  readonly #forecast: Forecast;
  #isClosed = false;

  constructor(options: GateOptions) {
    this.#options = options;
    const forecast = new Forecast(options.now);
    this.#forecast = forecast;
    this.#counters = new VirtualCounters(() => FAIR_CREDIT_STEPS * forecast.usualCost('first'));
    this.#line = new FairLine({ places: options.places, spare: options.spare, counters: this.#counters });
  }

  get running(): number {
    return this.#line.running;
  }

  get waiting(): number {
    return this.#line.waiting;
  }

  /** Seconds after which a step that comes now, behind all that wait, would have its place. */
  get retryAfterS(): number {
    const cost = this.#line.waitingCost + this.#forecast.usualCost('first');
    return seconds(this.#forecast.msOf(cost) ?? 0);
  }

  /** Throws what `enter` would reject with at once: for callers to whom it matters how cheap that is. */
  check(applicant: Applicant): void {
    if (this.#isClosed) throw this.#stopping();
    if (!this.#line.hasRoom(applicant.tenant)) this.#mayWait(applicant);
  }

  /**
   * Waits for a place. Rejects with the signal's reason when it aborts, with `overloaded` when there is none in
   * time, with `backend_unavailable` once the gate is closed; the latter two bear Retry-After.
   */
  async enter(applicant: Applicant, signal: AbortSignal): Promise<Place> {
    const { tenant, kind } = applicant;
    signal.throwIfAborted();
    if (this.#isClosed) throw this.#stopping();
    const from = this.#options.now();
    const cost = this.#forecast.usualCost(kind);
    if (!this.#line.hasRoom(tenant)) this.#admit(applicant);
    await this.#line.enter(tenant, signal, cost);
    this.#forecast.begin();
    const started = this.#options.now();
    let isHeld = true;
    return {
      waitedMs: started - from,
      leave: (actual) => {
        if (!isHeld) return;
        isHeld = false;
        // What was only expected when the place was given is put right.
        if (actual !== undefined) this.#counters.charge(tenant, actual - cost);
        this.#forecast.end(kind, this.#options.now() - started, actual);
        this.#line.leave(tenant);
      },
    };
  }

  /** Those who have a place may end; all others are to go elsewhere. */
  close(): void {
    this.#isClosed = true;
    this.#line.turnAllAway(() => this.#stopping());
  }

  /** Lets a step into the line, in the place of another where it is full. Throws ApiError where it may not wait. */
  #admit(applicant: Applicant): void {
    const { waitMs, isFull } = this.#mayWait(applicant);
    if (isFull) this.#line.makeRoomFor(applicant.tenant, () => this.#refuseFull(waitMs));
  }

  /** Throws ApiError where a step may not even wait. */
  #mayWait({ tenant, kind, limitMs }: Applicant): { waitMs: number | undefined; isFull: boolean } {
    const waitMs = this.#waitMs(tenant, this.#forecast.usualCost(kind));
    const mayMs = Math.min(STEP_WAIT_MS_MAX, limitMs - this.#forecast.usualMs(kind));
    if (waitMs !== undefined && waitMs > mayMs)
      throw this.#refuse('late', waitMs, `a place is free in about ${seconds(waitMs)} s, too late for this`);
    const isFull = this.#line.waiting >= this.#options.queueMax;
    if (isFull && !this.#line.couldMakeRoomFor(tenant)) throw this.#refuseFull(waitMs);
    return { waitMs, isFull };
  }

  /** Until a place is free for one more of the tenant: what comes before it, and the next of those that run. */
  #waitMs(tenant: string, cost: number): number | undefined {
    return this.#forecast.msOf(this.#line.costAhead(tenant) + cost);
  }

  #refuseFull(waitMs: number | undefined): ApiError {
    return this.#refuse('full', waitMs, `${this.#options.queueMax} steps are waiting already`);
  }

  #refuse(reason: Refusal, waitMs: number | undefined, why: string): ApiError {
    this.refused[reason]++;
    return new ApiError('overloaded', `The planner is busy: ${why}. Repeat the call after Retry-After.`, {
      headers: { 'Retry-After': String(seconds(waitMs ?? 0)) },
    });
  }

  #stopping(): ApiError {
    this.refused.stopping++;
    return stopping();
  }
}

/** What is told while the backend is drained. */
export function stopping(): ApiError {
  return new ApiError('backend_unavailable', 'This backend is shutting down. Repeat the call at another.', {
    headers: { 'Retry-After': '1' },
  });
}

const seconds = (ms: number): number => Math.min(RETRY_AFTER_S_MAX, Math.max(1, Math.ceil(ms / 1000)));
