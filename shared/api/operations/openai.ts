/** OpenAI's shapes over runs. */
import {
  chatCompletions,
  chatRequests,
  models,
  oneModel,
  responseId,
  responseRequests,
  responses,
} from '../openai-examples.ts';
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

const responseIdInPath: Parameter = {
  in: 'path',
  name: 'id',
  description: 'Id of the response.',
  schema: 'ResponseId',
  example: responseId,
};

const shared = { tag: 'openai', openAi: true } as const;
const STARTED_HEADERS = ['Location', 'Idempotent-Replayed'] as const;
/** A run that gave no answer is an error to whoever waits for it. */
const ANSWER_ERRORS = [
  ...BODY_ERRORS,
  ...IMAGE_ERRORS,
  ...RUN_ERRORS,
  ...BACKEND_ERRORS,
  'model_not_found',
  'no_answer',
  'run_canceled',
] as const;

export const openAiOperations: readonly Operation[] = [
  {
    ...shared,
    method: 'POST',
    path: '/v1/chat/completions',
    operationId: 'createChatCompletion',
    scope: 'runs:write',
    summary: 'Ask a question, as a chat completion',
    description:
      '`content` is the answer alone. A stream ends with `data: [DONE]`, or with `{"error"}` in place of it. Tools of the caller are refused, unknown members ignored. A retry that an OpenAI SDK counts finds the run that was begun.',
    parameters: [idempotencyKey],
    body: [json('ChatRequest', chatRequests)],
    replies: {
      200: {
        description: 'The answer, or its chunks.',
        content: [json('ChatCompletion', chatCompletions), events('ChatChunk')],
        headers: STARTED_HEADERS,
      },
    },
    errors: ANSWER_ERRORS,
  },
  {
    ...shared,
    method: 'GET',
    path: '/v1/models',
    operationId: 'listModels',
    scope: 'any',
    summary: 'List what may stand in `model`',
    description: 'The planners that serve now, and one name that always holds.',
    parameters: [ifNoneMatch],
    replies: {
      200: { description: 'The models.', content: [json('ModelList', models)], headers: ['ETag'] },
      304: { description: 'The list has not changed.', headers: ['ETag'] },
    },
  },
  {
    ...shared,
    method: 'GET',
    path: '/v1/models/{id}',
    operationId: 'getModel',
    scope: 'any',
    summary: 'Get a model by its name',
    description: 'Whether it may stand in `model` now.',
    parameters: [
      {
        in: 'path',
        name: 'id',
        description: 'Name of the model.',
        schema: { type: 'string' },
        example: 'taco-edge',
      },
    ],
    replies: { 200: { description: 'The model.', content: [json('Model', oneModel)] } },
    errors: ['model_not_found'],
  },
  {
    ...shared,
    method: 'POST',
    path: '/v1/responses',
    operationId: 'createResponse',
    scope: 'runs:write',
    summary: 'Ask a question, as a response',
    description:
      'A response is a run: `resp_` for `run_` in its id. It waits for the answer unless `background` or `stream` is set.',
    parameters: [idempotencyKey],
    body: [json('ResponseRequest', responseRequests)],
    replies: {
      200: {
        description: 'The response, or its events.',
        content: [json('Response', responses), events('ResponseEvent')],
        headers: STARTED_HEADERS,
      },
    },
    errors: ANSWER_ERRORS,
  },
  {
    ...shared,
    method: 'GET',
    path: '/v1/responses/{id}',
    operationId: 'getResponse',
    scope: 'runs:read',
    summary: 'Get a response, or take up its stream',
    description: 'A run that was begun by another endpoint can be looked at here too.',
    parameters: [
      responseIdInPath,
      {
        in: 'query',
        name: 'stream',
        description: 'Its events in place of the response.',
        schema: { type: 'boolean', default: false },
        example: false,
      },
      {
        in: 'query',
        name: 'starting_after',
        description: 'Only events after this `sequence_number`.',
        schema: { type: 'integer', minimum: 0, maximum: 999_999_999 },
        example: 2,
      },
    ],
    replies: {
      200: {
        description: 'The response as it stands, or its events.',
        content: [json('Response', responses), events('ResponseEvent')],
      },
    },
    errors: ['not_found', 'invalid_cursor', 'overloaded'],
  },
  {
    ...shared,
    method: 'POST',
    path: '/v1/responses/{id}/cancel',
    operationId: 'cancelResponse',
    scope: 'runs:write',
    summary: 'End a response where it stands',
    description: 'One that has ended stays as it is.',
    parameters: [responseIdInPath],
    replies: { 200: { description: 'The response as it stands now.', content: [json('Response')] } },
    errors: ['not_found'],
  },
];
