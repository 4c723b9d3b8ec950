/** Runs: started once whatever the network does, waited for, and watched without a gap. */
import { ConnectionError } from './errors.ts';
import { eventsOf, type RunEvent } from './events.ts';
import type { components } from './generated/api.ts';
import type { Http } from './http.ts';
import { backoffMs, newKey, type Ports } from './ports.ts';

export type Run = components['schemas']['Run'];
export type RunRequest = components['schemas']['RunRequest'];
export type RunPage = components['schemas']['RunList'];

export type RequestOptions = { readonly signal?: AbortSignal };
export type CreateOptions = RequestOptions & {
  /** One per question that a person asks; made anew when left out. Keep it to ask again after a restart of the app. */
  readonly idempotencyKey?: string;
};

export type Runs = {
  /** Starts a run and waits for its end; with `background: true` it gives the run as it was started. */
  create(request: RunRequest, options?: CreateOptions): Promise<Run>;
  /** Starts a run and gives its events as they happen; returns the finished run. */
  stream(request: RunRequest, options?: CreateOptions): AsyncGenerator<RunEvent, Run>;
  /** A page of the runs of the last day, newest first; ask on with its `next_cursor` while there is one. */
  list(options?: RequestOptions & { readonly limit?: number; readonly cursor?: string }): Promise<RunPage>;
  /** The run as it stands. */
  get(id: string, options?: RequestOptions): Promise<Run>;
  /** Waits for the end of a run. */
  wait(id: string, options?: RequestOptions): Promise<Run>;
  /** The events of a run after event number `after`, all when left out; returns the finished run. */
  watch(id: string, options?: RequestOptions & { readonly after?: number }): AsyncGenerator<RunEvent, Run>;
  /** Ends a run where it stands; one that has ended stays as it is. */
  cancel(id: string, options?: RequestOptions): Promise<Run>;
  /** Ends a run and has it forgotten. One that is gone already is no error. */
  delete(id: string, options?: RequestOptions): Promise<void>;
};

export type RunsOptions = {
  readonly http: Http;
  readonly ports: Ports;
  /** Cuts in a row without one new event in between, before the client gives up. */
  readonly reconnects: number;
  /** A stream that is silent for longer counts as broken. */
  readonly idleMs: number;
};

/** Shorter than the time after which phones and proxies close a connection that says nothing. */
const WAIT = 'wait=25';
const EVENT_STREAM = 'text/event-stream';

export function createRuns({ http, ports, reconnects, idleMs }: RunsOptions): Runs {
  const start = (request: RunRequest, key: string, accept: string, signal?: AbortSignal): Promise<Response> =>
    http.send({
      method: 'POST',
      path: '/v1/runs',
      headers: { 'content-type': 'application/json', accept, prefer: WAIT, 'idempotency-key': key },
      body: JSON.stringify(request),
      signal,
    });

  const read = async (id: string, prefer: Record<string, string>, signal?: AbortSignal): Promise<Run> => {
    const response = await http.send({ method: 'GET', path: pathOf(id), headers: prefer, signal });
    return (await response.json()) as Run;
  };

  const wait = async (id: string, signal?: AbortSignal): Promise<Run> => {
    for (;;) {
      const run = await read(id, { prefer: WAIT }, signal);
      if (isFinished(run)) return run;
    }
  };

  /** Follows a run through cuts. `open` connects anew, to go on after the event that was seen last. */
  async function* follow(
    open: (seen: { id: string | undefined; after: number }) => Promise<Response>,
    from: { id?: string; after: number },
    signal?: AbortSignal,
  ): AsyncGenerator<RunEvent, Run> {
    let { id, after } = from;
    for (let cuts = 0; cuts <= reconnects; cuts++) {
      if (cuts > 0) await ports.sleep(backoffMs(cuts - 1, ports.random), signal);
      const response = await open({ id, after });
      id ??= idIn(response.headers.get('location'));
      if (!response.headers.get('content-type')?.startsWith(EVENT_STREAM)) {
        // No stream: the run itself, or 204 because it has ended and all its events were seen.
        id ??= response.status === 204 ? undefined : ((await response.json()) as Run).id;
        if (id !== undefined && response.status === 204) return await wait(id, signal);
        continue;
      }
      for await (const event of eventsOf(response, { signal, idleMs })) {
        if ('seq' in event) {
          if (event.seq <= after) continue;
          after = event.seq;
          cuts = 0;
        }
        if (event.type === 'run.started') id = event.run_id;
        yield event;
        // Only the last event of a run bears the run.
        if ('run' in event) return event.run;
      }
    }
    throw new ConnectionError(
      `the stream of run ${id ?? '(not started)'} broke off ${reconnects + 1} times in a row`,
    );
  }

  const resume = (id: string, after: number, signal?: AbortSignal): Promise<Response> =>
    http.send({
      method: 'GET',
      path: `${pathOf(id)}/events`,
      headers: { accept: EVENT_STREAM, 'last-event-id': String(after) },
      signal,
    });

  return {
    list: async ({ limit, cursor, signal } = {}) => {
      const query = new URLSearchParams({
        ...(limit === undefined ? {} : { limit: String(limit) }),
        ...(cursor === undefined ? {} : { cursor }),
      }).toString();
      const path = query === '' ? '/v1/runs' : `/v1/runs?${query}`;
      const response = await http.send({ method: 'GET', path, signal });
      return (await response.json()) as RunPage;
    },
    cancel: async (id, { signal } = {}) => {
      const response = await http.send({ method: 'POST', path: `${pathOf(id)}/cancel`, signal });
      return (await response.json()) as Run;
    },
    delete: (id, { signal } = {}) => http.remove({ path: pathOf(id), signal }),
    get: (id, { signal } = {}) => read(id, {}, signal),
    wait: (id, { signal } = {}) => wait(id, signal),
    create: async (request, { idempotencyKey = newKey(ports.random), signal } = {}) => {
      const response = await start(request, idempotencyKey, 'application/json', signal);
      const run = (await response.json()) as Run;
      return request.background || isFinished(run) ? run : await wait(run.id, signal);
    },
    stream: (request, { idempotencyKey = newKey(ports.random), signal } = {}) =>
      follow(
        ({ id, after }) =>
          id === undefined ? start(request, idempotencyKey, EVENT_STREAM, signal) : resume(id, after, signal),
        { after: 0 },
        signal,
      ),
    watch: (id, { after = 0, signal } = {}) =>
      follow((seen) => resume(id, seen.after, signal), { id, after }, signal),
  };
}

function isFinished(run: Run): boolean {
  return run.finished_at !== undefined;
}

function pathOf(id: string): string {
  return `/v1/runs/${encodeURIComponent(id)}`;
}

function idIn(location: string | null): string | undefined {
  return /\/v1\/runs\/(run_\w+)$/.exec(location ?? '')?.[1];
}
