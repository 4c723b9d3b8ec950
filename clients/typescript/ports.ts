/** What the client needs of its surroundings; tests put their own in place. */

export type Ports = {
  fetch(url: string, init: RequestInit): Promise<Response>;
  /** Resolves after `ms`, or rejects with the signal's reason. */
  sleep(ms: number, signal: AbortSignal | undefined): Promise<void>;
  /** At least 0, less than 1. */
  random(): number;
  /** Milliseconds since 1970. */
  now(): number;
};

export const ports: Ports = {
  fetch: (url, init) => fetch(url, init),
  sleep: (ms, signal) =>
    new Promise((resolve, reject) => {
      const stop = (): void => {
        clearTimeout(timer);
        reject(reasonOf(signal));
      };
      const timer = setTimeout(() => {
        signal?.removeEventListener('abort', stop);
        resolve();
      }, ms);
      if (signal?.aborted) stop();
      else signal?.addEventListener('abort', stop, { once: true });
    }),
  random: Math.random,
  now: Date.now,
};

/** React Native knows neither `signal.reason` nor DOMException. */
export function reasonOf(signal: AbortSignal | undefined): unknown {
  return signal?.reason ?? Object.assign(new Error('The operation was aborted.'), { name: 'AbortError' });
}

const BACKOFF_MS_MIN = 500;
const BACKOFF_MS_MAX = 8_000;

/** Full jitter: anything from 0 to a bound that doubles, so that many clients do not come back at once. */
export function backoffMs(attempt: number, random: () => number): number {
  return random() * Math.min(BACKOFF_MS_MAX, BACKOFF_MS_MIN * 2 ** attempt);
}

/** 128 random bits in hex. It must be new, not secret. */
export function newKey(random: () => number): string {
  const bytes = new Uint8Array(16);
  // React Native has no `crypto` of its own.
  if (globalThis.crypto?.getRandomValues) globalThis.crypto.getRandomValues(bytes);
  else for (let index = 0; index < bytes.length; index++) bytes[index] = random() * 256;
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
