/**
 * One run, one Durable Object: its rows, its loop, its watchers, its alarm.
 *
 * The alarm is the watchdog while the run goes on; afterwards it delivers the webhook, and ends the
 * retention. It keeps a run alive that nobody watches, and restarts the loop after a crash.
 */
import { DurableObject } from 'cloudflare:workers';
import { readEnvironment, type Settings } from '#edge/env';
import { settle } from '#edge/limits/index';
import { dropImages } from '#edge/storage/images';
import { forgetRun, imagesOfRunAlone } from '#edge/storage/runs';
import type { Run } from '#shared/api';
import type { RunSummary } from '#shared/api/run-list';
import { CLAIM_MS_MAX, RUN_RESUMES_MAX } from '#shared/limits';
import { Claim } from './claim.ts';
import { runLoop } from './loop.ts';
import { createLoopPorts } from './ports.ts';
import type { RunInput, RunRpc, StartReply } from './rpc.ts';
import { isTerminal } from './state.ts';
import { RunStore } from './store.ts';
import { eventView, runView, summaryView } from './view.ts';
import { Watchers } from './watchers.ts';
import { deliverWebhook, nextWebhookAt } from './webhook.ts';

export class RunObject extends DurableObject implements RunRpc {
  readonly #settings: Settings;
  readonly #store: RunStore;
  readonly #watchers: Watchers;
  readonly #settledWaiters = new Set<() => void>();
  /** Ends the calls in progress when nobody wants their result any more. */
  readonly #stop = new AbortController();
  readonly #claim = new Claim();
  #loop: Promise<void> | undefined;
  /** When the watchdog wakes the object; 0 when this instance does not know that it stands. */
  #watchdogAt = 0;

