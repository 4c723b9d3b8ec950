/**
 * One request to a host of the internet that a caller has named. The name is resolved here, every address
 * is checked, and one of those very addresses is dialled: what a name means later changes nothing.
 */
import type { ClientRequest, IncomingMessage, RequestOptions } from 'node:http';
import { addressOf, isPublicAddress, whyRefused } from '#shared/egress';
import { ApiError } from '#shared/errors';

export type EgressPorts = {
  /** All addresses of a host name. */
  resolve(hostname: string): Promise<readonly string[]>;
  /** Begins a TLS request. */
  dial(options: RequestOptions & { servername?: string }): ClientRequest;
};

export type Outgoing = {
  readonly url: URL;
  readonly method: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
};

/** @throws ApiError `url_not_allowed` */
export function parseUrl(text: string, base?: URL): URL {
  const url = URL.parse(text, base?.href);
  if (!url) throw new ApiError('url_not_allowed', 'Expected an absolute https URL.');
  return url;
}

/** The addresses that may be dialled for a URL. @throws ApiError `url_not_allowed`, `url_unreachable` */
export async function publicAddresses(
  { resolve }: EgressPorts,
  url: URL,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const reason = whyRefused(url);
  if (reason !== undefined) throw new ApiError('url_not_allowed', `${reason}.`);
  const literal = addressOf(url.hostname);
  if (literal !== undefined) return [literal];
  const addresses = await before(signal, resolve(url.hostname)).catch((cause: unknown) => {
    throw unreachable(`The host ${url.hostname} has no address.`, signal, cause);
  });
  if (addresses.length === 0) throw unreachable(`The host ${url.hostname} has no address.`, signal);
  if (!addresses.every(isPublicAddress)) {
    throw new ApiError('url_not_allowed', `The host ${url.hostname} has an address of a private network.`);
  }
  return addresses;
}

/** Resolves with the head of the reply; its body is still to be read. Redirects are not followed. */
export async function send(
  ports: EgressPorts,
  { url, method, headers, body }: Outgoing,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const [address] = await publicAddresses(ports, url, signal);
  const named = addressOf(url.hostname) === undefined;
  try {
    return await new Promise<IncomingMessage>((resolve, reject) => {
      const request = ports.dial({
        host: address,
        port: 443,
        method,
        path: url.pathname + url.search,
        headers: { 'user-agent': 'taco-edge', 'accept-encoding': 'identity', ...headers, host: url.host },
        agent: false,
        signal,
        ...(named ? { servername: url.hostname } : {}),
      });
      request.once('error', reject);
      request.once('response', resolve);
      request.end(body);
    });
  } catch (cause) {
    throw unreachable(`The host ${url.hostname} does not answer.`, signal, cause);
  }
}

/** Says that time is up where that is the reason. */
export function unreachable(message: string, signal: AbortSignal, cause?: unknown): ApiError {
  return new ApiError('url_unreachable', signal.aborted ? 'The host took too long.' : message, { cause });
}

function before<Value>(signal: AbortSignal, work: Promise<Value>): Promise<Value> {
  return Promise.race([
    work,
    new Promise<never>((_, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    }),
  ]);
}
