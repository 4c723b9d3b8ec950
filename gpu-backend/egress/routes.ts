/**
 * POST /v1/egress/check, fetch and deliver: requests to where others name. Besides these, only a language model that
 * the operator names is asked (`language/hosted.ts`).
 */
import { Resolver } from 'node:dns/promises';
import { request } from 'node:https';
import type { Context } from 'hono';
import { parseBody } from '#backend/body';
import { createGate } from '#backend/queue';
import { egressCheck, egressDelivery, egressFetch } from '#shared/contract';
import { ApiError } from '#shared/errors';
import { BACKEND_QUEUE_MAX, EGRESS_CONCURRENCY_MAX, EGRESS_WALL_MS_MAX } from '#shared/limits';
import { deliver, fetchBytes } from './exchange.ts';
import { type EgressPorts, parseUrl, publicAddresses } from './send.ts';

const DNS_TRY_MS = 1_500;

export const internet: EgressPorts = {
  // By DNS alone: `lookup` would read this machine's hosts file, and block the threads that read files.
  resolve: async (hostname) => {
    const resolver = new Resolver({ timeout: DNS_TRY_MS, tries: 2 });
    const answers = await Promise.allSettled([resolver.resolve4(hostname), resolver.resolve6(hostname)]);
    return answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
  },
  dial: (options) => request(options),
};

type Answer = (context: Context, body: Uint8Array, signal: AbortSignal) => Promise<Response>;

/** Answers `POST /v1/egress/:what` within EGRESS_WALL_MS_MAX. */
export function createEgressRoute(
  ports: EgressPorts,
): (context: Context, body: Uint8Array) => Promise<Response> {
  const gate = createGate({ concurrency: EGRESS_CONCURRENCY_MAX, queueMax: BACKEND_QUEUE_MAX });
  const answers: ReadonlyMap<string, Answer> = new Map<string, Answer>([
    [
      'check',
      async (context, body, signal) => {
        await publicAddresses(ports, parseUrl(parseBody(body, egressCheck).url), signal);
        return context.json({});
      },
    ],
    [
      'fetch',
      async (context, body, signal) =>
        context.body(await fetchBytes(ports, parseBody(body, egressFetch), signal)),
    ],
    [
      'deliver',
      async (context, body, signal) =>
        context.json({ status: await deliver(ports, parseBody(body, egressDelivery), signal) }),
    ],
  ]);

  return async (context, body) => {
    const answer = answers.get(context.req.param('what') ?? '');
    if (!answer) throw new ApiError('not_found', 'There is check, fetch and deliver.');
    const signal = AbortSignal.timeout(EGRESS_WALL_MS_MAX);
    const place = await gate.enter(signal).catch((cause: unknown) => {
      throw cause instanceof ApiError
        ? cause
        : new ApiError('overloaded', 'Too many requests leave already.');
    });
    try {
      return await answer(context, body, signal);
    } finally {
      place.leave();
    }
  };
}
