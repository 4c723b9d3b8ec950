/** Which actions can be used right now: the inline ones and those that a backend offers. */

import type { RunTool } from '#edge/run/rpc';
import type { BackendHealth } from '#shared/contract';
import type { ToolSpec } from '#shared/tool';
import { toolSpecs } from '#shared/tools/index';
import { edgeHandler } from './index.ts';

const TERMINATE = 'Terminate';

/**
 * In listing order, with the version that cache keys carry: the spec's, and the backend's own,
 * which changes with its models. A tool counts when any backend that is up offers it.
 */
export function availableTools(backends: ReadonlyArray<BackendHealth | undefined>): RunTool[] {
  const offered = new Map(
    backends.flatMap((health) => health?.tools ?? []).map((tool) => [tool.name, tool.version]),
  );
  return toolSpecs.flatMap((spec: ToolSpec): RunTool[] => {
    if (spec.runs === 'edge') {
      const usable = spec.name === TERMINATE || edgeHandler(spec.name) !== undefined;
      return usable ? [{ name: spec.name, version: spec.version }] : [];
    }
    const version = offered.get(spec.name);
    return version === undefined ? [] : [{ name: spec.name, version: `${spec.version}/${version}` }];
  });
}

/**
 * What the models that would answer say against themselves; undefined where they say nothing. Of an inner list of
 * roles it is the first that a backend has.
 */
export function whyExperimental(
  { roles }: ToolSpec,
  backends: ReadonlyArray<BackendHealth | undefined>,
): string | undefined {
  const models = backends.flatMap((health) => health?.models ?? []);
  const ready = models.filter(({ state }) => state === 'ready');
  const reasons = roles.flatMap((alternatives) => {
    const names: readonly string[] = [alternatives].flat();
    const name = names.find((role) => ready.some((model) => model.role === role));
    return ready.find(({ role }) => role === name)?.experimental ?? [];
  });
  return reasons.length > 0 ? [...new Set(reasons)].join(' ') : undefined;
}
