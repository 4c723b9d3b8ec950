/** A run as an OpenAI response. Pure. */
import * as z from 'zod';
import { DEFAULT_MODEL } from '#edge/models';
import type { Run } from '#shared/api';
import type { ContentPart, OutputItem, ResponseObject, ResponseRequest } from '#shared/api/responses';
import { type AnswerFormat, answerFormat, formatOf, formatted, TEXT } from './answer-format.ts';
import { failureOf } from './failure.ts';
import type { UserMessage } from './question.ts';
import { createdOf, observationText, thoughtText, traceOf } from './trace.ts';

/** What of the request a response repeats whenever it is asked for; kept with the run. */
export const storedReply = z.object({
  model: z.string(),
  background: z.boolean(),
  format: answerFormat,
  /** As it was asked for. */
  wish: z.record(z.string(), z.unknown()),
});
export type StoredReply = z.infer<typeof storedReply>;

const NATIVE: StoredReply = { model: DEFAULT_MODEL, background: true, format: TEXT, wish: { type: 'text' } };

/** Of a run that was started by another route: such a one can be looked at here too. */
export function readReply(stored: unknown): StoredReply {
  return storedReply.safeParse(stored).data ?? NATIVE;
}

/** @throws ApiError for a format that cannot be given. */
export function replyOf({ model, background, text }: ResponseRequest): StoredReply {
  const wish = text?.format ?? { type: 'text' as const };
  const format: AnswerFormat = formatOf(wish, ['text', 'format', 'schema']);
  return { model, background: background === true, format, wish };
}

export function userMessagesOf({ input }: ResponseRequest): UserMessage[] {
  if (typeof input === 'string') return [{ text: input, images: [], path: ['input'] }];
  return input.flatMap((item, index): UserMessage[] => {
    if (!('content' in item)) return [];
    const path = ['input', index, 'content'];
    if (typeof item.content === 'string') return [{ text: item.content, images: [], path }];
    const text = item.content.flatMap((part) => (part.type === 'input_text' ? part.text : [])).join('\n');
    const images = item.content.flatMap((part, place) =>
      part.type === 'input_image' ? [{ url: part.image_url, path: [...path, place, 'image_url'] }] : [],
    );
    return [{ text, images, path }];
  });
}

const statuses = {
  queued: 'queued',
  running: 'in_progress',
  succeeded: 'completed',
  failed: 'failed',
  canceled: 'cancelled',
} as const satisfies Record<Run['status'], ResponseObject['status']>;

export function responseOf(run: Run, reply: StoredReply): ResponseObject {
  const failure = run.finished_at === undefined ? undefined : failureOf(run);
  const { input_tokens, cached_tokens, output_tokens } = run.usage;
  return {
    id: `resp_${hexOf(run)}`,
    object: 'response',
    created_at: createdOf(run.created_at),
    status: statuses[run.status],
    background: reply.background,
    error: failure && run.status === 'failed' ? { code: failure.code, message: failure.message } : null,
    incomplete_details: null,
    instructions: null,
    max_output_tokens: null,
    model: reply.model,
    output: outputOf(run, reply),
    parallel_tool_calls: false,
    previous_response_id: null,
    temperature: null,
    text: { format: reply.wish },
    tool_choice: 'none',
    tools: [],
    top_p: null,
    truncation: 'disabled',
    usage:
      run.finished_at === undefined
        ? null
        : {
            input_tokens,
            input_tokens_details: { cached_tokens },
            output_tokens,
            output_tokens_details: { reasoning_tokens: 0 },
            total_tokens: input_tokens + output_tokens,
          },
    metadata: run.metadata ?? {},
    cota: traceOf(run),
  };
}

function outputOf(run: Run, reply: StoredReply): OutputItem[] {
  const steps = run.steps.map((step): OutputItem => {
    const text = thoughtText(step) + (step.observation ? observationText(step.observation) : '');
    return reasoningItem(run, step.index, 'completed', text);
  });
  if (run.answer === undefined) return steps;
  return [...steps, messageItem(run, 'completed', [answerPart(run.answer, reply)])];
}

export function reasoningItem(
  run: Pick<Run, 'id'>,
  index: number,
  status: OutputItem['status'],
  text?: string,
): OutputItem {
  const summary = text === undefined ? [] : [{ type: 'summary_text' as const, text }];
  return { type: 'reasoning', id: `rs_${hexOf(run)}_${index}`, status, summary };
}

export function messageItem(
  run: Pick<Run, 'id'>,
  status: OutputItem['status'],
  content: ContentPart[],
): OutputItem {
  return { type: 'message', id: `msg_${hexOf(run)}`, status, role: 'assistant', content };
}

export function answerPart(answer: string, { format }: StoredReply): ContentPart {
  const { content, refusal } = formatted(answer, format);
  return content === undefined
    ? { type: 'refusal', refusal }
    : { type: 'output_text', text: content, annotations: [], logprobs: [] };
}

function hexOf({ id }: Pick<Run, 'id'>): string {
  return id.slice('run_'.length);
}
