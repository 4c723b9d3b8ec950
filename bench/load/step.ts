/** One step asked of a backend, and what became of it. */
import { CONTRACT_VERSION, type StepRequest } from '#shared/contract';
import type { Conversation } from '#shared/conversation';
import type { TurnEvent } from '../../gpu-backend/engine/protocol.ts';
import type { Caller, Picture } from './caller.ts';
import type { Reply } from './client.ts';

export type Asked = {
  readonly tenant: string;
  readonly run: string;
  readonly conversation: Conversation;
  readonly final?: boolean;
  readonly deadlineMs?: number;
  readonly pictures: readonly Picture[];
};

export type Outcome =
  | { readonly kind: 'turn'; readonly event: TurnEvent; readonly ms: number }
  /** Told to come back: 503 with Retry-After, or a planner that died in the middle. */
  | { readonly kind: 'refused'; readonly afterMs: number }
  | { readonly kind: 'late' }
  | { readonly kind: 'left' }
  | { readonly kind: 'fault'; readonly what: string };

const TOOLS = ['OCR', 'Crop', 'ZoomIn', 'Calculate', 'Terminate'];

/** Puts the pictures that the backend lacks, as the edge does; asks once otherwise. */
export async function step(caller: Caller, asked: Asked, signal?: AbortSignal): Promise<Outcome> {
  const { tenant, run, conversation, final = false, deadlineMs = 60_000 } = asked;
  const request: StepRequest = {
    version: CONTRACT_VERSION,
    tenant,
    run,
    step: conversation.steps.length,
    conversation,
    tools: TOOLS,
    final,
    max_tokens: 96,
    deadline_ms: deadlineMs,
  };
  const body = JSON.stringify(request);
  try {
    for (let round = 0; round < 3; round++) {
      const start = performance.now();
      const reply = await caller.send('POST', '/v1/step', body, signal ? { signal } : {});
      if (reply.status !== 409) return outcomeOf(reply, performance.now() - start);
      for (const picture of asked.pictures) await caller.put(picture);
    }
    return { kind: 'fault', what: 'the backend keeps asking for images' };
  } catch (error) {
    return signal?.aborted ? { kind: 'left' } : { kind: 'fault', what: String(error) };
  }
}

function outcomeOf({ status, headers, text }: Reply, ms: number): Outcome {
  if (status === 200) return outcomeOfStream(text, ms);
  const after = Number(headers['retry-after']);
  if (status === 503 && after >= 1) return { kind: 'refused', afterMs: after * 1000 };
  if (status === 504) return { kind: 'late' };
  return { kind: 'fault', what: `${status} ${text.slice(0, 200)}` };
}

function outcomeOfStream(text: string, ms: number): Outcome {
  const last = JSON.parse(text.trimEnd().split('\n').at(-1) ?? '{}') as
    | TurnEvent
    | { readonly type: 'error'; readonly code: string; readonly message: string };
  if (last.type === 'turn') return { kind: 'turn', event: last, ms };
  if (last.code === 'backend_unavailable') return { kind: 'refused', afterMs: 1_000 };
  if (last.code === 'deadline_exceeded') return { kind: 'late' };
  return { kind: 'fault', what: `${last.code}: ${last.message}` };
}
