/** What the loop of a run needs of the outside world, made of the Worker's bindings. */

import type { CallOptions, ImageSource } from '#edge/backend/client';
import { BackendFailure, publicError } from '#edge/backend/failure';
import { backendOf } from '#edge/backend/index';
import type { Settings } from '#edge/env';
import { hmacHex } from '#edge/storage/digest';
import { findImage, imageIdOf, readImage, storeImage } from '#edge/storage/images';
import { recordImage } from '#edge/storage/runs';
import { callTool, type ToolPorts } from '#edge/tools/call';
import type { RunError } from '#shared/api';
import { runErrorCode } from '#shared/api';
import type { StoredImage } from '#shared/contract';
import { lookupsOf } from './lookups.ts';
import type { LoopPorts } from './loop.ts';
import { imagesOfRun, type RunState } from './state.ts';
import type { RunStore } from './store.ts';

export function createLoopPorts(
  settings: Settings,
  store: RunStore,
  object: Pick<LoopPorts, 'arm' | 'changed' | 'preview'>,
  signal: AbortSignal,
): LoopPorts {
  const backend = backendOf(settings);
  let tag: Promise<string> | undefined;

  const optionsOf = (state: RunState, idempotencyKey: string, timeoutMs: number): CallOptions => ({
    affinity: state.input.id,
    idempotencyKey,
    timeoutMs,
    until: Math.min(state.deadline, Date.now() + settings.BACKEND_OUTAGE_MS),
    deadline: state.deadline,
    images: imageSource(settings, state.input.tenant),
    signal,
  });

  return {
    ...object,
    store,
    now: Date.now,
    plan: async (state, request, listen) => {
      tag ??= tenantTag(settings.BACKEND_SECRET, state.input.tenant);
      const options = optionsOf(state, `${request.run}:${request.step}`, settings.STEP_WALL_MS);
      return backend.step({ ...request, tenant: await tag }, options, listen);
    },
    act: (state, index, call) => {
      const { id, tenant, tools, cache, knowledge } = state.input;
      const version = tools.find((tool) => tool.name === call.spec.name)?.version ?? call.spec.version;
      const images = imagesOfRun(state).map((image) => image.sha256);
      const options = optionsOf(state, `${id}:${index}:tool`, settings.TOOL_WALL_MS);
      const request = { tenant, spec: call.spec, version, arguments: call.arguments, images, cache };
      const ports = createToolPorts(settings, { tenant, knowledge }, options);
      const noted = (image: StoredImage) => noteImage(settings, tenant, id, image);
      return callTool({ ...ports, ...keeping(ports, noted) }, request, options);
    },
    errorOf: (thrown) =>
      signal.aborted ? { code: 'interrupted', message: 'the run was canceled' } : errorOf(thrown),
  };
}

/** What the backend knows a tenant by: the same for all of its runs, and of no use elsewhere. */
async function tenantTag(secret: string, tenant: string): Promise<string> {
  return (await hmacHex(secret, `tenant\n${tenant}`)).slice(0, 32);
}

/** Images belong to their run before they are kept, so that none outlives the run by a crash. */
function keeping(ports: ToolPorts, note: (image: StoredImage) => Promise<void>) {
  const noted =
    <Result>(work: (image: StoredImage) => Promise<Result>) =>
    async (image: StoredImage) => {
      await note(image);
      return work(image);
    };
  return { keep: noted(ports.keep), kept: noted(ports.kept) };
}

async function noteImage(settings: Settings, tenant: string, run: string, image: StoredImage): Promise<void> {
  await recordImage(settings.DB, tenant, run, await imageIdOf(tenant, image.sha256));
}

/** For tool calls of a run and of the tools route alike. */
export function createToolPorts(
  settings: Settings,
  { tenant, knowledge }: { readonly tenant: string; readonly knowledge: string | undefined },
  options: Pick<CallOptions, 'affinity' | 'until' | 'timeoutMs'>,
): ToolPorts {
  const backend = backendOf(settings);
  return {
    now: Date.now,
    backend,
    cache: settings.CACHE,
    lookups: lookupsOf(settings, knowledge),
    keep: async (image: StoredImage) => {
      const bytes = await backend.getImage(image.sha256, options.affinity, options.timeoutMs, options.until);
      const kept = await storeImage(
        settings.IMAGES,
        tenant,
        { ...image, orientationApplied: false },
        bytes,
        Date.now(),
      );
      return kept.public.id;
    },
    kept: async (image: StoredImage) => {
      const id = await imageIdOf(tenant, image.sha256);
      return (await findImage(settings.IMAGES, tenant, id, Date.now())) && id;
    },
  };
}

export function imageSource(settings: Settings, tenant: string): ImageSource {
  return async (sha256) => {
    const found = await readImage(settings.IMAGES, tenant, await imageIdOf(tenant, sha256), Date.now());
    return found && new Uint8Array(await found.body.arrayBuffer());
  };
}

/** Why a run failed, in public words. The cause goes to the log. */
function errorOf(thrown: unknown): RunError {
  const error = thrown instanceof BackendFailure ? publicError(thrown) : undefined;
  const cause = thrown instanceof Error ? (thrown.stack ?? String(thrown)) : String(thrown);
  console.error(
    JSON.stringify({ level: 'error', event: 'run.failed', code: error?.code ?? 'internal', cause }),
  );
  if (!error) return { code: 'internal', message: 'the run failed by a fault of ours' };
  const code = runErrorCode.safeParse(error.code);
  return { code: code.success ? code.data : 'backend_error', message: error.message };
}
