/** The backend over HTTP, as `shared/contract.ts` says. */
import { Readable } from 'node:stream';
import { type Context, Hono } from 'hono';
import { digestOf, verifySignature } from '#backend/auth';
import { readBody } from '#backend/body';
import { createEgressRoute } from '#backend/egress/routes';
import type { EgressPorts } from '#backend/egress/send';
import type { Supervisor } from '#backend/engine/supervisor';
import type { ImageStore } from '#backend/images/store';
import type { Log } from '#backend/log';
import { createMetricsRoute } from '#backend/metrics';
import { createStepGate, createStepRoute } from '#backend/step';
import { type StepGate, stopping } from '#backend/step-gate';
import { StepRecord } from '#backend/step-record';
import { createToolRoute } from '#backend/tool-calls';
import { type HostedModel, offeredTools, type ToolHost, toolHosts } from '#backend/tool-hosts';
import { type BackendHealth, backendHealth, CONTRACT_VERSION } from '#shared/contract';
import { sha256 as sha256Schema } from '#shared/conversation';
import { ApiError, errorTable, problemOf } from '#shared/errors';

export type AppOptions = {
  readonly secret: string;
  readonly device: string;
  readonly store: ImageStore;
  /** Absent where the model folder has no planner. */
  readonly planner: Supervisor<'planner'> | undefined;
  readonly vision: Supervisor<'vision'>;
  /** Answers QueryLanguageModel where the operator has named one. */
  readonly language?: HostedModel;
  readonly egress: EgressPorts;
  readonly log: Log;
  readonly now: () => number;
  /** Places of the planner; its own where it is left out. */
  readonly steps?: StepGate;
  /** Once it aborts nothing new is begun; what runs may end. */
  readonly draining?: AbortSignal;
};

export type AppEnv = { Variables: { requestId: string } };

export function createApp(options: AppOptions): Hono<AppEnv> {
  const { secret, store, now, draining } = options;
  const app = new Hono<AppEnv>();
  const steps = options.steps ?? createStepGate(options.planner);
  draining?.addEventListener('abort', () => steps.close(), { once: true });
  const record = new StepRecord(() => performance.now());
  const step = createStepRoute(options, steps, record);
  const metrics = createMetricsRoute(options, steps, record);
  const hosts = toolHosts(options);
  const tool = createToolRoute(options, hosts);
  const egress = createEgressRoute(options.egress);

  const verify = (context: Context<AppEnv>, bodySha256: string): void => {
    const { method, path: pathname } = context.req;
    verifySignature({ method, pathname, headers: context.req.raw.headers, bodySha256 }, secret, now());
  };
  const signedBody = async (context: Context<AppEnv>): Promise<Uint8Array> => {
    const bytes = await readBody(context.req.raw);
    verify(context, digestOf(bytes));
    return bytes;
  };

  app.use(async (context, next) => {
    context.set('requestId', requestIdOf(context.req.header('x-request-id')));
    await next();
    // Set in place: `context.header` would make every response anew, which costs more than most replies.
    const { headers } = context.res;
    headers.set('x-request-id', context.get('requestId'));
    headers.set('cache-control', 'no-store');
    // Kept-alive connections would otherwise hold up the end.
    if (draining?.aborted) headers.set('connection', 'close');
  });
  app.use('/v1/*', async (_context, next) => {
    if (draining?.aborted) throw stopping();
    await next();
  });

  app.get('/healthz', (context) => context.json(healthOf(options, hosts)));
  app.get('/readyz', (context) => {
    const health = healthOf(options, hosts);
    if (draining?.aborted) throw stopping();
    if (health.status !== 'ok') throw new ApiError('backend_unavailable', `The backend is ${health.status}.`);
    return context.json(health);
  });

  app.get('/metrics', metrics);

  app.put('/v1/images/:sha256', async (context) => {
    const digest = digestParameter(context.req.param('sha256'));
    // The path names the digest, so a stranger's upload is refused before a byte of it is read.
    verify(context, digest);
    const body =
      context.req.raw.body ?? new ReadableStream<Uint8Array>({ start: (stream) => stream.close() });
    const { image, created } = await store.put(digest, body);
    return context.json(image, created ? 201 : 200);
  });
  app.get('/v1/images/:sha256', async (context) => {
    const digest = digestParameter(context.req.param('sha256'));
    await signedBody(context);
    const image = store.find(digest);
    const file = store.read(digest);
    if (!image || !file) throw new ApiError('not_found', `No image ${digest} is stored here.`);
    return new Response(Readable.toWeb(file) as ReadableStream<Uint8Array>, {
      headers: {
        'content-type': image.media_type,
        'content-length': String(image.bytes),
        'x-content-type-options': 'nosniff',
      },
    });
  });

  app.post('/v1/step', async (context) => step(context, await signedBody(context)));
  app.post('/v1/tools/:name', async (context) => tool(context, await signedBody(context)));

  app.post('/v1/egress/:what', async (context) => egress(context, await signedBody(context)));

  app.notFound((context) => {
    throw new ApiError(
      'not_found',
      `There is nothing at ${context.req.method} ${context.req.path.slice(0, 200)}.`,
    );
  });
  app.onError((error, context) => respondWithProblem(error, context, options.log));
  return app;
}

/** What runs here, and whether it can take calls. */
function healthOf({ planner, vision, device }: AppOptions, hosts: readonly ToolHost[]): BackendHealth {
  const states = [vision.state, planner?.state ?? 'stopped'];
  const lacksPlanner = planner?.state === 'ready' && !planner.info?.planner;
  const status = lacksPlanner
    ? 'degraded'
    : states.every((state) => state === 'ready')
      ? 'ok'
      : states.every((state) => state === 'ready' || state === 'starting')
        ? 'starting'
        : 'degraded';
  return backendHealth.parse({
    status,
    contract: CONTRACT_VERSION,
    device,
    planner: planner?.info?.planner ?? null,
    tools: offeredTools(hosts),
    models: [...(planner?.info?.models ?? []), ...(vision.info?.models ?? [])],
  });
}

/** The one place that turns an error into a response. */
function respondWithProblem(error: unknown, context: Context<AppEnv>, log: Log): Response {
  const requestId = context.get('requestId');
  const known =
    error instanceof ApiError
      ? error
      : new ApiError('internal', 'The backend met an error of its own. Repeat the call.');
  if (known !== error) {
    log('error', {
      request_id: requestId,
      path: context.req.path,
      reason: String(error),
      stack: error instanceof Error ? error.stack : undefined,
    });
  }
  const { status, headers, body } = problemReply(known, requestId);
  return new Response(body, { status, headers });
}

export type ProblemReply = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
};

export const problemReply = (error: ApiError, requestId: string): ProblemReply => ({
  status: errorTable[error.code].status,
  headers: { ...error.headers, 'content-type': 'application/problem+json', 'x-request-id': requestId },
  body: JSON.stringify(problemOf(error, requestId)),
});

function digestParameter(value: string): string {
  const parsed = sha256Schema.safeParse(value);
  if (!parsed.success)
    throw new ApiError('invalid_request', 'Expected a SHA-256 in lower-case hex (64 digits) in the path.');
  return parsed.data;
}

export function requestIdOf(given: string | undefined): string {
  return given && /^[\w.:-]{1,128}$/.test(given) ? given : crypto.randomUUID();
}
