/**
 * Repeated requests of OpenAI's clients. They send no idempotency key, but say by
 * `x-stainless-retry-count` that a request is a repetition; the body is the same then. Such a one joins
 * the run that the first one started, so that a lost reply is not paid for twice.
 *
 * What was started is noted in R2, which is consistent at once for all readers.
 */
import type { AppContext } from '#edge/route';
import { runStub } from '#edge/run/rpc';
import { sha256Hex } from '#edge/storage/digest';
import type { Run } from '#shared/api';
import { RETRY_WINDOW_MS } from '#shared/limits';

/** The id of the run for this request, and the run itself when it is there already. */
export type Claim = { readonly id: string; readonly run?: Run };

/** `digest`: SHA-256 of the body. A repetition of what has failed is worth a new run. */
export async function claimRun(c: AppContext, digest: string): Promise<Claim> {
  const { settings, principal } = c.var;
  const store = settings.IMAGES;
  const subject = await sha256Hex([principal.keyId, c.req.path, digest].join('\n'));
  const name = `${principal.tenant}/started_${subject}`;
  const id = `run_${crypto.randomUUID().replaceAll('-', '')}`;
  if (!isRepetition(c)) {
    await store.put(name, id);
    return { id };
  }
  const noted = await store.get(name);
  if (noted && noted.uploaded.getTime() > Date.now() - RETRY_WINDOW_MS) {
    const claim = await claimOf(c, await noted.text());
    if (claim.run?.status !== 'failed') return claim;
  }
  // Of several repetitions at the same time, the first to write has it.
  const onlyIf = noted ? { etagMatches: noted.etag } : { etagDoesNotMatch: '*' };
  if (await store.put(name, id, { onlyIf })) return { id };
  const winner = await store.get(name);
  return winner ? claimOf(c, await winner.text()) : { id };
}

async function claimOf(c: AppContext, id: string): Promise<Claim> {
  const run = await runStub(c.var.settings.RUNS, c.var.principal.tenant, id).view();
  return run ? { id, run } : { id };
}

function isRepetition(c: AppContext): boolean {
  return /^[1-9]\d{0,3}$/.test(c.req.header('x-stainless-retry-count') ?? '');
}
