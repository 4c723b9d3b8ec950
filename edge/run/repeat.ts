/**
 * Tells a repeated request from a new one. With `Idempotency-Key` the run's id follows from the key, so
 * that however many requests come at once, all of them mean one object and it starts once. OpenAI's SDKs
 * send no key but count their retries: such a retry means the run that the same body began a moment ago.
 * Others, such as the AI SDK, say nothing at all. There, the same body means the earlier run only if the client of
 * that one left while it was going on, and only once: who has an answer, or still waits for one, and asks again
 * wants another run.
 */
import type { Settings } from '#edge/env';
import type { Principal } from '#edge/principal';
import type { AppContext } from '#edge/route';
import { sha256Hex } from '#edge/storage/digest';
import { abandonRun, recentRun, takeUpRun } from '#edge/storage/runs';
import { ApiError } from '#shared/errors';
import { ABANDONED_RUN_MS_MAX, IDEMPOTENCY_KEY_CHARS_MAX, IMPLIED_RETRY_MS_MAX } from '#shared/limits';
import { runStub } from './rpc.ts';

/** What a request says about itself when it wants a run. */
export type Attempt = {
  /** Method and path, such as `POST /v1/runs`. */
  readonly route: string;
  readonly bodySha256: string;
  readonly idempotencyKey?: string;
  /** The SDK says that it has sent this body before. */
  readonly isRetry: boolean;
};

export type RunIdentity = {
  readonly id: string;
  /** Whether the run may be there already. */
  readonly mayExist: boolean;
};

/** @throws ApiError `invalid_idempotency_key` */
export function attemptOf(c: AppContext, bodySha256: string): Attempt {
  const key = c.req.header('idempotency-key');
  return {
    route: `${c.req.method} ${c.req.path}`,
    bodySha256,
    ...(key === undefined ? {} : { idempotencyKey: readIdempotencyKey(key) }),
    isRetry: /^[1-9]\d{0,3}$/.test(c.req.header('x-stainless-retry-count') ?? ''),
  };
}

/** The draft writes the value in quotes, practice does without: both mean the same key. */
export function readIdempotencyKey(header: string): string {
  const quoted = /^"((?:[\x20-\x21\x23-\x5b\x5d-\x7e]|\\["\\])*)"$/.exec(header)?.[1];
  const key = quoted === undefined ? header : quoted.replace(/\\(["\\])/g, '$1');
  if (key.length > 0 && key.length <= IDEMPOTENCY_KEY_CHARS_MAX && /^[\x20-\x7e]*$/.test(key)) return key;
  throw new ApiError(
    'invalid_idempotency_key',
    `expected 1 to ${IDEMPOTENCY_KEY_CHARS_MAX} printable ASCII characters in Idempotency-Key, such as a UUID; got ${key.length}`,
  );
}

export async function identify(
  settings: Settings,
  { tenant, keyId }: Principal,
  attempt: Attempt,
  now: number,
): Promise<RunIdentity> {
  const { idempotencyKey, route, bodySha256 } = attempt;
  if (idempotencyKey !== undefined) {
    const digest = await sha256Hex([tenant, route, idempotencyKey].join('\n'));
    return { id: `run_${digest.slice(0, 32)}`, mayExist: true };
  }
  const asked = { tenant, keyId, route, bodySha256 };
  const earlier = attempt.isRetry
    ? await recentRun(settings.DB, asked, now - IMPLIED_RETRY_MS_MAX)
    : await takeUpRun(settings.DB, asked, now - ABANDONED_RUN_MS_MAX);
  // A run that failed is no answer: without a key, the retry asks for another try.
  const ended = earlier && (await runStub(settings.RUNS, tenant, earlier).found(bodySha256));
  const worthless = ended && (!('run' in ended) || ended.run.status === 'failed');
  if (earlier && !worthless) return { id: earlier, mayExist: true };
  return { id: `run_${crypto.randomUUID().replaceAll('-', '')}`, mayExist: false };
}

/**
 * Notes the run as abandoned if the client leaves while it goes on. Of one that has ended the answer was on its way,
 * and a client may well close a stream as soon as it has read it. With a key, a retry is known anyway.
 */
export function noteDeparture(
  c: AppContext,
  attempt: Attempt,
  started: Promise<{ run: { id: string } }>,
): void {
  if (attempt.idempotencyKey !== undefined) return;
  const { settings, principal } = c.var;
  const note = async () => {
    const { run } = await started;
    const found = await runStub(settings.RUNS, principal.tenant, run.id).summary();
    if (found === null || found.finished_at !== undefined) return;
    await abandonRun(settings.DB, principal.tenant, run.id, Date.now());
  };
  c.req.raw.signal.addEventListener('abort', () => c.executionCtx.waitUntil(note().catch(() => undefined)), {
    once: true,
  });
}
