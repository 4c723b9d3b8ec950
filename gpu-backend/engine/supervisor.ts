/**
 * Keeps one child process alive and talks to it. A child that dies takes its pending calls with
 * it (`backend_unavailable`, which a caller may repeat) and is started again, slower each time it
 * fails in a row. A call that outlives its wall limit has its child killed: a blocked thread can
 * be stopped in no other way.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { getPriority, setPriority } from 'node:os';
import type { Calls, ChildOptions, FromChild, ReadyInfo, Role, ToChild } from '#backend/engine/protocol';
import { HEAP } from '#backend/heap';
import { ApiError } from '#shared/errors';

const BACKOFF_MS_MIN = 200;
const BACKOFF_MS_MAX = 10_000;
/** A child that lived this long was healthy: its next failure counts as the first. */
const HEALTHY_MS = 30_000;

const NICENESS_MAX = 19;

export type SupervisorState = 'starting' | 'ready' | 'backoff' | 'stopped';

export type CallOptions = {
  /** Milliseconds after which the child is killed. */
  readonly wallMs: number;
  /** Aborted: the call rejects at once, and the child is told to stop. */
  readonly signal: AbortSignal;
  readonly onText?: (text: string) => void;
};

export type Call<Result> = {
  readonly result: Promise<Result>;
  /** Resolves when the child no longer works on the call, which may be after `result` rejected. */
  readonly idle: Promise<void>;
};

export type Supervisor<R extends Role> = {
  readonly state: SupervisorState;
  /** Of the last start that succeeded; undefined before the first. */
  readonly info: ReadyInfo | undefined;
  readonly pid: number | undefined;
  call<Method extends keyof Calls[R] & string>(
    method: Method,
    input: InputOf<Calls[R][Method]>,
    options: CallOptions,
  ): Call<ResultOf<Calls[R][Method]>>;
  /** Kills the child and starts no other. */
  stop(): Promise<void>;
};

type InputOf<T> = T extends { input: infer Input } ? Input : never;
type ResultOf<T> = T extends { result: infer Result } ? Result : never;

type Pending = {
  readonly message: Extract<ToChild, { type: 'call' }>;
  readonly onText: ((text: string) => void) | undefined;
  /** Whether the child has been told. */
  sent: boolean;
  settle(outcome: { value: unknown } | { error: ApiError }): void;
};

export type SupervisorOptions = {
  readonly role: Role;
  /** The program of the child. */
  readonly program: URL;
  readonly child: ChildOptions;
  /**
   * How much less important a ready child is than this process to a scheduler that has too few cores: an answer that
   * takes a tenth of a millisecond must not wait until a model's pass has used up its time slice. None when left out.
   */
  readonly niceness?: number;
  readonly log: (event: string, fields: Readonly<Record<string, unknown>>) => void;
};

export function startSupervisor<R extends Role>(
  options: SupervisorOptions & { readonly role: R },
): Supervisor<R> {
  // `Calls` types what a child of this role is asked; the class below only carries messages.
  return new ChildSupervisor(options) as Supervisor<R>;
}

class ChildSupervisor {
  state: SupervisorState = 'starting';
  info: ReadyInfo | undefined;
  readonly #options: SupervisorOptions;
  readonly #pending = new Map<number, Pending>();
  #child: ChildProcess | undefined;
  #restart: NodeJS.Timeout | undefined;
  #failures = 0;
  #lastId = 0;

