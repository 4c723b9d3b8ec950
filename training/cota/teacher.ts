/** A teacher behind an OpenAI-compatible `/chat/completions`: what it says, and what that took. */
import { setTimeout as delay } from 'node:timers/promises';
import * as z from 'zod';
import { cotaTrace as servedTrace } from '#shared/api/chat';
import type { Observation } from '#shared/conversation';
import { IMAGE_MARKER, type Message } from '#shared/prompt';
import type { Action } from '#shared/turn';

export type TeacherOptions = {
  /** Up to and with `/v1`. */
  readonly url: string;
  readonly key: string;
  readonly model: string;
  /** Of one request, in milliseconds. */
  readonly timeoutMs?: number;
};

/** A step that a teacher with a loop of its own has gone through already. */
export type ServedStep = {
  readonly thought: string;
  readonly actions: readonly Action[];
  readonly observation?: Observation | undefined;
};

export type Reply = {
  readonly text: string;
  /** Prompt and completion together; 0 where the teacher does not say. */
  readonly tokens: number;
  /** The trace of an agent: then `text` is its answer. Traces whose tools made images are left out. */
  readonly steps?: readonly ServedStep[];
};

export type Teacher = {
  /** `images`: data URLs, in the order of the markers in the messages. Throws TeacherError after the last attempt. */
  ask(messages: readonly Message[], images: readonly string[]): Promise<Reply>;
};

export class TeacherError extends Error {
  override readonly name = 'TeacherError';
}

const ATTEMPTS_MAX = 4;
const WAIT_MS_MAX = 30_000;
const REPLY_BYTES_MAX = 4 * 2 ** 20;
const ANSWER_TOKENS_MAX = 1_000;

const completion = z.object({
  choices: z.array(z.object({ message: z.object({ content: z.string().nullish() }) })).min(1),
  usage: z
    .object({ total_tokens: z.int().min(0) })
    .partial()
    .nullish(),
  cota: servedTrace.optional(),
});

export function openTeacher({ url, key, model, timeoutMs = 120_000 }: TeacherOptions): Teacher {
  const send = async (body: string): Promise<Response> =>
    await fetch(`${url.replace(/\/+$/, '')}/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body,
      signal: AbortSignal.timeout(timeoutMs),
    });
  return {
    ask: async (messages, images) => {
      const body = JSON.stringify({
        model,
        temperature: 0,
        max_tokens: ANSWER_TOKENS_MAX,
        messages: withImages(messages, images),
      });
      for (let attempt = 1; ; attempt++) {
        const tried = await attemptOf(() => send(body));
        if ('reply' in tried) return tried.reply;
        if (!tried.again || attempt === ATTEMPTS_MAX) throw new TeacherError(tried.why);
        await delay(Math.min(WAIT_MS_MAX, tried.waitMs ?? 500 * 2 ** attempt));
      }
    },
  };
}

type Attempt =
  | { readonly reply: Reply }
  | { readonly why: string; readonly again: boolean; readonly waitMs?: number };

async function attemptOf(send: () => Promise<Response>): Promise<Attempt> {
  let response: Response;
  let text: string;
  try {
    response = await send();
    text = await response.text();
  } catch (error) {
    return { why: `the teacher cannot be reached: ${String(error)}`, again: true };
  }
  if (!response.ok) {
    const again = response.status === 429 || response.status >= 500;
    const seconds = Number(response.headers.get('retry-after') ?? Number.NaN);
    const why = `the teacher answered ${response.status}: ${text.slice(0, 300)}`;
    return { why, again, ...(Number.isFinite(seconds) ? { waitMs: seconds * 1000 } : {}) };
  }
  const parsed = text.length > REPLY_BYTES_MAX ? undefined : completion.safeParse(parse(text));
  if (!parsed?.success) return { why: 'the teacher answered no chat completion', again: false };
  const { choices, usage, cota } = parsed.data;
  const steps = cota?.steps.every(({ image_id }) => image_id === undefined) ? cota.steps : undefined;
  return {
    reply: {
      text: choices[0]?.message.content ?? '',
      tokens: usage?.total_tokens ?? 0,
      ...(steps ? { steps } : {}),
    },
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

type Part = { type: 'text'; text: string } | { type: 'image_url'; image_url: { url: string } };

/** Every marker becomes the next image. */
function withImages(messages: readonly Message[], images: readonly string[]) {
  let next = 0;
  return messages.map(({ role, content }) => {
    const texts = content.split(IMAGE_MARKER);
    if (texts.length === 1) return { role, content };
    const parts = texts.flatMap((text, index): Part[] => {
      const url = index < texts.length - 1 ? images[next++] : undefined;
      return [
        ...(text === '' ? [] : [{ type: 'text', text } as const]),
        ...(url === undefined ? [] : [{ type: 'image_url', image_url: { url } } as const]),
      ];
    });
    return { role, content: parts };
  });
}
