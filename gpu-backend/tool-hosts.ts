/**
 * Where the tools of this backend run: the vision process has all but one; the language model is a hosted one where
 * the operator names it, else the planner's own decoder where that is a language model.
 */
import type { AppOptions } from '#backend/app';
import type { ToolInput, ToolResult } from '#backend/engine/protocol';
import type { Call, Supervisor } from '#backend/engine/supervisor';
import { type LanguageModel, openQueryLanguageModel } from '#backend/tools/query-language-model';
import { noImage, runTool } from '#backend/tools/run';
import type { BackendHealth } from '#shared/contract';
import { LANGUAGE_CONCURRENCY_MAX, TOOL_CONCURRENCY_MAX, TOOL_WALL_MS_MAX } from '#shared/limits';

type OfferedTool = BackendHealth['tools'][number];

/** A model behind an API, and a text that changes when another one answers. */
export type HostedModel = { readonly ask: LanguageModel; readonly version: string };

export type ToolHost = {
  readonly tools: readonly OfferedTool[];
  /** Undefined while the host starts and has not said what it has. */
  has(name: string): boolean | undefined;
  /** Calls at a time; more wait. */
  readonly concurrency: number;
  call(input: ToolInput, limitMs: number, signal: AbortSignal): Call<ToolResult>;
};

/** The tool that the vision process does not have. */
const LANGUAGE = 'QueryLanguageModel';

/** Time beyond its deadline in which a completion must stop; the planner's process is ended then. */
const GRACE_MS = 2_000;

/** In order of preference. */
export function toolHosts({
  vision,
  planner,
  language,
}: Pick<AppOptions, 'vision' | 'planner' | 'language'>): ToolHost[] {
  return [
    ...(language ? [hostedHost(language)] : []),
    ...(planner ? [plannerHost(planner)] : []),
    visionHost(vision),
  ];
}

/** The host of a tool; undefined where none has it. One that still starts is waited for. */
export function hostOf(hosts: readonly ToolHost[], name: string): ToolHost | undefined {
  return hosts.find((host) => host.has(name)) ?? hosts.find((host) => host.has(name) === undefined);
}

/** Each tool once, from the host that a call would go to. */
export function offeredTools(hosts: readonly ToolHost[]): OfferedTool[] {
  const byName = new Map<string, OfferedTool>();
  for (const tool of hosts.flatMap(({ tools }) => tools)) {
    if (!byName.has(tool.name)) byName.set(tool.name, tool);
  }
  return [...byName.values()];
}

function hostedHost({ ask, version }: HostedModel): ToolHost {
  const tool = openQueryLanguageModel(ask);
  return {
    tools: [{ name: LANGUAGE, version }],
    has: (name) => name === LANGUAGE,
    concurrency: LANGUAGE_CONCURRENCY_MAX,
    call: ({ arguments: given }, _limitMs, signal) => {
      const result = runTool(tool, given, { signal, image: noImage }).then(({ observation }) => ({
        observation,
      }));
      const ended = (): void => undefined;
      return { result, idle: result.then(ended, ended) };
    },
  };
}

function plannerHost(planner: Supervisor<'planner'>): ToolHost {
  return {
    get tools() {
      return planner.info?.tools ?? [];
    },
    has: (name) => (name === LANGUAGE ? offers(planner, name) : false),
    concurrency: TOOL_CONCURRENCY_MAX,
    call: (input, limitMs, signal) => planner.call('tool', input, { wallMs: limitMs + GRACE_MS, signal }),
  };
}

function visionHost(vision: Supervisor<'vision'>): ToolHost {
  return {
    get tools() {
      return vision.info?.tools ?? [];
    },
    has: (name) => (name === LANGUAGE ? false : offers(vision, name)),
    concurrency: TOOL_CONCURRENCY_MAX,
    call: (input, _limitMs, signal) => vision.call('tool', input, { wallMs: TOOL_WALL_MS_MAX, signal }),
  };
}

function offers({ info }: Pick<Supervisor<'planner' | 'vision'>, 'info'>, name: string): boolean | undefined {
  return info && (info.tools ?? []).some((tool) => tool.name === name);
}
