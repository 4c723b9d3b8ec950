/** Starts a run, or finds the one that the request repeats. Every route that begins runs does it by this. */

import { servingBackends } from '#edge/backend/admission';
import { invalidRequest } from '#edge/body';
import type { Settings } from '#edge/env';
import { resolveImages } from '#edge/images/intake';
import { admitRead, admitRun, type Lease, onLease, settle } from '#edge/limits/index';
import type { Asked } from '#edge/limits/terms';
import { checkModel, DEFAULT_MODEL } from '#edge/models';
import { knowledgeOf, mayUseTool, type Principal, requireModel, requireTools } from '#edge/principal';
import type { AppContext } from '#edge/route';
import { recordRun } from '#edge/storage/runs';
import { availableTools } from '#edge/tools/available';
import type { Run, RunRequest } from '#shared/api';
import { ApiError } from '#shared/errors';
import { advertisedToolSpecs, toolSpec, toolSpecs } from '#shared/tools/index';
import { type Attempt, identify, isAnswer, noteDeparture } from './repeat.ts';
import { type RunInput, type RunTool, runStub, type StartReply } from './rpc.ts';
import { checkWebhookUrl } from './webhook.ts';

const TERMINATE = 'Terminate';

/** What a run is to be; the rest of a request says only how its caller wants to hear of it. */
export type RunWish = Omit<RunRequest, 'background' | 'stream'> & {
  /** What a reply in another dialect needs when it is asked for later; kept with the run, unread. */
  readonly reply?: RunInput['reply'];
};

export type StartedRun = {
  readonly run: Run;
  /** False when the request repeats one that began this run. */
  readonly created: boolean;
};

/**
 * The run is stored when this resolves: from here on it ends, whoever leaves.
 * The limits are asked once for a run, whatever number of requests mean it.
 * @throws ApiError for what is wrong with the wish, `idempotency_mismatch`, `backend_unavailable`, by a limit.
 */
export function startRun(c: AppContext, wish: RunWish, attempt: Attempt): Promise<StartedRun> {
  const started = start(c, wish, attempt);
  // A client that leaves now has asked all the same; its retry must not wait for a request that was cut off.
  c.executionCtx.waitUntil(started.catch(() => undefined));
  noteDeparture(c, attempt, started);
  return started;
}

async function start(c: AppContext, wish: RunWish, attempt: Attempt): Promise<StartedRun> {
  const { settings, principal } = c.var;
  checkToolNames(wish);
  requireTools(principal, wish.tools ?? []);
  requireModel(principal, wish.model ?? DEFAULT_MODEL);
  const claim = (run: string) => runStub(settings.RUNS, principal.tenant, run).claim(attempt.bodySha256);
  const { id, asked } = await identify(principal, attempt);
  if (!asked) {
    const found = await claim(id);
    if (!found) return begin(c, wish, attempt, { id, isClaimed: true });
    // It costs no more than a look at the run, and is as little refused.
    await admitRead(c);
    return startedOf(found);
  }
  const { lease, earlier } = await admitRun(c, costOf(id, wish), asked);
  if (earlier === undefined) return begin(c, wish, attempt, { id, lease });
  const found = await claim(earlier);
  if (!found) return begin(c, wish, attempt, { id: earlier, isClaimed: true });
  if (isAnswer(found)) return startedOf(found);
  return begin(c, wish, attempt, { id, asked: { ...asked, means: 'none' } });
}

type Place = {
  readonly id: string;
  /** Absent where the limits are still to be asked. */
  readonly lease?: Lease;
  readonly asked?: Asked;
  /** Others who mean this run wait until it is there, or until this attempt at it has failed. */
  readonly isClaimed?: true;
};

