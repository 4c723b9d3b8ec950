/**
 * /v1/responses: create, retrieve, resume and cancel, each a run underneath. What keeps a client's place
 * in a stream is `sequence_number`.
 */
import { asking } from '#edge/compat/answer-format';
import { readCompatBody } from '#edge/compat/body';
import { failureOf } from '#edge/compat/failure';
import { followRun } from '#edge/compat/follow';
import { questionOf } from '#edge/compat/question';
import { readReply, replyOf, responseOf, userMessagesOf } from '#edge/compat/response';
import { responseTranslation } from '#edge/compat/response-stream';
import { startCompatRun } from '#edge/compat/start';
import type { AppContext, Route } from '#edge/route';
import { EVENT_STREAM_HEADERS } from '#edge/run/event-stream';
import { type RunRpc, runStub } from '#edge/run/rpc';
import { waitForRun } from '#edge/run/wait';
import { compatOptions } from '#shared/api/chat';
import { responseId, responseRequest } from '#shared/api/responses';
import { ApiError } from '#shared/errors';

const IMAGE_HINT = 'a part {"type":"input_image","image_url":"data:image/jpeg;base64,..."} in a user message';
const NONE_SEEN = -1;

export const postResponses: Route = {
  method: 'POST',
  path: '/v1/responses',
  scope: 'runs:write',
  charges: 'itself',
  openAi: true,
  handler: async (c) => {
    const { settings, principal } = c.var;
    const { value: request, digest } = await readCompatBody(c, responseRequest);
    const reply = replyOf(request);
    const asked = questionOf(userMessagesOf(request), 'input', IMAGE_HINT);
    const question = asking(asked, reply.format, ['text', 'format', 'schema']);

    const { metadata, model } = request;
    const options = request.cota ?? compatOptions.parse({});
    const wish = { ...question, model, ...options, ...(metadata ? { metadata } : {}), reply };
    const started = await startCompatRun(c, digest, wish);
    if (request.stream) {
      const events = await followRun(c, started.id, responseTranslation(started, reply, NONE_SEEN));
      return c.body(events, 200, EVENT_STREAM_HEADERS);
    }
    if (reply.background) return c.json(responseOf(started, reply));
    const run = await waitForRun(() => runStub(settings.RUNS, principal.tenant, started.id), started);
    // Whoever waits for an answer must not take a failure for an empty one.
    const failure = failureOf(run);
    if (failure) throw failure;
    return c.json(responseOf(run, reply));
  },
};

export const getResponse: Route = {
  method: 'GET',
  path: '/v1/responses/:id',
  scope: 'runs:read',
  openAi: true,
  handler: async (c) => {
    const { id, stub } = runOf(c);
    const [run, stored] = await Promise.all([stub.view(), stub.reply()]);
    if (!run) throw noSuchResponse();
    const reply = readReply(stored);
    if (c.req.query('stream') !== 'true' || c.req.method === 'HEAD') return c.json(responseOf(run, reply));
    const events = await followRun(c, id, responseTranslation(run, reply, cursorOf(c)));
    return c.body(events, 200, EVENT_STREAM_HEADERS);
  },
};

export const cancelResponse: Route = {
  method: 'POST',
  path: '/v1/responses/:id/cancel',
  scope: 'runs:write',
  openAi: true,
  handler: async (c) => {
    const { stub } = runOf(c);
    const [run, stored] = await Promise.all([stub.cancel(), stub.reply()]);
    if (!run) throw noSuchResponse();
    return c.json(responseOf(run, readReply(stored)));
  },
};

/** Another tenant's response does not exist here. */
function runOf(c: AppContext): { id: string; stub: RunRpc } {
  const id = responseId.safeParse(c.req.param('id'));
  if (!id.success) throw noSuchResponse();
  const runId = id.data.replace('resp_', 'run_');
  return { id: runId, stub: runStub(c.var.settings.RUNS, c.var.principal.tenant, runId) };
}

function cursorOf(c: AppContext): number {
  const cursor = c.req.query('starting_after');
  if (cursor === undefined) return NONE_SEEN;
  if (/^\d{1,9}$/.test(cursor)) return Number(cursor);
  const message = 'expected the sequence_number of an event, a whole number from 0';
  throw new ApiError('invalid_cursor', message, { errors: [{ path: 'starting_after', message }] });
}

function noSuchResponse(): ApiError {
  return new ApiError('not_found', 'there is no such response, or it has expired');
}
