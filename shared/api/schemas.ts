/**
 * The names that schemas bear in the OpenAPI document, and so in generated clients. A schema that
 * stands here is referred to by its name wherever it is used; one that does not is written out.
 */
import * as z from 'zod';
import {
  image,
  imageId,
  imageInput,
  imageUpload,
  run,
  runError,
  runErrorCode,
  runEvent,
  runId,
  runRequest,
  runStatus,
  runStep,
  runUsage,
  toolCallRequest,
  toolCallResponse,
  toolList,
  toolListing,
} from '../api.ts';
import { mediaType, stepUsage } from '../contract.ts';
import { observation } from '../conversation.ts';
import { planName } from '../plans.ts';
import { clientScope, scope } from '../scopes.ts';
import { action } from '../turn.ts';
import { chatChunk, chatCompletion, model, modelList } from './chat.ts';
import { clientToken, clientTokenId, clientTokenRequest } from './client-tokens.ts';
import { backendState, health } from './health.ts';
import { apiKey, createdKey, keyChange, keyId, keyList, keyRequest, rotation } from './keys.ts';
import {
  documentId,
  documentList,
  documentRequest,
  documentSummary,
  knowledgeDocument,
} from './knowledge.ts';
import {
  chatRequestForm,
  jsonRpcReply,
  jsonRpcRequest,
  responseEvent,
  responseForm,
  responseRequestForm,
} from './open-forms.ts';
import { errorCode, problem } from './problem.ts';
import { responseId } from './responses.ts';
import { runList, runSummary } from './run-list.ts';
import { limitState, limitsState, usage, usageBucket } from './usage.ts';
import { webhookEndpoint, webhookEvent, webhookSecret } from './webhook.ts';

/** The member of a union that bears this `type`. */
function memberOf(union: z.ZodDiscriminatedUnion, type: string): z.ZodType {
  const member = union.options.find(
    (option) => option instanceof z.ZodObject && Object(option.shape['type']).value === type,
  );
  if (!(member instanceof z.ZodObject)) throw new Error(`no member of the union has the type ${type}`);
  return member;
}

const rows = {
  Action: action,
  ApiKey: apiKey,
  BackendState: backendState,
  Base64Image: memberOf(imageInput, 'base64'),
  ChatChunk: chatChunk,
  ChatCompletion: chatCompletion,
  ChatRequest: chatRequestForm,
  ClientScope: clientScope,
  ClientToken: clientToken,
  ClientTokenId: clientTokenId,
  ClientTokenRequest: clientTokenRequest,
  CreatedKey: createdKey,
  Document: knowledgeDocument,
  DocumentId: documentId,
  DocumentList: documentList,
  DocumentRequest: documentRequest,
  DocumentSummary: documentSummary,
  ErrorCode: errorCode,
  Health: health,
  Image: image,
  ImageId: imageId,
  ImageInput: imageInput,
  ImageUpload: imageUpload,
  JsonRpcReply: jsonRpcReply,
  JsonRpcRequest: jsonRpcRequest,
  KeyChange: keyChange,
  KeyId: keyId,
  KeyList: keyList,
  KeyRequest: keyRequest,
  KeyRotation: rotation,
  Limits: limitsState,
  LimitState: limitState,
  LinkedImage: memberOf(imageInput, 'url'),
  MediaType: mediaType,
  Model: model,
  ModelList: modelList,
  Observation: observation,
  Plan: planName,
  Problem: problem,
  Response: responseForm,
  ResponseEvent: responseEvent,
  ResponseId: responseId,
  ResponseRequest: responseRequestForm,
  Run: run,
  RunCanceledEvent: memberOf(runEvent, 'run.canceled'),
  RunCompletedEvent: memberOf(runEvent, 'run.completed'),
  RunError: runError,
  RunErrorCode: runErrorCode,
  RunEvent: runEvent,
  RunFailedEvent: memberOf(runEvent, 'run.failed'),
  RunId: runId,
  RunList: runList,
  RunRequest: runRequest,
  RunStartedEvent: memberOf(runEvent, 'run.started'),
  RunStatus: runStatus,
  RunStep: runStep,
  RunSummary: runSummary,
  RunUsage: runUsage,
  Scope: scope,
  StepCompletedEvent: memberOf(runEvent, 'step.completed'),
  StepDeltaEvent: memberOf(runEvent, 'step.delta'),
  StepStartedEvent: memberOf(runEvent, 'step.started'),
  StepUsage: stepUsage,
  StoredImage: memberOf(imageInput, 'image_id'),
  ToolCallRequest: toolCallRequest,
  ToolCallResponse: toolCallResponse,
  ToolCompletedEvent: memberOf(runEvent, 'tool.completed'),
  ToolList: toolList,
  ToolListing: toolListing,
  Usage: usage,
  UsageBucket: usageBucket,
  WebhookEvent: webhookEvent,
  WebhookEndpoint: webhookEndpoint,
  WebhookSecret: webhookSecret,
} satisfies Record<string, z.ZodType>;

