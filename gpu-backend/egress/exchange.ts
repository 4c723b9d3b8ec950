/** The two things that are done with a URL: what it names is fetched, or a webhook is delivered to it. */
import type { IncomingMessage } from 'node:http';
import type { EgressDelivery, EgressFetch } from '#shared/contract';
import { hostListed } from '#shared/egress';
import { ApiError } from '#shared/errors';
import { EGRESS_REDIRECTS_MAX } from '#shared/limits';
import { type EgressPorts, parseUrl, send, unreachable } from './send.ts';

/** By what is fetched: what is asked for, what it is called, and what a host beyond the listed ones is told as. */
const MEDIA = {
  image: {
    accept: 'image/jpeg, image/png, image/webp',
    noun: 'an image',
    unlisted: (host: string) => `This key does not allow images from ${host}.`,
  },
  json: {
    accept: 'application/json',
    noun: 'a reply',
    unlisted: (host: string) => `It leads to another host, ${host}.`,
  },
} as const;

const REDIRECTS: readonly number[] = [301, 302, 303, 307, 308];

/**
 * The bytes behind a URL, at most `bytes_max`, through at most EGRESS_REDIRECTS_MAX redirects, each of
 * which must stay within `hosts`. @throws ApiError `url_not_allowed`, `url_unreachable`, `body_too_large`
 */
export async function fetchBytes(
  ports: EgressPorts,
  { url: text, hosts, media, bytes_max }: EgressFetch,
  signal: AbortSignal,
): Promise<Uint8Array<ArrayBuffer>> {
  const { accept, noun, unlisted } = MEDIA[media];
  let url = parseUrl(text);
  for (let redirects = 0; ; redirects++) {
    if (!hostListed(url.hostname, hosts)) {
      throw new ApiError('url_not_allowed', unlisted(url.hostname));
    }
    const response = await send(ports, { url, method: 'GET', headers: { accept } }, signal);
    try {
      const { location } = response.headers;
      if (!REDIRECTS.includes(response.statusCode ?? 0) || location === undefined) {
        return await bodyOf(response, { noun, bytesMax: bytes_max }, signal);
      }
      if (redirects === EGRESS_REDIRECTS_MAX) {
        throw new ApiError('url_not_allowed', `Expected at most ${EGRESS_REDIRECTS_MAX} redirects.`);
      }
      url = parseUrl(location, url);
    } finally {
      response.destroy();
    }
  }
}

/** The status that the receiver answers with; a redirect is not followed. */
export async function deliver(
  ports: EgressPorts,
  { url, headers, body }: EgressDelivery,
  signal: AbortSignal,
): Promise<number> {
  const length = String(Buffer.byteLength(body));
  const all = { ...headers, 'content-type': 'application/json', 'content-length': length };
  const response = await send(ports, { url: parseUrl(url), method: 'POST', headers: all, body }, signal);
  response.destroy();
  return response.statusCode ?? 0;
}

async function bodyOf(
  response: IncomingMessage,
  { noun, bytesMax }: { readonly noun: string; readonly bytesMax: number },
  signal: AbortSignal,
): Promise<Uint8Array<ArrayBuffer>> {
  if (response.statusCode !== 200) {
    throw new ApiError('url_unreachable', `The host answered with status ${response.statusCode}.`);
  }
  const encoding = response.headers['content-encoding'] ?? 'identity';
  if (encoding !== 'identity') {
    throw new ApiError('url_unreachable', 'The host compresses its reply, which was not asked for.');
  }
  const tooLarge = new ApiError('body_too_large', `Expected ${noun} of at most ${bytesMax} bytes.`);
  if (Number(response.headers['content-length']) > bytesMax) throw tooLarge;
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const chunk of response as AsyncIterable<Uint8Array>) {
      bytes += chunk.length;
      if (bytes > bytesMax) throw tooLarge;
      chunks.push(chunk);
    }
  } catch (cause) {
    if (cause === tooLarge) throw tooLarge;
    throw unreachable('The connection broke off.', signal, cause);
  }
  return new Uint8Array(Buffer.concat(chunks));
}
