/** Starts the run of a request in OpenAI's dialect, or finds the one that it repeats. */

import { resolveImages } from '#edge/images/intake';
import type { AppContext } from '#edge/route';
import { toolsOf } from '#edge/routes/post-runs';
import { type RunInput, runStub } from '#edge/run/rpc';
import type { Run, RunRequest } from '#shared/api';
import { atReferences, imageInputOf } from './images.ts';
import type { Question } from './question.ts';
import { claimRun } from './retries.ts';

export type Wish = Question &
  Pick<RunRequest, 'max_steps' | 'cache' | 'tools'> & {
    readonly metadata?: Readonly<Record<string, string>>;
    /** What the reply will need when it is asked for later; kept with the run, unread. */
    readonly reply?: RunInput['reply'];
  };

/** `digest`: SHA-256 of the body. The run is stored when this resolves. @throws ApiError */
export async function startRun(c: AppContext, digest: string, wish: Wish): Promise<Run> {
  const inputs = wish.images.map(imageInputOf);
  return atReferences(wish.images, async () => {
    const { settings, principal } = c.var;
    const { id, run } = await claimRun(c, digest);
    if (run) return run;
    const tools = await toolsOf(settings, wish);
    const images = await resolveImages(settings, principal.tenant, inputs);
    // A repetition that overtakes this one starts the same id: the second start changes nothing.
    return runStub(settings.RUNS, principal.tenant, id).start({
      id,
      tenant: principal.tenant,
      question: wish.question,
      images: images.map((image) => ({ id: image.public.id, sha256: image.sha256 })),
      tools,
      maxSteps: wish.max_steps,
      cache: wish.cache,
      ...(wish.metadata ? { metadata: wish.metadata } : {}),
      ...(wish.reply ? { reply: wish.reply } : {}),
    });
  });
}
