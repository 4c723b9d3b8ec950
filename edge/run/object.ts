/**
 * One run, one Durable Object: its rows, its loop, its watchers, its alarm.
 *
 * The alarm is the watchdog while the run goes on, and the end of retention afterwards. It keeps a
 * run alive that nobody watches, and restarts the loop after a crash.
 */
import { DurableObject } from 'cloudflare:workers';
import { readEnvironment, type Settings } from '#edge/env';
import { settle } from '#edge/limits/index';
import type { Run } from '#shared/api';
import { RUN_RESUMES_MAX } from '#shared/limits';
import { runLoop } from './loop.ts';
import { createLoopPorts } from './ports.ts';
import type { RunInput, RunRpc } from './rpc.ts';
import { isTerminal } from './state.ts';
import { RunStore } from './store.ts';
import { eventView, runView } from './view.ts';
import { Watchers } from './watchers.ts';

export class RunObject extends DurableObject implements RunRpc {
  readonly #settings: Settings;
  readonly #store: RunStore;
  readonly #watchers: Watchers;
  readonly #settledWaiters = new Set<() => void>();
  #loop: Promise<void> | undefined;

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

  async start(input: RunInput): Promise<Run> {
    if (!this.#store.exists()) {
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
    }
    return runView(this.#store.read());
  }

  async view(): Promise<Run | null> {
    return this.#store.exists() ? runView(this.#store.read()) : null;
  }

  async settled(ms: number): Promise<Run | null> {
    if (this.#store.exists() && !isTerminal(this.#store.read().status)) {
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

  override async alarm(): Promise<void> {
    if (!this.#store.exists()) return;
    const { status, expiresAt } = this.#store.read();
    if (isTerminal(status)) {
      await (Date.now() >= expiresAt ? this.ctx.storage.deleteAll() : this.ctx.storage.setAlarm(expiresAt));
      return;
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

  #startLoop(): void {
    this.#loop = runLoop(
      createLoopPorts(this.#settings, this.#store, {
        arm: () => this.#arm(),
        changed: () => this.#changed(),
        preview: (index, text, offset) => this.#watchers.preview({ type: 'step.delta', index, offset, text }),
      }),
    )
      // Only a storage that fails gets here; the watchdog starts the loop again.
      .catch((error: unknown) =>
        console.error(JSON.stringify({ level: 'error', event: 'loop.broke', cause: String(error) })),
      )
      .finally(() => {
        this.#loop = undefined;
      });
  }

  #arm(): Promise<void> {
    return this.ctx.storage.setAlarm(Date.now() + this.#settings.WATCHDOG_MS);
  }

  #changed(): void {
    this.#watchers.update();
    const { status, expiresAt } = this.#store.read();
    if (!isTerminal(status)) return;
    void this.ctx.storage.setAlarm(expiresAt);
    void this.#settle();
    for (const wake of [...this.#settledWaiters]) wake();
  }

  /** Gives the limits back what the run did not use. Said once; said again it changes nothing. */
  async #settle(): Promise<void> {
    const state = this.#store.read();
    if (state.input.lease) await settle(this.#settings, state.input.lease, runView(state).usage);
  }

  #eventsAfter(after: number) {
    const state = this.#store.read();
    const events = this.#store.events(after).map((event) => eventView(event, state));
    return { events, ended: isTerminal(state.status) };
  }
}
