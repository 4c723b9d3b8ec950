/** A world for the loop: the real rows in `node:sqlite`, a scripted planner and tools, a clock that is set. */
import { DatabaseSync, type SQLInputValue } from 'node:sqlite';
import { type LoopPorts, type PlannerRequest, runLoop } from '#edge/run/loop';
import type { RunInput } from '#edge/run/rpc';
import type { RunState } from '#edge/run/state';
import { RunStore } from '#edge/run/store';
import { eventView } from '#edge/run/view';
import type { SqliteDatabase } from '#edge/storage/sqlite';
import type { RunEvent } from '#shared/api';
import type { Observation } from '#shared/conversation';
import type { Turn } from '#shared/turn';

export class Crash extends Error {}

export type Plan = (request: PlannerRequest) => { turn: Turn; text?: string };

export type WorldOptions = {
  readonly plan: Plan;
  readonly tool?: (name: string, input: Observation, key: string) => Observation;
  readonly maxSteps?: number;
  readonly tools?: readonly string[];
  /** Milliseconds that each planner turn and each tool call take. */
  readonly stepMs?: number;
  readonly wallMs?: number;
};

export const digest = (character: string): string => character.repeat(64);

export function act(name: string, args: Record<string, unknown>, thought = 'go on'): Turn {
  return { thought, actions: [{ name, arguments: args as Observation }] };
}

/** Counts every point where a crash could fall; `crashAt` lets one fall there. */
export class World {
  readonly #database = new DatabaseSync(':memory:');
  readonly #options: WorldOptions;
  readonly requests: PlannerRequest[] = [];
  readonly toolCalls: string[] = [];
  clock = 1_000_000;
  points = 0;
  crashAt = Number.POSITIVE_INFINITY;
  #dead = false;

  constructor(options: WorldOptions) {
    this.#options = options;
    const { maxSteps = 8, tools = ['OCR', 'Crop', 'Calculate', 'Terminate'], wallMs = 120_000 } = options;
    const input: RunInput = {
      id: `run_${'0'.repeat(32)}`,
      tenant: 'tests',
      fingerprint: digest('f'),
      question: 'What is the total?',
      images: [{ id: 'img_a', sha256: digest('a') }],
      tools: tools.map((name) => ({ name, version: '1' })),
      maxSteps,
      cache: 'auto',
    };
    this.store().create(input, {
      createdAt: this.clock,
      deadline: this.clock + wallMs,
      expiresAt: this.clock + 86_400_000,
    });
    this.points = 0;
  }

  /** Runs the loop, and again after each crash, as the watchdog would. Returns how often it was started. */
  async run(): Promise<number> {
    for (let starts = 1; ; starts++) {
      this.#dead = false;
      try {
        await runLoop(this.#ports());
        return starts;
      } catch (error) {
        if (!(error instanceof Crash) || starts > 50) throw error;
      }
    }
  }

  get state(): RunState {
    return this.#quietly(() => this.store().read());
  }

  get events(): RunEvent[] {
    return this.#quietly(() => {
      const state = this.store().read();
      return this.store()
        .events(0)
        .map((event) => eventView(event, state));
    });
  }

  store(): RunStore {
    const database: SqliteDatabase = {
      exec: (query, ...values) => {
        this.#point();
        const statement = this.#database.prepare(query);
        const parameters = values as SQLInputValue[];
        if (/^\s*(SELECT|UPDATE .* RETURNING)/s.test(query)) {
          return statement.all(...parameters) as Record<string, unknown>[];
        }
        statement.run(...parameters);
        return [];
      },
      transaction: (body) => {
        this.#database.exec('BEGIN');
        try {
          const result = body();
          this.#database.exec('COMMIT');
          return result;
        } catch (error) {
          this.#database.exec('ROLLBACK');
          throw error;
        }
      },
    };
    return new RunStore(database);
  }

  #ports(): LoopPorts {
    const { plan, tool = () => ({ text: 'TOTAL 14.20', regions: [] }), stepMs = 10 } = this.#options;
    return {
      store: this.store(),
      now: () => this.clock,
      arm: async () => this.#point(),
      changed: () => undefined,
      preview: () => undefined,
      plan: async (_state, request) => {
        this.#point();
        this.requests.push(structuredClone(request));
        const { turn, text } = plan(request);
        this.clock += stepMs;
        this.#point();
        const usage = { prompt_tokens: 10, cached_tokens: 4, completion_tokens: 2 };
        const timings = { queue_ms: 0, vision_ms: 0, prefill_ms: 0, decode_ms: 0 };
        return { type: 'turn', text: text ?? JSON.stringify(turn), turn, usage, timings };
      },
      act: async (state, index, call) => {
        this.#point();
        const key = `${state.input.id}:${index}:tool`;
        this.toolCalls.push(`${index}:${call.spec.name}`);
        const observation: Observation = tool(call.spec.name, call.arguments, key);
        this.clock += stepMs;
        this.#point();
        const image =
          call.spec.returnsImage && !observation['error']
            ? { image: { id: `img_${index}`, sha256: digest(String(index)) } }
            : {};
        return { observation, ...image, ms: stepMs, cached: false };
      },
      errorOf: (thrown) => {
        if (thrown instanceof Crash) throw thrown;
        return { code: 'internal', message: String(thrown) };
      },
    };
  }

  #point(): void {
    if (this.#dead) throw new Crash('the process is gone');
    this.points += 1;
    if (this.points === this.crashAt) {
      this.#dead = true;
      throw new Crash('the process dies here');
    }
  }

  #quietly<Result>(body: () => Result): Result {
    const { points } = this;
    const wasDead = this.#dead;
    this.#dead = false;
    this.points = Number.NEGATIVE_INFINITY;
    try {
      return body();
    } finally {
      this.points = points;
      this.#dead = wasDead;
    }
  }
}

/** A plan that goes through these turns by step number and repeats the last. */
export function inTurn(...turns: Turn[]): Plan {
  return ({ step }) => ({ turn: turns[Math.min(step, turns.length - 1)] as Turn });
}
