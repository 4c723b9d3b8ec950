/**
 * The events of a response, made of the stored events of its run and of nothing else: so they get the
 * same sequence numbers each time, and a stream can be taken up again after any of them.
 */
import type { Run, RunEvent } from '#shared/api';
import type { ContentPart } from '#shared/api/responses';
import { ApiError, errorMember } from '#shared/errors';
import type { Translation } from './follow.ts';
import { answerPart, messageItem, reasoningItem, responseOf, type StoredReply } from './response.ts';
import { observationText, thoughtText } from './trace.ts';

type OpenItem = { readonly index: number; text: string };

/** `after`: number of the last event that the client has seen; -1 for none. */
export function responseTranslation(run: Run, reply: StoredReply, after: number): Translation {
  let sequence = 0;
  let open: OpenItem | undefined;

  const emit = (type: string, body: object): string => {
    const sequence_number = sequence++;
    if (sequence_number <= after) return '';
    return `event: ${type}\ndata: ${JSON.stringify({ type, sequence_number, ...body })}\n\n`;
  };
  const place = (index: number) => ({
    item_id: reasoningItem(run, index, 'completed').id,
    output_index: index,
    summary_index: 0,
  });

  const begun = (): string => {
    const { answer: _, error: __, finished_at: ___, ...rest } = run;
    const usage = {
      steps: 0,
      tool_calls: 0,
      input_tokens: 0,
      cached_tokens: 0,
      output_tokens: 0,
      cost_units: 0,
    };
    const response = responseOf({ ...rest, status: 'running', steps: [], usage }, reply);
    return emit('response.created', { response }) + emit('response.in_progress', { response });
  };

  const openStep = (index: number, text: string): string => {
    open = { index, text };
    return (
      emit('response.output_item.added', {
        output_index: index,
        item: reasoningItem(run, index, 'in_progress'),
      }) +
      emit('response.reasoning_summary_part.added', {
        ...place(index),
        part: { type: 'summary_text', text: '' },
      }) +
      emit('response.reasoning_summary_text.delta', { ...place(index), delta: text })
    );
  };

  const closeStep = (more: string): string => {
    if (!open) return '';
    const { index } = open;
    const text = open.text + more;
    open = undefined;
    return (
      (more === '' ? '' : emit('response.reasoning_summary_text.delta', { ...place(index), delta: more })) +
      emit('response.reasoning_summary_text.done', { ...place(index), text }) +
      emit('response.reasoning_summary_part.done', {
        ...place(index),
        part: { type: 'summary_text', text },
      }) +
      emit('response.output_item.done', {
        output_index: index,
        item: reasoningItem(run, index, 'completed', text),
      })
    );
  };

  const answered = (ended: Run, answer: string): string => {
    const part = answerPart(answer, reply);
    const output_index = ended.steps.length;
    const at = { item_id: messageItem(run, 'completed', []).id, output_index, content_index: 0 };
    return (
      emit('response.output_item.added', { output_index, item: messageItem(run, 'in_progress', []) }) +
      emit('response.content_part.added', { ...at, part: emptied(part) }) +
      (part.type === 'refusal'
        ? emit('response.refusal.delta', { ...at, delta: part.refusal }) +
          emit('response.refusal.done', { ...at, refusal: part.refusal })
        : emit('response.output_text.delta', { ...at, delta: part.text, logprobs: [] }) +
          emit('response.output_text.done', { ...at, text: part.text, logprobs: [] })) +
      emit('response.content_part.done', { ...at, part }) +
      emit('response.output_item.done', { output_index, item: messageItem(run, 'completed', [part]) })
    );
  };

  const finished = (ended: Run): string => {
    const step = closeStep('');
    const answer = ended.answer === undefined ? '' : answered(ended, ended.answer);
    const type = ended.status === 'succeeded' ? 'response.completed' : 'response.failed';
    return step + answer + emit(type, { response: responseOf(ended, reply) });
  };

  const event = (value: RunEvent): string => {
    switch (value.type) {
      case 'run.started':
        return begun();
      case 'step.completed':
        return openStep(value.index, thoughtText(value));
      case 'tool.completed':
        return closeStep(observationText(value.observation));
      case 'run.completed':
      case 'run.failed':
      case 'run.canceled':
        return finished(value.run);
      default:
        return '';
    }
  };
  return { event, failure: streamFailure };
}

/** No event of the response: it has no number, and the response may still end well. */
function streamFailure(error: unknown): string {
  const known = error instanceof ApiError ? error : new ApiError('internal', 'the stream broke off');
  const member = errorMember(known);
  return `event: error\ndata: ${JSON.stringify({ ...member, type: 'error', error: member })}\n\n`;
}

function emptied(part: ContentPart): ContentPart {
  return part.type === 'refusal' ? { ...part, refusal: '' } : { ...part, text: '' };
}
