/** Examples in the shapes of OpenAI's API and of MCP. */
import { ids, nothingUsed, PNG, runSteps, runUsage } from './examples.ts';
import type { Examples, Json } from './operation.ts';

const HEX = ids.run.slice('run_'.length);
const MODEL = 'taco-edge';
const QUESTION = 'What is the total?';
const CREATED = 1_795_422_600;

export const responseId = `resp_${HEX}`;

export const chatRequests: Examples = {
  photo: {
    summary: 'A question with a photo',
    value: {
      model: MODEL,
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: QUESTION },
            { type: 'image_url', image_url: { url: `data:image/png;base64,${PNG}` } },
          ],
        },
      ],
    },
  },
  stream: {
    summary: 'Streamed, about an image that was uploaded before, with few steps',
    value: {
      model: MODEL,
      stream: true,
      stream_options: { include_usage: true },
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: QUESTION },
            { type: 'image_url', image_url: { url: ids.image } },
          ],
        },
      ],
      cota: { max_steps: 4 },
    },
  },
};

const cota: Json = {
  run_id: ids.run,
  status: 'succeeded',
  images: [ids.image],
  steps: runSteps,
  usage: runUsage,
};
const reasoning = 'I read the text first.\nOCR({"image":"image-0"})\n-> {"text":"TOTAL 24.25"}\n';

export const chatCompletions: Examples = {
  answered: {
    summary: 'The answer, with the trace of its run',
    value: {
      id: `chatcmpl-${HEX}`,
      object: 'chat.completion',
      created: CREATED,
      model: MODEL,
      choices: [
        {
          index: 0,
          message: {
            role: 'assistant',
            content: '24.25',
            refusal: null,
            reasoning_content: `${reasoning}The total is 24.25.\n`,
          },
          logprobs: null,
          finish_reason: 'stop',
        },
      ],
      usage: {
        prompt_tokens: 1030,
        completion_tokens: 48,
        total_tokens: 1078,
        prompt_tokens_details: { cached_tokens: 871 },
      },
      cota,
    },
  },
};

const model = { id: MODEL, object: 'model', created: 1_793_318_400, owned_by: 'taco-edge' };
export const models: Examples = {
  one: { summary: 'The name that always holds', value: { object: 'list', data: [model] } },
};
export const oneModel: Examples = { one: { summary: 'Whichever planner serves', value: model } };

export const responseRequests: Examples = {
  photo: {
    summary: 'A question with a photo',
    value: {
      model: MODEL,
      input: [
        {
          role: 'user',
          content: [
            { type: 'input_text', text: QUESTION },
            { type: 'input_image', image_url: `data:image/png;base64,${PNG}` },
          ],
        },
      ],
    },
  },
};

export const responses: Examples = {
  queued: {
    summary: 'A response that was begun in the background',
    value: {
      id: responseId,
      object: 'response',
      created_at: CREATED,
      status: 'queued',
      background: true,
      error: null,
      incomplete_details: null,
      instructions: null,
      max_output_tokens: null,
      model: MODEL,
      output: [],
      parallel_tool_calls: false,
      previous_response_id: null,
      temperature: null,
      text: { format: { type: 'text' } },
      tool_choice: 'none',
      tools: [],
      top_p: null,
      truncation: 'disabled',
      usage: null,
      metadata: {},
      cota: {
        run_id: ids.run,
        status: 'queued',
        images: [ids.image],
        steps: [],
        usage: nothingUsed,
      },
    },
  },
};

export const rpcRequests: Examples = {
  list: { summary: 'What can be called', value: { jsonrpc: '2.0', id: 1, method: 'tools/list' } },
  call: {
    summary: 'A call of a tool',
    value: {
      jsonrpc: '2.0',
      id: 2,
      method: 'tools/call',
      params: { name: 'Calculate', arguments: { expression: '2 * 4.50 + 3.20' } },
    },
  },
};

export const rpcReplies: Examples = {
  result: {
    summary: 'A result',
    value: {
      jsonrpc: '2.0',
      id: 2,
      result: { content: [{ type: 'text', text: '{"result":12.2}' }], structuredContent: { result: 12.2 } },
    },
  },
};
