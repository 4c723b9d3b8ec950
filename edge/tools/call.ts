/**
 * One tool call whose arguments have been read already: from the cache, inline, or by a backend.
 * Whatever the tool itself does wrong is an observation; only an outage is thrown.
 */

import type { BackendClient, CallOptions } from '#edge/backend/client';
import { BackendFailure } from '#edge/backend/failure';
import { cacheKey, readCached, type ToolCache, writeCached } from '#edge/storage/tool-cache';
import type { StoredImage } from '#shared/contract';
import type { Observation } from '#shared/conversation';
import { STORED_OBSERVATION_CHARS_MAX } from '#shared/limits';
import { type ToolError, type ToolSpec, toolError } from '#shared/tool';
import { edgeHandler } from './index.ts';
import type { EdgeToolContext } from './tool.ts';

export type ToolCall = {
  readonly tenant: string;
  readonly spec: ToolSpec;
  readonly version: string;
  readonly arguments: Observation;
  /** Digests of image-0, image-1 ... */
  readonly images: readonly string[];
  readonly cache: 'auto' | 'no-store';
};

export type ToolResult = {
  readonly observation: Observation;
  /** The image that the tool made, kept for the tenant. */
  readonly image?: { readonly id: string; readonly sha256: string };
  readonly ms: number;
  readonly cached: boolean;
};

export type ToolPorts = {
  now(): number;
  readonly backend: Pick<BackendClient, 'tool'>;
  readonly cache: ToolCache;
  /** For inline tools. */
  readonly lookups: EdgeToolContext;
  /** Makes sure that the tenant has the image that a tool made, fetching it from the backend if need be. */
  keep(image: StoredImage): Promise<string>;
  /** Whether the tenant still has an image that a cached result shows. */
  kept(image: StoredImage): Promise<string | undefined>;
};

/** @throws BackendFailure of kind `outage` when no backend could be reached in time. */
export async function callTool(ports: ToolPorts, call: ToolCall, options: CallOptions): Promise<ToolResult> {
  const key = call.spec.cacheable && call.cache === 'auto' ? await keyOf(call) : undefined;
  const hit = key === undefined ? undefined : await cachedResult(ports, key);
  if (hit) return hit;

  const started = ports.now();
  const { observation, made } = bounded(await perform(ports, call, options));
  const ms = ports.now() - started;
  if (key !== undefined && !toolError.safeParse(observation).success) {
    await writeCached(ports.cache, key, made ? { observation, image: made.image } : { observation });
  }
  return {
    observation,
    ...(made ? { image: { id: made.id, sha256: made.image.sha256 } } : {}),
    ms,
    cached: false,
  };
}

type Performed = { observation: Observation; made?: { id: string; image: StoredImage } };

async function perform(ports: ToolPorts, call: ToolCall, options: CallOptions): Promise<Performed> {
  const { spec } = call;
  try {
    if (spec.runs === 'edge')
      return { observation: checked(spec, await edgeHandler(spec.name)?.(call.arguments, ports.lookups)) };
    const request = { arguments: call.arguments, images: [...call.images] };
    const reply = await ports.backend.tool(spec.name, request, options);
    const [image] = reply.images;
    const observation = checked(spec, reply.observation);
    return image ? { observation, made: { id: await ports.keep(image), image } } : { observation };
  } catch (error) {
    if (error instanceof BackendFailure) {
      if (error.kind === 'outage' && error.code !== 'deadline_exceeded') throw error;
      return { observation: failureObservation(error) };
    }
    // Nothing that a tool does may end a run. The cause is for the log, not for the planner.
    console.error(
      JSON.stringify({ level: 'error', event: 'tool.threw', tool: spec.name, cause: String(error) }),
    );
    return {
      observation: problem(
        'tool_failed',
        `${spec.name} failed on this input; try other arguments or another action`,
      ),
    };
  }
}

/** An observation of the shape that the spec promises, or an error observation. */
function checked(spec: ToolSpec, value: unknown): Observation {
  const failed = toolError.safeParse(value);
  if (failed.success) return failed.data;
  const parsed = spec.observation.safeParse(value);
  if (parsed.success) return parsed.data as Observation;
  return problem('tool_failed', `${spec.name} gave no valid result; try other arguments or another action`);
}

function failureObservation(failure: BackendFailure): ToolError {
  if (failure.kind === 'refusal') return problem(failure.code, failure.message);
  if (failure.code === 'deadline_exceeded') {
    return problem(
      'deadline_exceeded',
      'the tool took too long; try a smaller part of the image or another action',
    );
  }
  return problem('tool_failed', 'the tool gave no valid result; try other arguments or another action');
}

function bounded(result: Performed): Performed {
  if (JSON.stringify(result.observation).length <= STORED_OBSERVATION_CHARS_MAX) return result;
  return {
    observation: problem(
      'observation_too_large',
      'the result is too large; ask for a smaller part of the image',
    ),
  };
}

function problem(code: string, message: string): ToolError {
  return { error: { code, message } };
}

async function cachedResult(ports: ToolPorts, key: string): Promise<ToolResult | undefined> {
  const found = await readCached(ports.cache, key);
  if (!found?.image) return found && { observation: found.observation, ms: 0, cached: true };
  const id = await ports.kept(found.image);
  return id === undefined
    ? undefined
    : { observation: found.observation, image: { id, sha256: found.image.sha256 }, ms: 0, cached: true };
}

function keyOf({ tenant, spec, version, arguments: input, images }: ToolCall): Promise<string> {
  const names = spec.imageArguments
    .flatMap((argument) => input[argument] ?? [])
    .filter((name) => typeof name === 'string');
  const named = names.map((name): [string, string] => [
    name,
    images[Number(name.slice('image-'.length))] ?? '',
  ]);
  return cacheKey({ tenant, tool: spec.name, version, arguments: input, images: Object.fromEntries(named) });
}