  constructor(context: DurableObjectState, bindings: unknown) {
    super(context, bindings as Cloudflare.Env);
    const { storage } = context;
    this.#settings = readEnvironment(bindings);
    this.#store = new RunStore({
      exec: (query, ...values) => storage.sql.exec(query, ...values),
      transaction: (body) => storage.transactionSync(body),
    });
    this.#watchers = new Watchers((after) => this.#eventsAfter(after), this.#settings.EVENT_PING_MS);
  }

  async start(input: RunInput): Promise<StartReply> {
    const found = this.#found(input.fingerprint);
    if (found) return found;
    const createdAt = Date.now();
    const { RUN_WALL_MS, RUN_RETENTION_MS } = this.#settings;
    // No await between the two: they are stored together or not at all.
    void this.#arm();
    this.#store.create(input, {
      createdAt,
      deadline: createdAt + RUN_WALL_MS,
      expiresAt: createdAt + RUN_RETENTION_MS,
    });
    this.#startLoop();
    this.#claim.release();
    return { outcome: 'created', run: runView(this.#store.read()) };
  }

  async found(fingerprint: string): Promise<StartReply | null> {
    return this.#found(fingerprint) ?? null;
  }

  async claim(fingerprint: string): Promise<StartReply | null> {
    for (;;) {
      const found = this.#found(fingerprint);
      if (found) return found;
      const held = this.#claim.fingerprint;
      if (held !== undefined && held !== fingerprint) return { outcome: 'mismatch' };
      if (held === undefined) break;
      await this.#claim.wait();
    }
    this.#claim.take(fingerprint, CLAIM_MS_MAX);
    return null;
  }

  async release(): Promise<void> {
    this.#claim.release();
  }

  async view(): Promise<Run | null> {
    return this.#store.exists() ? runView(this.#store.read()) : null;
  }

  async reply(): Promise<RunInput['reply'] | null> {
    return this.#store.exists() ? (this.#store.read().input.reply ?? null) : null;
  }

  async summary(): Promise<RunSummary | null> {
    return this.#store.exists() ? summaryView(this.#store.read()) : null;
  }

  async settled(ms: number): Promise<Run | null> {
    if (this.#store.exists() && !isTerminal(this.#store.status())) {
      await new Promise<void>((resolve) => {
        const wake = () => {
          clearTimeout(timer);
          this.#settledWaiters.delete(wake);
          resolve();
        };
        const timer = setTimeout(wake, ms);
        this.#settledWaiters.add(wake);
      });
    }
    return this.view();
  }

  async watch(after: number): Promise<ReadableStream<Uint8Array> | 'ended' | 'full' | null> {
    if (!this.#store.exists()) return null;
    const { events, ended } = this.#eventsAfter(after);
    if (ended && events.length === 0) return 'ended';
    return this.#watchers.full ? 'full' : this.#watchers.add(after);
  }

  async cancel(): Promise<Run | null> {
    if (!this.#store.exists()) return null;
    if (!isTerminal(this.#store.status())) {
      this.#store.cancel(Date.now());
      this.#stop.abort();
      this.#changed();
    }
    return this.view();
  }

  async remove(): Promise<boolean> {
    if (!(await this.cancel())) return false;
    // What the loop still stores, such as the image of a tool, must be there to be deleted.
    await this.#loop;
    if (!this.#store.exists()) return true;
    const { input } = this.#store.read();
    const { DB, IMAGES } = this.#settings;
    await dropImages(IMAGES, input.tenant, await imagesOfRunAlone(DB, input.tenant, input.id));
    await forgetRun(DB, input.tenant, input.id);
    if (this.#store.exists()) this.#store.bury();
    await this.#sleep();
    return true;
  }

  override async alarm(): Promise<void> {
    this.#watchdogAt = 0;
    if (!this.#store.exists()) {
      const until = this.#store.graveUntil();
      if (until === undefined) return;
      if (Date.now() >= until) return this.ctx.storage.deleteAll();
      return this.#settle();
    }
    const { status, expiresAt, input } = this.#store.read();
    if (isTerminal(status)) {
      if (Date.now() < expiresAt) {
        // Neither waits for the other: a limiter that hangs delays no webhook.
        await Promise.all([this.#settle(), this.#deliver()]);
        return;
      }
      await forgetRun(this.#settings.DB, input.tenant, input.id);
      return this.ctx.storage.deleteAll();
    }
    await this.#arm();
    if (this.#loop) return;
    if (this.#store.countResume() > RUN_RESUMES_MAX) {
      this.#store.fail({ code: 'interrupted', message: 'the run was interrupted too often' }, Date.now());
      this.#changed();
    } else {
      this.#startLoop();
    }
  }

  #found(fingerprint: string): StartReply | undefined {
    if (this.#store.graveUntil() !== undefined) return { outcome: 'deleted' };
    if (!this.#store.exists()) return undefined;
    const state = this.#store.read();
    if (state.input.fingerprint !== fingerprint) return { outcome: 'mismatch' };
    return { outcome: 'joined', run: runView(state) };
  }

  #startLoop(): void {
    this.#loop = runLoop(
      createLoopPorts(
        this.#settings,
        this.#store,
        {
          arm: () => this.#arm(),
          changed: () => this.#changed(),
          preview: (index, text, offset) =>
            this.#watchers.preview({ type: 'step.delta', index, offset, text }),
        },
        this.#stop.signal,
      ),
    )
      // Only a storage that fails gets here; the watchdog starts the loop again.
      .catch((error: unknown) =>
        console.error(JSON.stringify({ level: 'error', event: 'loop.broke', cause: String(error) })),
      )
      .finally(() => {
        this.#loop = undefined;
      });
  }

  /**
   * Sees to it that the watchdog stands, at most WATCHDOG_MS from now. One that has more than half of that to go is
   * left as it is: setting an alarm costs a write, and one that fires early finds the loop at work.
   */
  async #arm(): Promise<void> {
    const now = Date.now();
    const { WATCHDOG_MS } = this.#settings;
    if (this.#watchdogAt - now > WATCHDOG_MS / 2) return;
    this.#watchdogAt = now + WATCHDOG_MS;
    try {
      await this.ctx.storage.setAlarm(this.#watchdogAt);
    } catch (error) {
      this.#watchdogAt = 0;
      throw error;
    }
  }

  /** Delivers the webhook of a run that has ended, if that is due, and sleeps until the next thing to do. */
  async #deliver(): Promise<void> {
    const state = this.#store.read();
    const now = Date.now();
    if (state.webhookAt !== undefined && state.webhookAt <= now) {
      // The next attempt is set down before this one: a process that dies in it tries again.
      const attempts = state.webhookAttempts + 1;
      this.#store.countWebhook(nextWebhookAt(attempts, now, this.#settings.WEBHOOK_RETRY_MS, Math.random()));
      await this.#sleep();
      const settled = await deliverWebhook(this.#settings, state, now);
      if (settled && this.#store.exists()) this.#store.webhookDone();
    }
    if (this.#store.exists()) await this.#sleep();
  }

  /** Of a run that has ended: until the limits or the webhook are due, or it is to be forgotten. */
  async #sleep(): Promise<void> {
    const times = [this.#store.settlement.due()?.dueAt, ...this.#timesOfRun()];
    const next = times.filter((time) => time !== undefined);
    if (next.length === 0) return;
    this.#watchdogAt = 0;
    await this.ctx.storage.setAlarm(Math.min(...next));
  }

  /** Whether the watchdog stands and wakes the object before anything of the run itself is due. */
  #isWatched(now: number): boolean {
    const times = this.#timesOfRun().filter((time) => time !== undefined);
    return this.#watchdogAt > now && times.every((time) => time >= this.#watchdogAt);
  }

  #timesOfRun(): Array<number | undefined> {
    if (!this.#store.exists()) return [this.#store.graveUntil()];
    const { expiresAt, webhookAt } = this.#store.read();
    return [expiresAt, webhookAt];
  }

  #changed(): void {
    this.#watchers.update();
    if (!isTerminal(this.#store.status())) return;
    // An alarm stands before its first await, in one transaction with what has ended the run.
    void this.#settle();
    for (const wake of [...this.#settledWaiters]) wake();
  }

  /**
   * Gives the limits back what the run did not use, if that is due. The alarm says it again until it is
   * acknowledged; said again it changes nothing.
   */
  async #settle(): Promise<void> {
    const { settlement } = this.#store;
    const due = settlement.due();
    const now = Date.now();
    if (!due || due.dueAt > now) return this.#sleep();
    settlement.begin(due, now);
    // The watchdog that still stands wakes it too, if later: a write less between the run and its reply.
    if (!this.#isWatched(now)) void this.#sleep();
    if (await settle(this.#settings, due.lease, due.spent)) settlement.acknowledged();
    await this.#sleep();
  }

  #eventsAfter(after: number) {
    const state = this.#store.read();
    const events = this.#store.events(after).map((event) => eventView(event, state));
    return { events, ended: isTerminal(state.status) };
  }
}
