/**
 * The names that schemas bear in the OpenAPI document, and so in generated clients. A schema that
 * stands here is referred to by its name wherever it is used; one that does not is written out.
 */
import * as z from 'zod';
import {
  image,
  imageId,
  imageInput,
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
import { action } from '../turn.ts';
import { backendState, health } from './health.ts';
import { errorCode, problem } from './problem.ts';

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
  BackendState: backendState,
  Base64Image: memberOf(imageInput, 'base64'),
  ErrorCode: errorCode,
  Health: health,
  Image: image,
  ImageId: imageId,
  ImageInput: imageInput,
  MediaType: mediaType,
  Observation: observation,
  Problem: problem,
  Run: run,
  RunCompletedEvent: memberOf(runEvent, 'run.completed'),
  RunError: runError,
  RunErrorCode: runErrorCode,
  RunEvent: runEvent,
  RunFailedEvent: memberOf(runEvent, 'run.failed'),
  RunId: runId,
  RunRequest: runRequest,
  RunStartedEvent: memberOf(runEvent, 'run.started'),
  RunStatus: runStatus,
  RunStep: runStep,
  RunUsage: runUsage,
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
} satisfies Record<string, z.ZodType>;

export type SchemaName = keyof typeof rows;
export const schemas: Readonly<Record<SchemaName, z.ZodType>> = rows;

/** What each schema is, where its code says it in a comment only. */
export const schemaDescriptions: Readonly<Partial<Record<SchemaName, string>>> = {
  Action: 'What the planner wants done. `arguments` fit the tool that `name` names; see GET /v1/tools.',
  Base64Image: 'The bytes of an image. Upload larger ones with POST /v1/images: that costs a third less.',
  Image: 'A stored image. Width and height are those of the upright image.',
  ImageInput: 'An image in a request: its bytes, or the id of one that was uploaded before.',
  Observation:
    'What a tool gave. Its members depend on the tool; `error` with `code` and `message` when it could not work on its input.',
  Problem: 'Problem details (RFC 9457). `error` repeats them in the form that OpenAI SDKs read.',
  Run: 'A question about images, the steps to its answer, and the answer.',
  RunEvent:
    'What happens in a run. All but `step.delta` are numbered 1, 2, 3 ... by `seq` without a gap. Ignore types that you do not know.',
  RunStep: 'One turn of the planner and what came of it. The turn that ends the run has no observation.',
  StepDeltaEvent:
    'A preview of the turn that is being written. It has no number and is not repeated. `offset` counts the characters before it; 0 starts the turn anew.',
  StoredImage: 'An image that was uploaded before, or that a tool made.',
  ToolListing: '`arguments` and `observation` are JSON Schema, draft 2020-12.',
};
