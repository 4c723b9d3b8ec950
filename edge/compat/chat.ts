/** A run as a chat completion, whole or in chunks. Pure. */
import type { Run, RunEvent } from '#shared/api';
import type { ChatChunk, ChatCompletion, ChatRequest, CotaDelta } from '#shared/api/chat';
import { ApiError, errorMember } from '#shared/errors';
import { type AnswerFormat, formatted } from './answer-format.ts';
import { failureOf } from './failure.ts';
import type { Translation } from './follow.ts';
import type { UserMessage } from './question.ts';
import { chatUsageOf, createdOf, observationText, reasoningOf, thoughtText, traceOf } from './trace.ts';

export type ChatReply = {
  readonly run: Run;
  readonly model: string;
  readonly format: AnswerFormat;
  readonly includeUsage: boolean;
  readonly requestId: string;
};

export function userMessagesOf({ messages }: ChatRequest): UserMessage[] {
  return messages.flatMap((message, index): UserMessage[] => {
    if (message.role !== 'user') return [];
    const path = ['messages', index, 'content'];
    if (typeof message.content === 'string') return [{ text: message.content, images: [], path }];
    const text = message.content.flatMap((part) => (part.type === 'text' ? part.text : [])).join('\n');
    const images = message.content.flatMap((part, place) =>
      part.type === 'image_url'
        ? [{ url: part.image_url.url, path: [...path, place, 'image_url', 'url'] }]
        : [],
    );
    return [{ text, images, path }];
  });
}

/** @throws ApiError when the run gave no answer. */
export function completionOf({ run, model, format }: Omit<ChatReply, 'includeUsage'>): ChatCompletion {
  const failure = failureOf(run);
  if (failure) throw failure;
  const { content, refusal } = formatted(run.answer ?? '', format);
  return {
    id: completionId(run),
    object: 'chat.completion',
    created: createdOf(run.created_at),
    model,
    choices: [
      {
        index: 0,
        message: {
          role: 'assistant',
          content: content ?? null,
          refusal: refusal ?? null,
          reasoning_content: reasoningOf(run),
        },
        logprobs: null,
        finish_reason: 'stop',
      },
    ],
    usage: chatUsageOf(run),
    cota: traceOf(run),
  };
}

const DONE = 'data: [DONE]\n\n';

/** The chunks of a stream. It ends with `finish_reason` and [DONE], or with an error; never silently. */
export function chatTranslation(reply: ChatReply): Translation {
  const { run: started, model, format, includeUsage, requestId } = reply;
  type Choice = ChatChunk['choices'][number];
  const chunk = (choices: Choice[], usage: ChatChunk['usage'] = null): string => {
    const value: ChatChunk = {
      id: completionId(started),
      object: 'chat.completion.chunk',
      created: createdOf(started.created_at),
      model,
      choices,
      ...(includeUsage ? { usage } : {}),
    };
    return `data: ${JSON.stringify(value)}\n\n`;
  };
  const delta = (value: Choice['delta'], finish_reason: Choice['finish_reason'] = null) =>
    chunk([{ index: 0, delta: value, logprobs: null, finish_reason }]);
  const steps = (...list: CotaDelta['steps']): CotaDelta => ({ run_id: started.id, steps: list });
  const reasoning = (text: string) => (text === '' ? {} : { reasoning_content: text });

  const failure = (error: unknown): string => {
    const known = error instanceof ApiError ? error : new ApiError('internal', 'the stream broke off');
    return `data: ${JSON.stringify({ error: { ...errorMember(known), request_id: requestId } })}\n\n`;
  };

  const ended = (run: Run): string => {
    const failed = failureOf(run);
    if (failed) return failure(failed);
    const usage = includeUsage ? chunk([], chatUsageOf(run)) : '';
    const answer = formatted(run.answer ?? '', format);
    return delta({ ...answer, cota: traceOf(run) }) + delta({}, 'stop') + usage + DONE;
  };

  const event = (value: RunEvent): string => {
    switch (value.type) {
      case 'run.started':
        return delta({ role: 'assistant', content: '' });
      case 'step.completed': {
        const { index, thought, actions, ms } = value;
        return delta({ ...reasoning(thoughtText(value)), cota: steps({ index, thought, actions, ms }) });
      }
      case 'tool.completed': {
        const { index, observation, image_id, ms, cached } = value;
        const made = image_id === undefined ? {} : { image_id };
        const outcome = { index, observation, ...made, tool_ms: ms, cached };
        return delta({ ...reasoning(observationText(observation)), cota: steps(outcome) });
      }
      case 'run.completed':
      case 'run.failed':
      case 'run.canceled':
        return ended(value.run);
      default:
        return '';
    }
  };
  return { event, failure };
}

function completionId({ id }: Run): string {
  return `chatcmpl-${id.slice('run_'.length)}`;
}
