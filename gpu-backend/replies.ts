/** Finished replies by idempotency key: a repeated call gets the first one's answer, or joins it. */
import { LRUCache } from 'lru-cache';

const REPLY_TTL_MS = 24 * 60 * 60 * 1000;

export type Replies<Reply extends object> = {
  /**
   * The remembered reply of a key when `valid`, else that of the call now running under it, else
   * that of `run`. Failures are not remembered.
   */
  once(key: string, run: () => Promise<Reply>, valid: (reply: Reply) => boolean): Promise<Reply>;
};

export function createReplies<Reply extends object>(entriesMax: number): Replies<Reply> {
  const finished = new LRUCache<string, Reply>({ max: entriesMax, ttl: REPLY_TTL_MS });
  const running = new Map<string, Promise<Reply>>();
  return {
    once: (key, run, valid) => {
      const reply = finished.get(key);
      if (reply && valid(reply)) return Promise.resolve(reply);
      const current = running.get(key);
      if (current) return current;
      const started = run()
        .then((value) => {
          finished.set(key, value);
          return value;
        })
        .finally(() => running.delete(key));
      running.set(key, started);
      return started;
    },
  };
}