async function begin(c: AppContext, wish: RunWish, attempt: Attempt, place: Place): Promise<StartedRun> {
  const { settings, principal } = c.var;
  const stub = () => runStub(settings.RUNS, principal.tenant, place.id);
  try {
    const lease = place.lease ?? (await admitRun(c, costOf(place.id, wish), place.asked)).lease;
    const reply = await onLease(c, lease, async () => {
      const answer = await stub().start(await prepare(settings, principal, wish, attempt, place.id, lease));
      // Another request began this run first, and pays for it.
      if (answer.outcome !== 'created') await settle(settings, lease, 'nothing');
      return answer;
    });
    return startedOf(reply);
  } catch (error) {
    // Whoever waits for this run may try to prepare it now.
    if (place.isClaimed)
      await stub()
        .release()
        .catch(() => undefined);
    throw error;
  }
}

function costOf(run: string, { max_steps, images }: RunWish) {
  return { kind: 'run', run, steps: max_steps, images: images.length } as const;
}

/** All that is done before a run is there: done again by a retry, it comes to the same. */
async function prepare(
  settings: Settings,
  principal: Principal,
  wish: RunWish,
  { route, bodySha256 }: Attempt,
  id: string,
  lease: Lease,
): Promise<RunInput> {
  const { tenant, keyId } = principal;
  const knowledge = knowledgeOf(principal);
  await checkModel(settings, principal, wish.model ?? DEFAULT_MODEL);
  if (wish.webhook_url !== undefined) await checkWebhookUrl(settings, wish.webhook_url);
  const [tools, images] = await Promise.all([
    toolsOf(settings, principal, wish),
    resolveImages(settings, principal, wish.images),
  ]);
  const row = { tenant, id, keyId, route, bodySha256 };
  await recordRun(
    settings.DB,
    row,
    images.map((image) => image.public.id),
    Date.now(),
  );
  return {
    id,
    tenant,
    fingerprint: bodySha256,
    question: wish.question,
    images: images.map(({ public: image, sha256 }) => ({ id: image.id, sha256 })),
    tools,
    maxSteps: wish.max_steps,
    cache: wish.cache,
    lease,
    ...(knowledge === undefined ? {} : { knowledge }),
    ...(wish.metadata ? { metadata: wish.metadata } : {}),
    ...(wish.reply ? { reply: wish.reply } : {}),
    ...(wish.webhook_url === undefined ? {} : { webhook: { url: wish.webhook_url, keyId } }),
  };
}

function startedOf(reply: StartReply): StartedRun {
  if (reply.outcome === 'mismatch') {
    throw new ApiError(
      'idempotency_mismatch',
      'this Idempotency-Key was used with another body; use a new key for a new request',
    );
  }
  if (reply.outcome === 'deleted') {
    throw new ApiError(
      'not_found',
      'the run of this Idempotency-Key was deleted; use a new key for a new run',
    );
  }
  return { run: reply.run, created: reply.outcome === 'created' };
}

/** Names must be known; whether they can be used now is another question. */
function checkToolNames(wish: RunWish): void {
  const issues = (wish.tools ?? []).flatMap((name, index) =>
    toolSpec(name)
      ? []
      : [
          {
            path: ['tools', index],
            message: `there is no such action; there are ${toolSpecs.map((spec) => spec.name).join(', ')}`,
          },
        ],
  );
  if (issues.length > 0) throw invalidRequest(issues);
}

/** What the planner may choose: what there is now, and of it what the caller wants. Always Terminate. */
async function toolsOf(
  settings: Settings,
  principal: Principal,
  { tools: wanted }: RunWish,
): Promise<RunTool[]> {
  const health = await servingBackends(settings, (backend) => backend.planner !== null);
  const available = availableTools(health).filter((tool) => mayUseTool(principal, tool.name));
  if (!wanted) {
    const advertised = new Set<string>(advertisedToolSpecs.map((spec) => spec.name));
    return available.filter((tool) => advertised.has(tool.name));
  }
  const missing = wanted.filter((name) => !available.some((tool) => tool.name === name));
  if (missing.length > 0) {
    throw new ApiError('tool_unavailable', `not available here: ${missing.join(', ')}; see GET /v1/tools`, {
      errors: missing.map((name) => ({
        path: `tools.${wanted.indexOf(name)}`,
        message: `${name} is not available here`,
      })),
    });
  }
  return available.filter((tool) => tool.name === TERMINATE || wanted.includes(tool.name));
}
