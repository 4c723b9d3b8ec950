/**
 * POST /v1/chat/completions: a run in OpenAI's shape, so that its clients work unchanged. `content` is
 * the answer alone; the trace is in `cota` and, as text, in `reasoning_content`.
 */
import { asking, formatOf, TEXT } from '#edge/compat/answer-format';
import { readCompatBody } from '#edge/compat/body';
import { type ChatReply, chatTranslation, completionOf, userMessagesOf } from '#edge/compat/chat';
import { followRun } from '#edge/compat/follow';
import { questionOf } from '#edge/compat/question';
import { startCompatRun } from '#edge/compat/start';
import type { Route } from '#edge/route';
import { EVENT_STREAM_HEADERS } from '#edge/run/event-stream';
import { runStub } from '#edge/run/rpc';
import { waitForRun } from '#edge/run/wait';
import { type ChatRequest, chatRequest, compatOptions } from '#shared/api/chat';

const IMAGE_HINT =
  'a part {"type":"image_url","image_url":{"url":"data:image/jpeg;base64,..."}} in a user message';

export const postChatCompletions: Route = {
  method: 'POST',
  path: '/v1/chat/completions',
  scope: 'runs:write',
  charges: 'itself',
  openAi: true,
  handler: async (c) => {
    const { settings, principal, requestId } = c.var;
    const { value: request, digest } = await readCompatBody(c, chatRequest);
    const format = formatOfRequest(request);
    const asked = questionOf(userMessagesOf(request), 'messages', IMAGE_HINT);
    const question = asking(asked, format, SCHEMA_PATH);

    const { metadata } = request;
    const options = request.cota ?? compatOptions.parse({});
    const run = await startCompatRun(c, digest, {
      ...question,
      model: request.model,
      ...options,
      ...(metadata ? { metadata } : {}),
    });
    const includeUsage = request.stream_options?.include_usage === true;
    const reply: ChatReply = { run, model: request.model, format, includeUsage, requestId };
    if (request.stream) {
      return c.body(await followRun(c, run.id, chatTranslation(reply)), 200, EVENT_STREAM_HEADERS);
    }
    const stub = () => runStub(settings.RUNS, principal.tenant, run.id);
    return c.json(completionOf({ ...reply, run: await waitForRun(stub, run) }));
  },
};

const SCHEMA_PATH = ['response_format', 'json_schema', 'schema'];

function formatOfRequest({ response_format: wish }: ChatRequest) {
  if (!wish) return TEXT;
  if (wish.type !== 'json_schema') return formatOf(wish, ['response_format']);
  return formatOf({ type: wish.type, schema: wish.json_schema.schema }, SCHEMA_PATH);
}
