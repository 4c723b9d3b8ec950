/**
 * Tells a repeated request from a new one. With `Idempotency-Key` the run's id follows from the key, so
 * that however many requests come at once, all of them mean one object and it starts once. OpenAI's SDKs
 * send no key but count their retries: such a retry means the run that the same body began a moment ago.
 * Others say nothing at all. There, the same body means the earlier run only if the client of that one left while it
 * was going on, and only once: who has an answer, or still waits for one, and asks again wants another run. The AI SDK
 * says at least who it is: from it, the same body in the seconds in which it would repeat a request means that run
 * whose answer, wholly sent, was lost on its way.
 */
import { stubOf } from '#edge/keys/rpc';
import type { Asked, Meaning } from '#edge/limits/terms';
import type { Principal } from '#edge/principal';
import type { AppContext } from '#edge/route';
import { sha256Hex } from '#edge/storage/digest';
import { ApiError } from '#shared/errors';
import { IDEMPOTENCY_KEY_CHARS_MAX } from '#shared/limits';
import { runStub, type StartReply } from './rpc.ts';

/** What a request says about itself when it wants a run. */
export type Attempt = {
  /** Method and path, such as `POST /v1/runs`. */
  readonly route: string;
  readonly bodySha256: string;
  readonly idempotencyKey?: string;
  /** Without a key: which earlier run with the same body it may mean. */
  readonly means: Meaning;
};

export type RunIdentity = {
  readonly id: string;
  /** Absent with a key: the id follows from it, and the run may be there already. */
  readonly asked?: Asked;
};

/** @throws ApiError `invalid_idempotency_key` */
export function attemptOf(c: AppContext, bodySha256: string): Attempt {
  const key = c.req.header('idempotency-key');
  return {
    route: `${c.req.method} ${c.req.path}`,
    bodySha256,
    ...(key === undefined ? {} : { idempotencyKey: readIdempotencyKey(key) }),
    means: meaningOf(c.req.header('x-stainless-retry-count'), c.req.header('user-agent')),
  };
}

function meaningOf(retryCount = '', userAgent = ''): Meaning {
  if (/^[1-9]\d{0,3}$/.test(retryCount)) return 'latest';
  return /\bai-sdk[-/]/.test(userAgent) ? 'abandoned-or-lost' : 'abandoned';
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

export async function identify({ tenant }: Principal, attempt: Attempt): Promise<RunIdentity> {
  const { idempotencyKey, route, bodySha256, means } = attempt;
  if (idempotencyKey !== undefined) {
    const digest = await sha256Hex([tenant, route, idempotencyKey].join('\n'));
    return { id: `run_${digest.slice(0, 32)}` };
  }
  const id = `run_${crypto.randomUUID().replaceAll('-', '')}`;
  const request = [tenant, route, bodySha256].join(' ');
  return { id, asked: { request, means } };
}

/** A run that failed is none: without a key, the retry asks for another try. */
export function isAnswer(found: StartReply): boolean {
  return 'run' in found && found.run.status !== 'failed';
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
    await stubOf(settings.KEYS, principal.keyId).abandon(run.id);
  };
  c.req.raw.signal.addEventListener('abort', () => c.executionCtx.waitUntil(note().catch(() => undefined)), {
    once: true,
  });
}
