/** Runs: starting, reading and watching them. */
import { RUN_LIST_DEFAULT, RUN_LIST_MAX } from '../../limits.ts';
import { CURSOR, finishedRun, ids, queuedRun, runPage, runRequests } from '../examples.ts';
import {
  BACKEND_ERRORS,
  BODY_ERRORS,
  events,
  IMAGE_ERRORS,
  idempotencyKey,
  ifNoneMatch,
  json,
  type Operation,
  type Parameter,
  RUN_ERRORS,
} from '../operation.ts';

const runIdInPath: Parameter = {
  in: 'path',
  name: 'id',
  description: 'Id of the run.',
  schema: 'RunId',
  example: ids.run,
};

const prefer: Parameter = {
  in: 'header',
  name: 'Prefer',
  description: '`wait=n` (RFC 7240): answer when the run has ended, or after n seconds as it then stands.',
  schema: { type: 'string', pattern: '^wait=\\d{1,6}$' },
  example: 'wait=25',
};

const lastEventId: Parameter = {
  in: 'header',
  name: 'Last-Event-ID',
  description: 'Only events after this `seq` are sent. It wins over `after`.',
  schema: { type: 'string', pattern: '^\\d{1,9}$' },
  example: '0',
};

export const runOperations: readonly Operation[] = [
  {
    method: 'POST',
    path: '/v1/runs',
    operationId: 'createRun',
    tag: 'runs',
    scope: 'runs:write',
    summary: 'Ask a question about images',
    description:
      'The run is stored before the first byte of any reply, and ends whoever leaves. With `Accept: text/event-stream` or `stream: true` the reply is the event stream; take up a stream that broke off at `/v1/runs/{id}/events`.',
    parameters: [idempotencyKey, prefer],
    body: [json('RunRequest', runRequests)],
    replies: {
      200: {
        description: 'The run has ended, or its events.',
        content: [json('Run', finishedRun), events('RunEvent')],
        headers: ['Location', 'Preference-Applied', 'Idempotent-Replayed'],
      },
      202: {
        description: 'The run goes on: `background: true`, or the time of `Prefer` has elapsed.',
        content: [json('Run', queuedRun)],
        headers: ['Location', 'Preference-Applied', 'Idempotent-Replayed'],
      },
    },
    errors: [...BODY_ERRORS, ...IMAGE_ERRORS, ...RUN_ERRORS, ...BACKEND_ERRORS],
  },
  {
    method: 'GET',
    path: '/v1/runs',
    operationId: 'listRuns',
    tag: 'runs',
    scope: 'runs:read',
    summary: 'List the runs of the last day',
    description: 'Newest first, without images and steps. Ask on with `next_cursor` while there is one.',
    parameters: [
      {
        in: 'query',
        name: 'limit',
        description: 'How many at most.',
        schema: { type: 'integer', minimum: 1, maximum: RUN_LIST_MAX, default: RUN_LIST_DEFAULT },
        example: 10,
      },
      {
        in: 'query',
        name: 'cursor',
        description: '`next_cursor` of the page before.',
        schema: { type: 'string', maxLength: 256 },
        example: CURSOR,
      },
    ],
    replies: { 200: { description: 'A page of runs.', content: [json('RunList', runPage)] } },
    errors: ['invalid_request', 'invalid_cursor'],
  },
  {
    method: 'GET',
    path: '/v1/runs/{id}',
    operationId: 'getRun',
    tag: 'runs',
    scope: 'runs:read',
    summary: 'Get a run as it stands',
    description: 'With `Prefer: wait=n` it waits for the end of the run. A run can be read for a day.',
    parameters: [runIdInPath, prefer, ifNoneMatch],
    replies: {
      200: {
        description: 'The run. It has an `ETag` once it has ended.',
        content: [json('Run', finishedRun)],
        headers: ['Preference-Applied', 'ETag'],
      },
      304: { description: 'You have the run as it ended.', headers: ['Preference-Applied', 'ETag'] },
    },
    errors: ['not_found'],
  },
  {
    method: 'POST',
    path: '/v1/runs/{id}/cancel',
    operationId: 'cancelRun',
    tag: 'runs',
    scope: 'runs:write',
    summary: 'End a run where it stands',
    description: 'A run that has ended stays as it is. Steps that were done are kept, and paid.',
    parameters: [runIdInPath],
    replies: { 200: { description: 'The run as it stands now.', content: [json('Run', finishedRun)] } },
    errors: ['not_found'],
  },
  {
    method: 'DELETE',
    path: '/v1/runs/{id}',
    operationId: 'deleteRun',
    tag: 'runs',
    scope: 'runs:write',
    summary: 'End a run and forget it',
    description: 'Its events and the images that no other run shows are forgotten with it.',
    parameters: [runIdInPath],
    replies: { 204: { description: 'It is gone.' } },
    errors: ['not_found'],
  },
  {
    method: 'GET',
    path: '/v1/runs/{id}/events',
    operationId: 'watchRun',
    tag: 'runs',
    scope: 'runs:read',
    summary: 'Watch the events of a run',
    description:
      'Server-sent events until the run ends. `data` is always one JSON document; comments keep the connection alive. After a cut, connect again with the last `seq` as `Last-Event-ID`: no event is lost or repeated.',
    parameters: [
      runIdInPath,
      lastEventId,
      {
        in: 'query',
        name: 'after',
        description: 'The same as `Last-Event-ID`, for clients that cannot set headers.',
        schema: { type: 'integer', minimum: 0, maximum: 999_999_999 },
        example: 0,
      },
    ],
    replies: {
      200: { description: 'The events.', content: [events('RunEvent')] },
      204: { description: 'The run has ended and nothing is left to send; do not connect again.' },
    },
    errors: ['not_found', 'invalid_cursor', 'overloaded'],
  },
];
