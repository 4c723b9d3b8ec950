/** Reads a tool call that a model or a caller wrote. Pure: says what is wrong, never throws. */
import * as z from 'zod';
import { imageIndex, type Observation } from '#shared/conversation';
import type { ToolSpec } from '#shared/tool';
import { toolSpec } from '#shared/tools/index';

export type ReadCall =
  | { readonly ok: true; readonly spec: ToolSpec; readonly arguments: Observation }
  | {
      readonly ok: false;
      readonly code: CallErrorCode;
      readonly message: string;
      readonly issues: readonly CallIssue[];
    };

export type CallErrorCode = 'unknown_tool' | 'tool_unavailable' | 'invalid_arguments' | 'unknown_image';
export type CallIssue = { readonly path: readonly PropertyKey[]; readonly message: string };

/** `usable`: names of the actions that may be chosen. `imageCount`: how many images there are so far. */
export function readCall(
  call: { readonly name: string; readonly arguments: unknown },
  usable: readonly string[],
  imageCount: number,
): ReadCall {
  const spec = toolSpec(call.name);
  if (!spec)
    return refusal(
      'unknown_tool',
      `there is no action ${quoted(call.name)}; choose one of ${usable.join(', ')}`,
    );
  if (!usable.includes(spec.name)) {
    return refusal(
      'tool_unavailable',
      `${spec.name} is not available here; choose one of ${usable.join(', ')}`,
    );
  }
  const parsed = spec.arguments.safeParse(call.arguments);
  if (!parsed.success) {
    const { issues } = parsed.error;
    return { ...refusal('invalid_arguments', `${spec.name}: ${z.prettifyError(parsed.error)}`), issues };
  }
  const input = parsed.data as Observation;
  const names = spec.imageArguments.flatMap((argument) => input[argument] ?? []);
  const unknown = names.find(
    (name) => typeof name === 'string' && imageIndex(name, imageCount) === undefined,
  );
  if (unknown !== undefined) {
    const have = imageCount === 0 ? 'there are none' : `there are image-0 to image-${imageCount - 1}`;
    return refusal('unknown_image', `there is no ${String(unknown)}; ${have}`);
  }
  return { ok: true, spec, arguments: input };
}

function refusal(code: CallErrorCode, message: string): ReadCall & { ok: false } {
  return { ok: false, code, message, issues: [] };
}

function quoted(name: string): string {
  return JSON.stringify(name.length > 64 ? `${name.slice(0, 64)}...` : name);
}
