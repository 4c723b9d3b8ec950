/**
 * The program of a child process: `node process.ts planner|vision <ChildOptions as JSON>`.
 * It answers calls over IPC until the parent is gone.
 */
import { flushCompileCache } from 'node:module';
import type { ChildOptions, FromChild, ReadyInfo, Role, ToChild } from '#backend/engine/protocol';
import { ToolFailure } from '#backend/tools/tool';
import { ApiError } from '#shared/errors';

/** One call: `input` as in `Calls`; `onText` streams. */
export type Method = (
  input: never,
  io: { onText(text: string): void; signal: AbortSignal },
) => Promise<unknown>;

export type Service = { readonly info: ReadyInfo; readonly methods: Readonly<Record<string, Method>> };

const services: Readonly<Record<Role, (options: ChildOptions) => Promise<Service>>> = {
  planner: async (options) => (await import('#backend/engine/planner-service')).openPlannerService(options),
  vision: async (options) => (await import('#backend/engine/vision-service')).openVisionService(options),
};

let outbox: FromChild[] = [];

/**
 * What is said until the thread is free again goes together: a pass that ends has something for each of its rows, and to
 * write each by itself, which wakes the reader each time, took a sixth of this thread.
 */
function send(message: FromChild): void {
  outbox.push(message);
  if (outbox.length === 1) process.nextTick(flush);
}

function flush(): void {
  const messages = outbox;
  outbox = [];
  // The callback takes the error of a channel that closed meanwhile.
  process.send?.(messages, undefined, undefined, () => undefined);
}

function failure(id: number, error: unknown, signal: AbortSignal): FromChild {
  if (error instanceof ApiError)
    return { type: 'error', id, code: error.code, message: error.message, extra: error.extra };
  if (signal.aborted)
    return {
      type: 'error',
      id,
      code: 'deadline_exceeded',
      message: 'The call was given up before it ended.',
    };
  if (error instanceof ToolFailure)
    return { type: 'error', id, code: 'invalid_request', message: error.message };
  console.error(error);
  return {
    type: 'error',
    id,
    code: 'internal',
    message: 'The inference process met an error of its own. Its log says more.',
  };
}

async function main(role: Role, options: ChildOptions): Promise<void> {
  const running = new Map<number, AbortController>();
  const service = await services[role](options);

  const answer = async ({ id, method, input }: Extract<ToChild, { type: 'call' }>): Promise<void> => {
    const controller = new AbortController();
    running.set(id, controller);
    try {
      const run = service.methods[method];
      if (!run) throw new ApiError('internal', `The ${role} process has no method ${method}.`);
      const onText = (text: string): void => send({ type: 'text', id, text });
      send({ type: 'result', id, value: await run(input as never, { onText, signal: controller.signal }) });
    } catch (error) {
      send(failure(id, error, controller.signal));
    } finally {
      running.delete(id);
    }
  };

  process.on('message', (message: ToChild) => {
    if (message.type === 'call') void answer(message);
    else running.get(message.id)?.abort();
  });
  send({ type: 'ready', info: service.info });
  // Where a cache of code is on: it is written by an orderly exit, and this process has none.
  flushCompileCache();
}

// The parent decides when a child ends; a terminal's Ctrl-C goes to the whole process group.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => undefined);
// SIGKILL: an orderly exit in the middle of a model run aborts with a core dump.
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));

const [role, options] = process.argv.slice(2);
if (role !== 'planner' && role !== 'vision') throw new Error(`expected planner or vision, got ${role}`);
try {
  await main(role, JSON.parse(options ?? '{}') as ChildOptions);
} catch (error) {
  // A model that does not load: its message says what is wrong with which file.
  const known = error instanceof Error && error.name === 'CheckpointError';
  console.error(known ? error.message : error);
  process.exit(1);
}
