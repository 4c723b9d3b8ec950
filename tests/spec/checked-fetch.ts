/** How the replies of an edge are checked that clients in this process fetch over real HTTP, whatever clients they are. */
import { checkReply } from './reply.ts';

const watched = new Set<string>();
let unwrapped: typeof globalThis.fetch | undefined;

/**
 * From now on `fetch` rejects when a reply of this edge is not as the OpenAPI document describes it, and breaks a
 * stream at the first event that is not. @returns what ends it
 */
export function watchReplies(edgeUrl: string): () => void {
  const { origin } = new URL(edgeUrl);
  watched.add(origin);
  if (unwrapped === undefined) {
    unwrapped = globalThis.fetch;
    globalThis.fetch = checkedFetch;
  }
  return () => void watched.delete(origin);
}

async function checkedFetch(...[input, init]: Parameters<typeof fetch>): Promise<Response> {
  const request = input instanceof Request ? input : undefined;
  const { origin, pathname, search } = new URL(request?.url ?? String(input));
  const response = await (unwrapped as typeof fetch)(input, init);
  if (!watched.has(origin)) return response;
  return checkReply(init?.method ?? request?.method ?? 'GET', pathname + search, response);
}
