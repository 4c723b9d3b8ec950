/**
 * A language model behind the chat completions of the OpenAI API, which most servers of models speak. Its address is
 * the operator's, never a caller's, and may lie in a private network; redirects are not followed, so that the key goes
 * nowhere else. What it answers is text and nothing more.
 * Source: API reference of OpenAI, "Create chat completion" (POST /chat/completions).
 */
import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import * as z from 'zod';
import type { Log } from '#backend/log';
import type { HostedModel } from '#backend/tool-hosts';
import { INSTRUCTION } from '#backend/tools/query-language-model';
import { ToolFailure } from '#backend/tools/tool';
import {
  LANGUAGE_BACKOFF_MS,
  LANGUAGE_REPLY_BYTES_MAX,
  LANGUAGE_TOKENS_MAX,
  LANGUAGE_TRIES_MAX,
  LANGUAGE_WALL_MS_MAX,
} from '#shared/limits';

export type LanguageEndpoint = {
  /** Of the API, without a slash at the end: `https://api.example/v1`. */
  readonly url: string;
  readonly model: string;
  readonly key?: string;
};

/** `wallMs`: of all attempts together. */
export function openHostedModel(
  endpoint: LanguageEndpoint,
  log: Log,
  wallMs = LANGUAGE_WALL_MS_MAX,
): HostedModel {
  const { url, model } = endpoint;
  const version = createHash('sha256').update(`${url}\n${model}`).digest('hex').slice(0, 12);
  return {
    version: `hosted-${version}`,
    ask: async (query, signal) => {
      const time = AbortSignal.timeout(wallMs);
      const reply = await askRepeatedly(endpoint, query, AbortSignal.any([signal, time]));
      if ('text' in reply) return reply.text;
      signal.throwIfAborted();
      const why = time.aborted ? 'It took too long.' : reply.why;
      log('language_model_failed', { host: new URL(url).host, model, why });
      throw new ToolFailure(
        'language_model_unreachable',
        `The language model gave no answer. ${why} Try again, or go on without it.`,
      );
    },
  };
}

type Reply =
  | { readonly text: string }
  /** `afterMs`: another attempt may succeed, after this time at the earliest. */
  | { readonly why: string; readonly afterMs?: number };

/** The last reply. Never rejects. */
async function askRepeatedly(endpoint: LanguageEndpoint, query: string, signal: AbortSignal): Promise<Reply> {
  for (let tries = 1; ; tries++) {
    const reply = await askOnce(endpoint, query, signal);
    if ('text' in reply || reply.afterMs === undefined || tries === LANGUAGE_TRIES_MAX) return reply;
    // Full jitter: anything between 0 and the doubling bound.
    const backoff = Math.random() * LANGUAGE_BACKOFF_MS * 2 ** tries;
    const isOver = await delay(Math.max(reply.afterMs, backoff), false, { signal }).catch(() => true);
    if (isOver) return reply;
  }
}

async function askOnce(
  { url, model, key }: LanguageEndpoint,
  query: string,
  signal: AbortSignal,
): Promise<Reply> {
  try {
    const response = await fetch(`${url}/chat/completions`, {
      method: 'POST',
      redirect: 'manual',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json',
        ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
      },
      body: JSON.stringify({
        model,
        messages: [
          { role: 'system', content: INSTRUCTION },
          { role: 'user', content: query },
        ],
        max_tokens: LANGUAGE_TOKENS_MAX,
        temperature: 0,
        stream: false,
      }),
      signal,
    });
    if (response.status === 200) return await readReply(response);
    await response.body?.cancel();
    return refusalOf(response);
  } catch {
    // The cause may name addresses of a private network, and the planner can do nothing about it.
    return { why: 'It does not answer.', afterMs: 0 };
  }
}

/** By status, what is told. Words of the endpoint are not: they may hold a part of the key. */
function refusalOf({ status, headers }: Response): Reply {
  if (status === 429 || status >= 500) {
    const seconds = Number(headers.get('retry-after'));
    const why = status === 429 ? 'It has too many requests.' : `It failed with status ${status}.`;
    return { why, afterMs: seconds > 0 ? seconds * 1_000 : 0 };
  }
  if (status === 401 || status === 403)
    return { why: 'It refuses the key of this server, which is LANGUAGE_KEY of the backend.' };
  if (status === 404)
    return {
      why: 'It does not know LANGUAGE_MODEL of the backend, or there is no such API at LANGUAGE_URL.',
    };
  return { why: `It refuses the request with status ${status}.` };
}

const completion = z.object({
  choices: z.array(z.object({ message: z.object({ content: z.string().nullish() }) })).min(1),
});

async function readReply(response: Response): Promise<Reply> {
  const bytes = await bytesOf(response, LANGUAGE_REPLY_BYTES_MAX);
  if (!bytes) return { why: `It sent more than ${LANGUAGE_REPLY_BYTES_MAX} bytes.` };
  const parsed = completion.safeParse(jsonOf(bytes));
  if (!parsed.success) return { why: 'It sent no reply of the OpenAI API.' };
  const content = parsed.data.choices[0]?.message.content ?? '';
  // Models that reason in the open do so here, before they answer.
  return { text: content.replace(/^\s*<think>[\s\S]*?<\/think>/, '') };
}

/** Undefined where there are more, after decompression; the rest is not read. */
async function bytesOf(response: Response, bytesMax: number): Promise<Uint8Array | undefined> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > bytesMax) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function jsonOf(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
}
