/** How tests fetch from the edge: every reply, and every event of a stream, is held to the OpenAPI document. */
import { checkReply } from './reply.ts';

/** As `fetch`. Rejects when the reply is not as described; what has no request id came from workerd itself. */
export async function checkedFetch(url: string | URL, init: RequestInit = {}): Promise<Response> {
  const { pathname, search } = new URL(url);
  return checkReply(init.method ?? 'GET', pathname + search, await fetch(url, init));
}
