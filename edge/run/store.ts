/**
 * The run's rows in SQLite: one run, its steps, its events. Each transition is one transaction that
 * changes state and adds the event together. An event is its place in the order and what it is about;
 * its content is read from the rows, so the two can never disagree.
 */
import * as z from 'zod';
import { firstRow, hasTable, type SqliteDatabase } from '#edge/storage/sqlite';
import type { RunError, RunStatus } from '#shared/api';
import { runError, runStatus } from '#shared/api';
import { stepUsage } from '#shared/contract';
import { observation } from '#shared/conversation';
import { turn } from '#shared/turn';
import type { RunInput } from './rpc.ts';
import { Settlement } from './settlement.ts';
import { type Ending, endings, type RunState, type StepOutcome, type StepState, usageOf } from './state.ts';

export type EventType =
  | 'run.started'
  | 'step.started'
  | 'step.completed'
  | 'tool.completed'
  | 'run.completed'
  | 'run.failed'
  | 'run.canceled';

export type StoredEvent = { readonly seq: number; readonly type: EventType; readonly step: number };

const SCHEMA = [
  `CREATE TABLE run (
    only_one INTEGER PRIMARY KEY CHECK (only_one = 1), input TEXT NOT NULL, status TEXT NOT NULL, answer TEXT, error TEXT,
    resumes INTEGER NOT NULL, created_at INTEGER NOT NULL, deadline INTEGER NOT NULL, expires_at INTEGER NOT NULL,
    finished_at INTEGER, webhook_at INTEGER, webhook_attempts INTEGER NOT NULL DEFAULT 0)`,
  'CREATE TABLE steps (step INTEGER PRIMARY KEY, final INTEGER NOT NULL, turn TEXT, outcome TEXT)',
  // The second key is what keeps a repeated transition from adding its event twice.
  'CREATE TABLE events (seq INTEGER PRIMARY KEY, type TEXT NOT NULL, step INTEGER NOT NULL, UNIQUE (type, step))',
];

/** Stands for "no step" in an event of the run as a whole; SQLite would take every NULL for unique. */
const WHOLE_RUN = -1;

const runRow = z.object({
  input: z.string(),
  status: runStatus,
  answer: z.string().nullable(),
  error: z.string().nullable(),
  resumes: z.number(),
  created_at: z.number(),
  deadline: z.number(),
  expires_at: z.number(),
  finished_at: z.number().nullable(),
  webhook_at: z.number().nullable(),
  webhook_attempts: z.number(),
});

const stepRow = z.object({
  step: z.number(),
  final: z.number(),
  turn: z.string().nullable(),
  outcome: z.string().nullable(),
});

const storedTurn = z.object({ text: z.string(), turn, usage: stepUsage, ms: z.number() });
const storedOutcome = z.object({
  observation,
  image: z.object({ id: z.string(), sha256: z.string() }).exactOptional(),
  ms: z.number(),
  cached: z.boolean(),
  tool: z.string().exactOptional(),
});

type Planned = NonNullable<StepState['turn']>;

export class RunStore {
  readonly #database: SqliteDatabase;
  readonly settlement: Settlement;
  /** What a stored run never changes again, parsed once: its input, and the steps that have their outcome. */
  #input: RunInput | undefined;
  #complete: StepState[] = [];

  constructor(database: SqliteDatabase) {
    this.#database = database;
    this.settlement = new Settlement(database);
  }

