/** The tools of MCP, made of the same calls as the other routes. */
import { backendOf } from '#edge/backend/index';
import { invalidRequest } from '#edge/body';
import { failureOf } from '#edge/compat/failure';
import { atReferences, imageInputOf } from '#edge/compat/images';
import { startCompatRun } from '#edge/compat/start';
import { reasoningOf } from '#edge/compat/trace';
import { reportedError } from '#edge/guards/errors';
import { DEFAULT_MODEL } from '#edge/models';
import { mayUseModel, mayUseTool, requireScope } from '#edge/principal';
import type { AppContext } from '#edge/route';
import { runStub } from '#edge/run/rpc';
import { callSingle, usableTool } from '#edge/run/single-call';
import { waitForRun } from '#edge/run/wait';
import { sha256Hex } from '#edge/storage/digest';
import { availableTools } from '#edge/tools/available';
import { toolCallRequest } from '#shared/api';
import { toolError } from '#shared/tool';
import { toolSpec } from '#shared/tools/index';
import {
  ASK,
  askTool,
  imagesBack,
  imagesOut,
  type JsonObject,
  type McpTool,
  mcpTool,
  readAsk,
} from './schemas.ts';
import type { McpOutcome, McpPorts } from './server.ts';

/** Whether a message, or one of a list of them, calls a tool. */
export function callsTool(body: unknown): boolean {
  return [body].flat().some((message) => Object(message).method === 'tools/call');
}

export function mcpPorts(c: AppContext): McpPorts {
  return {
    tools: () => listTools(c),
    call: async (name, input) => {
      try {
        return await (name === ASK ? ask(c, input) : callOne(c, name, input));
      } catch (thrown) {
        throw reportedError(thrown, c);
      }
    },
  };
}

/** What can be called now, with this key. Terminate ends a run, so it is none of them. */
async function listTools(c: AppContext): Promise<McpTool[]> {
  const { settings, principal } = c.var;
  const health = await backendOf(settings).health(settings.HEALTH_WALL_MS);
  const available = availableTools(health);
  const specs = available.flatMap(({ name }) => (name === 'Terminate' ? [] : (toolSpec(name) ?? [])));
  const models = [DEFAULT_MODEL, ...health.flatMap((backend) => backend?.planner?.model ?? [])];
  const mayAsk =
    principal.scopes.includes('runs:write') && models.some((model) => mayUseModel(principal, model));
  const mayUse = specs.filter(({ name }) => mayUseTool(principal, name));
  return [...(mayAsk ? [askTool] : []), ...mayUse.map(mcpTool)];
}

async function callOne(c: AppContext, name: string, given: JsonObject): Promise<McpOutcome> {
  const tool = await usableTool(c, name);
  const { input, images } = imagesOut(given, toolSpec(name)?.imageArguments ?? []);
  const request = { arguments: input, images: images.map(imageInputOf) };
  const parsed = toolCallRequest.safeParse(request);
  if (!parsed.success) throw invalidRequest(parsed.error.issues);
  const { observation, image, imageIds } = await atReferences(images, () => callSingle(c, tool, parsed.data));
  const made = image ? { image_id: image.id } : {};
  return {
    failed: toolError.safeParse(observation).success,
    result: { ...imagesBack(observation, imageIds), ...made },
  };
}

async function ask(c: AppContext, given: JsonObject): Promise<McpOutcome> {
  const { settings, principal } = c.var;
  // The route asks for `tools`, and this one begins a run.
  requireScope(principal, 'runs:write');
  const { input, images } = imagesOut(given, ['images']);
  const parsed = readAsk(input);
  if (!parsed.success) throw invalidRequest(parsed.error.issues);
  const { question, max_steps, model } = parsed.data;
  const digest = await sha256Hex(JSON.stringify(given));
  const wish = {
    question,
    images,
    max_steps,
    cache: 'auto',
    ...(model === undefined ? {} : { model }),
  } as const;
  const run = await startCompatRun(c, digest, wish);
  const stub = () => runStub(settings.RUNS, principal.tenant, run.id);
  const ended = await waitForRun(stub, run);
  const failure = failureOf(ended);
  if (failure) throw failure;
  return {
    failed: false,
    result: { answer: ended.answer ?? '', run_id: ended.id, reasoning: reasoningOf(ended) },
  };
}
