/** A client that loses nothing: it sends until it is answered, and takes a stream up where it broke off. */
import type { Run, RunEvent } from '#shared/api';
import { eventsOf } from '../clients/typescript/events.ts';
import { checkReply } from '../tests/spec/reply.ts';

type Edge = { readonly url: string; readonly key: string };
type Wish = { readonly body: string; readonly headers?: Readonly<Record<string, string>> };

export type Sent<Reply> = { readonly reply: Reply; readonly resent: number };

export type Watched = {
  readonly id: string;
  /** `seq` of every event, in the order in which they came. */
  readonly seen: readonly number[];
  readonly reconnects: number;
  readonly resent: number;
  /** By `performance.now()`. */
  readonly endedAt: number;
};

const RETRY_MS = 150;
const RETRIES_MAX = 2_000;
const SILENCE_MS_MAX = 30_000;

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** GET, or POST with a body. @throws Error for a refusal, which repeating would not mend. */
export async function sendUntilAnswered<Reply>(
  { url, key }: Edge,
  path: string,
  wish?: Wish,
): Promise<Sent<Reply>> {
  for (let resent = 0; resent < RETRIES_MAX; resent++) {
    const reply = await attempt<Reply>(`${url}${path}`, key, wish);
    if (reply !== undefined) return { reply, resent };
    await pause(RETRY_MS);
  }
  throw new Error(`${path} was not answered`);
}

/** Undefined when it is worth another attempt. */
async function attempt<Reply>(url: string, key: string, wish: Wish | undefined): Promise<Reply | undefined> {
  let status: number;
  let text: string;
  try {
    const response = await fetch(url, {
      signal: AbortSignal.timeout(SILENCE_MS_MAX),
      ...(wish ? { method: 'POST', body: wish.body } : {}),
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...wish?.headers },
    });
    status = response.status;
    // What bears no id of ours was said by a runtime that was just being killed.
    if (response.headers.has('x-request-id'))
      await checkReply(wish ? 'POST' : 'GET', new URL(url).pathname, response);
    text = await response.text();
  } catch {
    return undefined;
  }
  if (status < 300) return JSON.parse(text) as Reply;
  // A Worker that was cut off says 500 by itself, 409 means that another request is at it.
  if (status >= 500 || status === 409 || status === 429) return undefined;
  throw new Error(`${url}: ${status} ${text}`);
}

/** Reads the events of a run to its end, with its last id after each cut. `onEvent` hears each as it comes. */
export async function followRun(
  { url, key }: Edge,
  { reply, resent }: Sent<Run>,
  onEvent: (run: string, seq: number) => void,
): Promise<Watched> {
  const seen: number[] = [];
  for (let reconnects = 0; reconnects < RETRIES_MAX; reconnects++) {
    try {
      const path = `/v1/runs/${reply.id}/events`;
      let response = await fetch(url + path, {
        headers: { authorization: `Bearer ${key}`, 'last-event-id': String(seen.at(-1) ?? 0) },
      });
      if (response.headers.has('x-request-id')) response = await checkReply('GET', path, response);
      if (response.ok) {
        for await (const read of eventsOf(response)) {
          const event = read as RunEvent;
          if ('seq' in event) {
            seen.push(event.seq);
            onEvent(reply.id, event.seq);
          }
          if ('run' in event) return { id: reply.id, seen, reconnects, resent, endedAt: performance.now() };
        }
      }
    } catch {
      // Cut: taken up again below.
    }
    await pause(RETRY_MS);
  }
  throw new Error(`the run ${reply.id} has no end; seen ${seen.join()}`);
}