  exists(): boolean {
    return hasTable(this.#database, 'run');
  }

  create(input: RunInput, times: Pick<RunState, 'createdAt' | 'deadline' | 'expiresAt'>): void {
    this.#forget();
    this.#database.transaction(() => {
      for (const statement of SCHEMA) this.#database.exec(statement);
      this.#database.exec(
        `INSERT INTO run (only_one, input, status, resumes, created_at, deadline, expires_at)
          VALUES (1, ?, 'queued', 0, ?, ?, ?)`,
        JSON.stringify(input),
        times.createdAt,
        times.deadline,
        times.expiresAt,
      );
      this.settlement.prepare();
      this.#append('run.started');
    });
  }

  read(): RunState {
    const row = runRow.parse(this.#one('SELECT * FROM run'));
    this.#input ??= JSON.parse(row.input) as RunInput;
    return {
      input: this.#input,
      status: row.status,
      ...(row.answer === null ? {} : { answer: row.answer }),
      ...(row.error === null ? {} : { error: runError.parse(JSON.parse(row.error)) }),
      resumes: row.resumes,
      createdAt: row.created_at,
      deadline: row.deadline,
      expiresAt: row.expires_at,
      ...(row.finished_at === null ? {} : { finishedAt: row.finished_at }),
      ...(row.webhook_at === null ? {} : { webhookAt: row.webhook_at }),
      webhookAttempts: row.webhook_attempts,
      steps: this.#steps(),
    };
  }

  status(): RunStatus {
    return runStatus.parse(this.#one('SELECT status FROM run')?.['status']);
  }

  /** Events after a cursor, in order. */
  events(after: number): StoredEvent[] {
    const rows = this.#database.exec('SELECT seq, type, step FROM events WHERE seq > ? ORDER BY seq', after);
    return [...rows].map((row) => ({
      seq: Number(row['seq']),
      type: String(row['type']) as EventType,
      step: Number(row['step']),
    }));
  }

  /** Counts one more resumption after a crash and returns how many there were. */
  countResume(): number {
    return Number(this.#one('UPDATE run SET resumes = resumes + 1 RETURNING resumes')?.['resumes']);
  }

  /** Begins a step, or finds the one that a crash has left; says whether it must be the answer. */
  begin(step: number, final: boolean): { final: boolean } {
    return this.#database.transaction(() => {
      if (!this.#isOpen()) return { final };
      this.#database.exec(`UPDATE run SET status = 'running' WHERE status = 'queued'`);
      this.#database.exec('INSERT OR IGNORE INTO steps (step, final) VALUES (?, ?)', step, final ? 1 : 0);
      this.#append('step.started', step);
      return { final: this.#one('SELECT final FROM steps WHERE step = ?', step)?.['final'] === 1 };
    });
  }

  /** A turn whose tool is still to be called. */
  recordTurn(step: number, planned: Planned): void {
    this.#whileOpen(() => this.#saveTurn(step, planned));
  }

  /** A turn that could not be carried out, and what the planner is told about it. */
  recordMend(step: number, planned: Planned, outcome: StepOutcome): void {
    this.#whileOpen(() => {
      this.#saveTurn(step, planned);
      this.#saveOutcome(step, outcome);
    });
  }

  recordAnswer(step: number, planned: Planned, answer: string, now: number): void {
    this.#whileOpen(() => {
      this.#saveTurn(step, planned);
      this.#finish('succeeded', answer, null, now);
    });
  }

  recordOutcome(step: number, outcome: StepOutcome): void {
    this.#whileOpen(() => this.#saveOutcome(step, outcome));
  }

  fail(error: RunError, now: number): void {
    this.#whileOpen(() => this.#finish('failed', null, error, now));
  }

  cancel(now: number): void {
    this.#whileOpen(() => this.#finish('canceled', null, null, now));
  }

  /** Counts an attempt to deliver the webhook, and says when the next is due if this one fails. */
  countWebhook(nextAt: number | undefined): void {
    this.#database.exec(
      'UPDATE run SET webhook_attempts = webhook_attempts + 1, webhook_at = ?',
      nextAt ?? null,
    );
  }

  webhookDone(): void {
    this.#database.exec('UPDATE run SET webhook_at = NULL');
  }

  /** Forgets the run but for what keeps a late repetition of its request from starting it anew. */
  bury(): void {
    const { input, expiresAt } = this.read();
    this.#forget();
    this.#database.transaction(() => {
      for (const table of ['run', 'steps', 'events']) this.#database.exec(`DROP TABLE ${table}`);
      this.#database.exec('CREATE TABLE grave (fingerprint TEXT NOT NULL, expires_at INTEGER NOT NULL)');
      this.#database.exec('INSERT INTO grave VALUES (?, ?)', input.fingerprint, expiresAt);
    });
  }

  /** When a run that was deleted may be forgotten altogether. */
  graveUntil(): number | undefined {
    if (!hasTable(this.#database, 'grave')) return undefined;
    return Number(this.#one('SELECT expires_at FROM grave')?.['expires_at']);
  }

  #steps(): StepState[] {
    const rows = this.#database.exec(
      'SELECT * FROM steps WHERE step >= ? ORDER BY step',
      this.#complete.length,
    );
    const open: StepState[] = [];
    for (const step of [...rows].map(readStep)) {
      if (step.outcome && open.length === 0) this.#complete.push(step);
      else open.push(step);
    }
    return [...this.#complete, ...open];
  }

  #forget(): void {
    this.#input = undefined;
    this.#complete = [];
  }

  #isOpen(): boolean {
    return this.#one(`SELECT 1 FROM run WHERE status IN ('queued', 'running')`) !== undefined;
  }

  /** A step that was in progress when the run was canceled changes nothing any more. */
  #whileOpen(change: () => void): void {
    this.#database.transaction(() => {
      if (this.#isOpen()) change();
    });
  }

  #one(query: string, ...bindings: Array<string | number | null>): Record<string, unknown> | undefined {
    return firstRow(this.#database, query, ...bindings);
  }

  #append(type: EventType, step = WHOLE_RUN): void {
    this.#database.exec(
      'INSERT OR IGNORE INTO events (seq, type, step) SELECT coalesce(max(seq), 0) + 1, ?, ? FROM events',
      type,
      step,
    );
  }

  #saveTurn(step: number, planned: Planned): void {
    this.#database.exec(
      'UPDATE steps SET turn = ? WHERE step = ? AND turn IS NULL',
      JSON.stringify(planned),
      step,
    );
    this.#append('step.completed', step);
  }

  #saveOutcome(step: number, outcome: StepOutcome): void {
    this.#database.exec(
      'UPDATE steps SET outcome = ? WHERE step = ? AND outcome IS NULL',
      JSON.stringify(outcome),
      step,
    );
    this.#append('tool.completed', step);
  }

  #finish(status: Ending, answer: string | null, error: RunError | null, now: number): void {
    this.#database.exec(
      `UPDATE run SET status = ?1, answer = ?2, error = ?3, finished_at = ?4,
        webhook_at = CASE WHEN json_extract(input, '$.webhook') IS NULL THEN NULL ELSE ?4 END`,
      status,
      answer,
      error && JSON.stringify(error),
      now,
    );
    this.#append(endings[status]);
    const state = this.read();
    if (state.input.lease) this.settlement.note(state.input.lease, usageOf(state), now);
  }
}

function readStep(row: Record<string, unknown>): StepState {
  const { step, final, turn: planned, outcome } = stepRow.parse(row);
  return {
    index: step,
    final: final === 1,
    ...(planned === null ? {} : { turn: storedTurn.parse(JSON.parse(planned)) }),
    ...(outcome === null ? {} : { outcome: storedOutcome.parse(JSON.parse(outcome)) }),
  };
}
