/** POST /v1/tools/{name}: one tool call, at most once per idempotency key. */
import type { Context } from 'hono';
import * as z from 'zod';
import type { AppEnv, AppOptions } from '#backend/app';
import { digestOf } from '#backend/auth';
import { parseBody } from '#backend/body';
import { deadline } from '#backend/deadline';
import type { ToolResult } from '#backend/engine/protocol';
import { createGate, type Gate } from '#backend/queue';
import { createReplies } from '#backend/replies';
import { hostOf, type ToolHost } from '#backend/tool-hosts';
import { IDEMPOTENCY_HEADER, type ToolRequest, type ToolResponse, toolRequest } from '#shared/contract';
import { imageIndex } from '#shared/conversation';
import { ApiError } from '#shared/errors';
import { BACKEND_QUEUE_MAX, REPLY_CACHE_ENTRIES_MAX, TOOL_WALL_MS_MAX } from '#shared/limits';
import type { ToolSpec } from '#shared/tool';
import { toolSpec } from '#shared/tools/index';

export type ToolRoute = (context: Context<AppEnv>, body: Uint8Array) => Promise<Response>;

export function createToolRoute({ store }: Pick<AppOptions, 'store'>, hosts: readonly ToolHost[]): ToolRoute {
  // One for each host: a slow language model must not stand in the way of OCR.
  const gates = new Map<ToolHost, Gate>();
  const gateOf = (host: ToolHost): Gate => {
    const gate =
      gates.get(host) ?? createGate({ concurrency: host.concurrency, queueMax: BACKEND_QUEUE_MAX });
    gates.set(host, gate);
    return gate;
  };
  const replies = createReplies<ToolResponse>(REPLY_CACHE_ENTRIES_MAX);

  const run = async (
    host: ToolHost,
    spec: ToolSpec,
    request: ToolRequest,
    client: AbortSignal | undefined,
  ): Promise<ToolResponse> => {
    const limitMs = Math.min(request.deadline_ms, TOOL_WALL_MS_MAX);
    const pinned = store.pin(imagesNamed(spec, request));
    const end = deadline(limitMs, client ? [client] : []);
    try {
      const place = await gateOf(host).enter(end.signal);
      const from = performance.now();
      const input = {
        name: spec.name,
        arguments: request.arguments,
        images: request.images,
        files: pinned.files,
      };
      const call = host.call(input, limitMs, end.signal);
      void call.idle.then(place.leave);
      const result = await call.result;
      return { ...(await responseOf(result, store)), ms: performance.now() - from };
    } finally {
      end.clear();
      pinned.release();
    }
  };

  return async (context, body) => {
    const name = context.req.param('name') ?? '';
    const spec = toolSpec(name);
    if (spec?.runs !== 'backend')
      throw new ApiError('not_found', `There is no backend tool ${name.slice(0, 100)}.`);
    const request = parseBody(body, toolRequest);
    const host = hostOf(hosts, name);
    if (!host) throw unavailable(spec);
    const key = context.req.header(IDEMPOTENCY_HEADER);
    // Without a key nobody can come back for the reply, so the work ends with the caller.
    if (!key) return context.json(await run(host, spec, request, context.req.raw.signal));
    const stored = ({ images }: ToolResponse): boolean => images.every((image) => store.find(image.sha256));
    const reply = await replies.once(
      `${name} ${digestOf(body)} ${key}`,
      () => run(host, spec, request, undefined),
      stored,
    );
    return context.json(reply);
  };
}

function unavailable({ name, setup }: ToolSpec): ApiError {
  const mend = setup === undefined ? '' : ` Its operator can ${setup}.`;
  return new ApiError(
    'tool_unavailable',
    `The tool ${name} has no handler or no model on this server.${mend}`,
  );
}

async function responseOf(result: ToolResult, store: AppOptions['store']): Promise<Omit<ToolResponse, 'ms'>> {
  if (!result.image) return { observation: result.observation, images: [] };
  const { bytes, ...known } = result.image;
  const { image } = await store.put(digestOf(bytes), ReadableStream.from([bytes]), known);
  return { observation: result.observation, images: [image] };
}

/** Digests of the images that the arguments name; a call needs no others. */
function imagesNamed(spec: ToolSpec, { arguments: given, images }: ToolRequest): string[] {
  const names = spec.imageArguments.flatMap(
    (argument) => z.array(z.string()).or(z.string()).safeParse(given[argument]).data ?? [],
  );
  return names.flatMap((name) => images[imageIndex(name, images.length) ?? -1] ?? []);
}
