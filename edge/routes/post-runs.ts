/**
 * POST /v1/runs: starts a run. Answers 200 with the run when it has ended, 202 with `Location` for
 * `background: true` or once `Prefer: wait=n` has elapsed, or the event stream.
 */

import { servingBackends } from '#edge/backend/admission';
import { invalidRequest, readJsonBody } from '#edge/body';
import type { Settings } from '#edge/env';
import { resolveImages } from '#edge/images/intake';
import type { AppContext, Route } from '#edge/route';
import { eventStream } from '#edge/run/event-stream';
import { type RunInput, type RunTool, runStub } from '#edge/run/rpc';
import { preferredWaitMs, waitForRun } from '#edge/run/wait';
import { availableTools } from '#edge/tools/available';
import { type Run, type RunRequest, runRequest } from '#shared/api';
import { ApiError } from '#shared/errors';
import { advertisedToolSpecs, toolSpec, toolSpecs } from '#shared/tools/index';

const TERMINATE = 'Terminate';

export const postRuns: Route = {
  method: 'POST',
  path: '/v1/runs',
  handler: async (c) => {
    const { settings, principal } = c.var;
    const request = await readJsonBody(c, runRequest);
    checkToolNames(request);
    const tools = await toolsOf(settings, request);
    const images = await resolveImages(settings, principal.tenant, request.images);

    const input: RunInput = {
      id: `run_${crypto.randomUUID().replaceAll('-', '')}`,
      tenant: principal.tenant,
      question: request.question,
      images: images.map(({ public: { id }, sha256 }) => ({ id, sha256 })),
      tools,
      maxSteps: request.max_steps,
      cache: request.cache,
      ...(request.metadata ? { metadata: request.metadata } : {}),
    };
    // Stored before the first byte of any reply: from here on the run ends, whoever leaves.
    const started = await runStub(settings.RUNS, principal.tenant, input.id).start(input);
    c.header('location', `/v1/runs/${input.id}`);
    return answer(c, request, started);
  },
};

async function answer(c: AppContext, request: RunRequest, started: Run): Promise<Response> {
  const stub = () => runStub(c.var.settings.RUNS, c.var.principal.tenant, started.id);
  if (request.stream || c.req.header('accept')?.includes('text/event-stream'))
    return eventStream(c, stub(), 0);
  if (request.background) return c.json(started, 202);
  const run = await waitForRun(stub, started, preferredWaitMs(c));
  return c.json(run, run.finished_at === undefined ? 202 : 200);
}

/** Names must be known; whether they can be used now is another question. */
function checkToolNames(request: RunRequest): void {
  const issues = (request.tools ?? []).flatMap((name, index) =>
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
export async function toolsOf(settings: Settings, request: Pick<RunRequest, 'tools'>): Promise<RunTool[]> {
  const health = await servingBackends(settings, (backend) => backend.planner !== null);
  const available = availableTools(health);
  const wanted = request.tools;
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
