/**
 * The public API of MediaWiki, by which Wikipedia is asked: what is sent, and what its replies mean. Pure.
 * Sources: API:Search, Extension:TextExtracts, Extension:Disambiguator and API:Links of mediawiki.org.
 */
import * as z from 'zod';
import { ENCYCLOPEDIA_HITS, ENCYCLOPEDIA_MEANINGS, URL_CHARS_MAX } from '#shared/limits';
import { withoutUnseen } from '#shared/unseen';

/** Of CirrusSearch, which refuses longer queries. */
const SEARCH_CHARS_MAX = 300;
/** Of MediaWiki: 255 bytes. */
const TITLE_CHARS_MAX = 255;

export type Article = {
  readonly title: string;
  readonly url?: string;
  /** The introduction, as plain text. */
  readonly extract: string;
  /** A page that only lists what its name may mean. */
  readonly isDisambiguation: boolean;
};

const page = z.object({
  title: z.string().min(1).max(TITLE_CHARS_MAX),
  index: z.number().default(0),
  extract: z.string().default(''),
  fullurl: z
    .url({ protocol: /^https?$/ })
    .optional()
    .catch(undefined),
  pageprops: z.object({ disambiguation: z.string().optional() }).optional(),
});

// A search without a hit has no `query` at all; an `error` of the API is none of the two.
const hits = z.object({
  error: z.never().optional(),
  query: z.object({ pages: z.array(page).max(50) }).optional(),
});

const links = z.object({
  query: z.object({
    pages: z
      .array(
        z.object({ links: z.array(z.object({ title: z.string().min(1).max(TITLE_CHARS_MAX) })).default([]) }),
      )
      .max(50),
  }),
});

/** The best articles for a query, with introductions, in one request. A query too long for a URL loses its end. */
export function searchUrl(base: string, query: string): string {
  const characters = [...plainSearch(query)].slice(0, SEARCH_CHARS_MAX);
  for (;;) {
    const url = searchUrlOf(base, characters.join(''));
    if (url.length <= URL_CHARS_MAX || characters.length === 0) return url;
    characters.splice(Math.floor(characters.length / 2));
  }
}

/** The query without what CirrusSearch takes for an operator: only its words are meant. */
function plainSearch(query: string): string {
  return query
    .replace(/["~*?\\:!/|()[\]{}<>^#@+=]/g, ' ')
    .replace(/(?<=^|\s)-+/g, '')
    .replace(/\s+/gu, ' ')
    .trim();
}

function searchUrlOf(base: string, text: string): string {
  return requestUrl(base, {
    generator: 'search',
    gsrsearch: text,
    gsrnamespace: '0',
    gsrlimit: String(ENCYCLOPEDIA_HITS),
    prop: 'extracts|info|pageprops',
    exintro: '1',
    explaintext: '1',
    exlimit: String(ENCYCLOPEDIA_HITS),
    inprop: 'url',
    ppprop: 'disambiguation',
    redirects: '1',
  });
}

/** The articles that a page of meanings lists. */
export function meaningsUrl(base: string, title: string): string {
  return requestUrl(base, {
    titles: title,
    prop: 'links',
    plnamespace: '0',
    pllimit: String(ENCYCLOPEDIA_MEANINGS),
  });
}

/** Best first; undefined where the reply is none of that API. */
export function readArticles(reply: Uint8Array): Article[] | undefined {
  const parsed = hits.safeParse(jsonOf(reply));
  if (!parsed.success) return undefined;
  const pages = [...(parsed.data.query?.pages ?? [])].sort((a, b) => a.index - b.index);
  return pages.map(({ title, fullurl, extract, pageprops }) => ({
    title,
    ...(fullurl === undefined ? {} : { url: fullurl }),
    extract: withoutUnseen(extract).trim(),
    isDisambiguation: pageprops?.disambiguation !== undefined,
  }));
}

export function readMeanings(reply: Uint8Array): string[] | undefined {
  const parsed = links.safeParse(jsonOf(reply));
  if (!parsed.success) return undefined;
  return parsed.data.query.pages.flatMap((found) => found.links.map(({ title }) => title));
}

export type Choice =
  | { readonly article: Article; readonly others: readonly string[] }
  /** The first hit lists meanings, and none of them is among the hits. */
  | { readonly ambiguous: string }
  | 'none';

/** The first hit; where that is a page of meanings, the first hit that is one of them. */
export function choose(articles: readonly Article[]): Choice {
  const [first] = articles;
  if (!first) return 'none';
  const real = articles.filter((article) => !article.isDisambiguation && article.extract !== '');
  if (!first.isDisambiguation) return real[0] ? { article: real[0], others: [] } : 'none';
  const name = first.title.replace(/\s*\([^)]*\)$/, '').toLowerCase();
  const [meant, ...others] = real.filter(({ title }) => title.toLowerCase().startsWith(name));
  return meant ? { article: meant, others: others.map(({ title }) => title) } : { ambiguous: first.title };
}

function requestUrl(base: string, query: Readonly<Record<string, string>>): string {
  const url = new URL(base);
  const all = { action: 'query', format: 'json', formatversion: '2', ...query };
  for (const [name, value] of Object.entries(all)) url.searchParams.set(name, value);
  return url.href;
}

function jsonOf(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
}
