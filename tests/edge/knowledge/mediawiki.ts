/** A server on this machine that speaks the part of MediaWiki's API which is asked, and misbehaves when told to. */
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Page = {
  readonly title: string;
  readonly extract: string;
  /** Titles that a page of meanings lists. */
  readonly meanings?: readonly string[];
};

export type MediaWiki = {
  readonly port: number;
  /** What was searched for, and the host that was asked, newest last. */
  readonly searches: string[];
  readonly hosts: string[];
  /** Answers the next requests in another way than the API would; undefined ends that. */
  misbehave(reply: ((response: ServerResponse) => void) | undefined): void;
  stop(): Promise<void>;
};

export async function startMediaWiki(pages: readonly Page[]): Promise<MediaWiki> {
  const searches: string[] = [];
  const hosts: string[] = [];
  let other: ((response: ServerResponse) => void) | undefined;
  const server = createServer((request, response) => {
    hosts.push(String(request.headers.host));
    if (other) return other(response);
    const query = new URL(request.url ?? '/', 'http://wiki').searchParams;
    const search = query.get('gsrsearch');
    if (search !== null) searches.push(search);
    response.setHeader('content-type', 'application/json; charset=utf-8');
    response.end(JSON.stringify(search === null ? linksOf(pages, query) : hitsOf(pages, search, query)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    searches,
    hosts,
    misbehave: (reply) => {
      other = reply;
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Pages that have all words; those whose title begins with them first, and the title alone before all. */
function hitsOf(pages: readonly Page[], search: string, query: URLSearchParams): unknown {
  const wanted = search.toLowerCase();
  const words = wanted.split(' ').filter((word) => word !== '');
  const rank = ({ title }: Page): number => {
    const name = title.toLowerCase();
    return name === wanted ? 0 : name.startsWith(wanted) ? 1 : 2;
  };
  const found = pages
    .filter(({ title, extract }) => words.every((word) => `${title} ${extract}`.toLowerCase().includes(word)))
    .sort((a, b) => rank(a) - rank(b))
    .slice(0, Number(query.get('gsrlimit')));
  if (found.length === 0 || words.length === 0) return { batchcomplete: true };
  const listed = found.map(({ title, extract, meanings }, index) => ({
    pageid: index + 1,
    ns: 0,
    title,
    index: index + 1,
    extract,
    fullurl: `https://wiki.example/wiki/${encodeURIComponent(title.replaceAll(' ', '_'))}`,
    ...(meanings ? { pageprops: { disambiguation: '' } } : {}),
  }));
  // The API lists pages by their number, not by rank.
  return { batchcomplete: true, query: { pages: listed.reverse() } };
}

function linksOf(pages: readonly Page[], query: URLSearchParams): unknown {
  const page = pages.find(({ title }) => title === query.get('titles'));
  const links = (page?.meanings ?? [])
    .slice(0, Number(query.get('pllimit')))
    .map((title) => ({ ns: 0, title }));
  return { query: { pages: [{ pageid: 1, ns: 0, title: page?.title, links }] } };
}