export type SchemaName = keyof typeof rows;
export const schemas: Readonly<Record<SchemaName, z.ZodType>> = rows;

/** What each schema is, where its code says it in a comment only. */
export const schemaDescriptions: Readonly<Partial<Record<SchemaName, string>>> = {
  Action: 'What the planner wants done. `arguments` fit the tool that `name` names; see GET /v1/tools.',
  ApiKey: 'What a key may do and how it stands. Lists that are absent restrict nothing.',
  Base64Image: 'The bytes of an image. Upload larger ones with POST /v1/images: that costs a third less.',
  ChatChunk: 'One `data:` of a stream. `delta.cota` has the steps that are new.',
  CreatedKey: 'A key with its secret, shown this once.',
  Document: 'A document that questions are looked up in.',
  DocumentRequest: 'What a document says, and where people can read it.',
  DocumentSummary: 'A document without its text; GET /v1/knowledge/{id} has it.',
  Image: 'A stored image. Width and height are those of the upright image.',
  ImageInput: 'An image in a request: its bytes, its address, or the id of one that was uploaded before.',
  ImageUpload: 'An image to be stored: its bytes, or its address.',
  JsonRpcReply: 'A reply of MCP; see its specification for `result`.',
  JsonRpcRequest: 'A message of MCP; see its specification for `params`.',
  KeyChange: 'What is left out stays as it is.',
  KeyRequest: 'A key hands out no more than it has itself.',
  LimitState: 'One limit as it stands.',
  LinkedImage: 'An image on a host that the key lists. It is fetched by the service, once.',
  Observation:
    'What a tool gave. Its members depend on the tool; `error` with `code` and `message` when it could not work on its input.',
  Problem: 'Problem details (RFC 9457). `error` repeats them in the form that OpenAI SDKs read.',
  Run: 'A question about images, the steps to its answer, and the answer.',
  RunEvent:
    'What happens in a run. All but `step.delta` are numbered 1, 2, 3 ... by `seq` without a gap. Ignore types that you do not know.',
  RunStep: 'One turn of the planner and what came of it. The turn that ends the run has no observation.',
  RunSummary: 'A run without images and steps; GET /v1/runs/{id} has them.',
  StepDeltaEvent:
    'A preview of the turn that is being written. It has no number and is not repeated. `offset` counts the characters before it; 0 starts the turn anew.',
  StoredImage: 'An image that was uploaded before, or that a tool made.',
  ToolListing: '`arguments` and `observation` are JSON Schema, draft 2020-12.',
  Usage: 'Sums of what was used. Each row has the members that `group_by` names.',
  WebhookEvent:
    'Sent to `webhook_url` when a run has ended. Answer 2xx within 5 s: anything else is tried again, 410 is not.',
};