  constructor(options: SupervisorOptions) {
    this.#options = options;
    this.#start();
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  call(method: string, input: unknown, { wallMs, signal, onText }: CallOptions): Call<unknown> {
    const id = ++this.#lastId;
    const { promise: result, resolve, reject } = Promise.withResolvers<unknown>();
    const idle = Promise.withResolvers<void>();
    if (this.state === 'backoff' || this.state === 'stopped') {
      reject(unavailable(this.#options.role));
      idle.resolve();
      return { result, idle: idle.promise };
    }
    const kill = setTimeout(() => {
      this.#options.log('call_overdue', { role: this.#options.role, method, wall_ms: wallMs });
      reject(new ApiError('deadline_exceeded', `Expected an end within ${wallMs} ms; the call was stopped.`));
      this.#child?.kill('SIGKILL');
    }, wallMs);
    const abort = (): void => {
      reject(abortError(signal));
      if (entry.sent) this.#child?.send({ type: 'cancel', id } satisfies ToChild);
      else entry.settle({ error: abortError(signal) });
    };
    const entry: Pending = {
      message: { type: 'call', id, method, input },
      onText: onText && ((text) => signal.aborted || onText(text)),
      sent: false,
      settle: (outcome) => {
        this.#pending.delete(id);
        clearTimeout(kill);
        signal.removeEventListener('abort', abort);
        if ('value' in outcome) resolve(outcome.value);
        else reject(outcome.error);
        idle.resolve();
      },
    };
    this.#pending.set(id, entry);
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
    if (this.state === 'ready' && this.#pending.has(id)) this.#send(entry);
    return { result, idle: idle.promise };
  }

  async stop(): Promise<void> {
    this.state = 'stopped';
    clearTimeout(this.#restart);
    const last = this.#child;
    if (!last) return;
    const gone = new Promise((resolve) => last.once('exit', resolve));
    last.kill('SIGKILL');
    await gone;
  }

  #start(): void {
    const { program, role, child: childOptions } = this.#options;
    this.state = 'starting';
    const startedAt = performance.now();
    const child = fork(program, [role, JSON.stringify(childOptions)], {
      execArgv: [...process.execArgv, ...HEAP.model],
      serialization: 'advanced',
      // The child's words go to our standard error: standard output belongs to the caller of a command.
      stdio: ['ignore', 2, 2, 'ipc'],
    });
    this.#child = child;
    child.on('message', (messages) => {
      for (const message of messages as readonly FromChild[]) this.#receive(message);
    });
    child.on('error', (error) => {
      // Without a number it never ran, and no 'exit' will come; else it is a message to one that has just died.
      if (child.pid === undefined) this.#died(error.message, startedAt);
    });
    child.on('exit', (code, signal) => this.#died(signal ?? `exit code ${code}`, startedAt));
  }

  #send(entry: Pending): void {
    entry.sent = true;
    this.#child?.send(entry.message satisfies ToChild);
  }

  #receive(message: FromChild): void {
    if (message.type === 'ready') {
      this.state = 'ready';
      this.info = message.info;
      standBehind(this.pid, this.#options.niceness ?? 0);
      this.#options.log('child_ready', { role: this.#options.role, pid: this.pid });
      for (const entry of this.#pending.values()) this.#send(entry);
      return;
    }
    const entry = this.#pending.get(message.id);
    if (message.type === 'text') return entry?.onText?.(message.text);
    if (message.type === 'result') return entry?.settle({ value: message.value });
    entry?.settle({ error: new ApiError(message.code, message.message, { extra: message.extra ?? {} }) });
  }

  #died(reason: string, startedAt: number): void {
    const { role, log } = this.#options;
    this.#child = undefined;
    this.#failures = performance.now() - startedAt > HEALTHY_MS ? 1 : this.#failures + 1;
    const waitMs = Math.min(BACKOFF_MS_MAX, BACKOFF_MS_MIN * 2 ** (this.#failures - 1));
    if (this.state !== 'stopped') {
      this.state = 'backoff';
      log('child_died', { role, reason, restart_ms: waitMs });
      this.#restart = setTimeout(() => this.#start(), waitMs);
    }
    for (const entry of this.#pending.values()) entry.settle({ error: unavailable(role) });
  }
}

function standBehind(pid: number | undefined, niceness: number): void {
  if (pid === undefined || niceness === 0) return;
  try {
    setPriority(pid, Math.min(NICENESS_MAX, getPriority() + niceness));
  } catch {
    // It has died already, or the system has no priorities: then all are equal.
  }
}

function unavailable(role: Role): ApiError {
  return new ApiError(
    'backend_unavailable',
    `The ${role} process has stopped and is being started again. Repeat the call.`,
    {
      headers: { 'Retry-After': '1' },
    },
  );
}

/** What an aborted call rejects with: the signal's reason where that is one of ours. */
function abortError(signal: AbortSignal): ApiError {
  return signal.reason instanceof ApiError
    ? signal.reason
    : new ApiError('deadline_exceeded', 'The call was given up before it ended.');
}
