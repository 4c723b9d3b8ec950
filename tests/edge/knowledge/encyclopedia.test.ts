/**
 * QueryKnowledgeBase asks an encyclopedia: the handler, the client of the edge, the backend and its guard are the real
 * ones; only the last dial goes to a server on this machine, for every address that the guard lets through.
 */
import { request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { serve } from '@hono/node-server';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { EgressPorts } from '#backend/egress/send';
import type { Settings } from '#edge/env';
import { lookupsOf } from '#edge/run/lookups';
import { queryKnowledgeBaseHandler } from '#edge/tools/query-knowledge-base';
import { ENCYCLOPEDIA_REPLY_BYTES_MAX } from '#shared/limits';
import { toolError } from '#shared/tool';
import { queryKnowledgeBase } from '#shared/tools/query-knowledge-base';
import { type Harness, SECRET, startHarness } from '../../backend/app/harness.ts';
import { type MediaWiki, type Page, startMediaWiki } from './mediawiki.ts';

const PAGES: readonly Page[] = [
  {
    title: 'Brandenburg Gate',
    extract:
      'The Brandenburg Gate is a monument of the 18th century in Berlin. It was built by C. G. Langhans, approx. 20 m high. A third sentence.',
  },
  { title: 'Mercury', extract: 'Mercury may refer to:', meanings: ['Mercury (planet)', 'Mercury (element)'] },
  {
    title: 'Mercury (planet)',
    extract: 'Mercury is the first planet from the Sun. It has no moon. It is hot.',
  },
  { title: 'Mercury (element)', extract: 'Mercury is a chemical element.' },
  { title: 'Phoenix', extract: 'Phoenix may be:', meanings: ['Firebird', 'Capital of Arizona'] },
  { title: 'Empty page', extract: '' },
  { title: 'Endless', extract: `Endless is ${'word '.repeat(2_000)}` },
  { title: 'Hidden', extract: 'Seen\u202e \u{e0041}text\u0007. Two.' },
];
/** What the internet of this test holds, and where it all leads. */
const PUBLIC = '93.184.215.14';

let wiki: MediaWiki;
let backend: Harness;
let listener: ReturnType<typeof serve>;
let settings: Settings;

beforeAll(async () => {
  wiki = await startMediaWiki(PAGES);
  const egress: EgressPorts = {
    resolve: async (name) => (name.endsWith('.example') ? [PUBLIC] : ['127.0.0.1']),
    dial: ({ host, servername: _, ...options }) =>
      request({ ...options, port: wiki.port, host: host === PUBLIC ? '127.0.0.1' : String(host) }),
  };
  backend = await startHarness({ egress });
  const url = await new Promise<string>((resolve) => {
    listener = serve({ fetch: backend.app.fetch, hostname: '127.0.0.1', port: 0 }, ({ port }) =>
      resolve(`http://127.0.0.1:${port satisfies AddressInfo['port']}`),
    );
  });
  const named = {
    ENCYCLOPEDIA_URL: 'https://wiki.example/w/api.php',
    BACKEND_URLS: [url],
    BACKEND_SECRET: SECRET,
  };
  // What is looked up here needs no other binding.
  settings = named as unknown as Settings;
});
afterAll(async () => {
  listener.close();
  await backend.stop();
  await wiki.stop();
});
beforeEach(() => {
  wiki.misbehave(undefined);
  wiki.searches.length = 0;
  wiki.hosts.length = 0;
});

const ask = async (query: string, by: Settings = settings) =>
  await queryKnowledgeBaseHandler({ query }, lookupsOf(by, undefined));
const failureOf = async (query: string) => toolError.parse(await ask(query)).error;

describe('an encyclopedia that answers', () => {
  it('gives the first two sentences of the first article, and where to read it', async () => {
    const found = await ask('  Brandenburg Gate');
    expect(queryKnowledgeBase.observation.parse(found)).toEqual({
      title: 'Brandenburg Gate',
      url: 'https://wiki.example/wiki/Brandenburg_Gate',
      summary:
        'The Brandenburg Gate is a monument of the 18th century in Berlin. It was built by C. G. Langhans, approx. 20 m high.',
      source: 'encyclopedia',
    });
    expect(wiki.hosts).toEqual(['wiki.example']);
  });

  it('of a name with several meanings takes the first article among them, and says which others there are', async () => {
    expect(await ask('Mercury')).toMatchObject({
      title: 'Mercury (planet)',
      summary: 'Mercury is the first planet from the Sun. It has no moon.',
      note: 'the name may also mean: Mercury (element)',
    });
  });

  it('names the meanings where no article of them was found', async () => {
    expect(await failureOf('Phoenix')).toEqual({
      code: 'ambiguous',
      message:
        '"Phoenix" may mean several things, such as Firebird; Capital of Arizona. Ask for one of them.',
    });
  });

  it('has nothing: not_found says what to try', async () => {
    for (const query of ['Atlantis railway', 'Empty page', '!!!']) {
      expect(await failureOf(query)).toEqual({
        code: 'not_found',
        message: `no document and no article is about ${JSON.stringify(query)}. Try the name alone or other words, or go on without it.`,
      });
    }
  });

  it('is asked for words, whatever operators the query is written with', async () => {
    await ask('"Brandenburg" -Gate incategory:Berlin | intitle:/x.*/ ~a');
    expect(wiki.searches).toEqual(['Brandenburg Gate incategory Berlin intitle x. a']);
    expect(await ask('x'.repeat(1_000))).toHaveProperty('error.code', 'not_found');
    expect(await ask('水'.repeat(1_000))).toHaveProperty('error.code', 'not_found');
  });

  it('has a sentence without an end: the summary is bounded', async () => {
    const found = queryKnowledgeBase.observation.parse(await ask('Endless'));
    expect(found.summary.length).toBeLessThanOrEqual(1_200);
  });

  it('has characters that nobody sees: they are left out', async () => {
    expect(await ask('Hidden')).toMatchObject({ summary: 'Seen text. Two.' });
  });
});

describe('an encyclopedia that misbehaves', () => {
  const json = (value: unknown) => (response: ServerResponse) => void response.end(JSON.stringify(value));
  const page = { title: 'A', index: 1, extract: 'A is a letter.' };

  it.each<[string, (response: ServerResponse) => void, RegExp]>([
    ['a page of HTML', (response) => void response.end('<html>'), /no reply of the MediaWiki API/],
    ['half of a reply', (response) => void response.end('{"query":{"pages":[{"title"'), /no reply of the/],
    ['an array', json([1]), /no reply of the MediaWiki API/],
    ['an error of the API', json({ error: { code: 'ratelimited' } }), /no reply of the MediaWiki API/],
    [
      'a title without end',
      json({ query: { pages: [{ ...page, title: 'A'.repeat(999) }] } }),
      /no reply of the/,
    ],
    ['pages that are none', json({ query: { pages: [{ ...page, extract: { a: 1 } }] } }), /no reply of the/],
    ['status 503', (response) => void response.writeHead(503).end(), /status 503/],
    [
      'more than is read',
      (response) => {
        const more = () => void (response.destroyed || response.write('x'.repeat(65_536), more));
        more();
      },
      new RegExp(`at most ${ENCYCLOPEDIA_REPLY_BYTES_MAX} bytes`),
    ],
    ['a closed connection', (response) => void response.socket?.destroy(), /does not answer/],
  ])('by %s', async (_, reply, message) => {
    wiki.misbehave(reply);
    const failure = await failureOf('Berlin');
    expect(failure.code).toBe('encyclopedia_unreachable');
    expect(failure.message).toMatch(message);
    expect(failure.message).toMatch(/Try again, or go on without it\.$/);
  });

  it.each([
    ['loopback', 'https://127.0.0.1/w/api.php', 'another host, 127.0.0.1'],
    ['a name of loopback', 'https://loopback.test/w/api.php', 'another host'],
    ['metadata of a cloud', 'https://169.254.169.254/latest', 'another host'],
    ['plain http', 'http://wiki.example/w/api.php', 'https'],
    ['another public host', 'https://evil.example/w/api.php', 'another host, evil.example'],
  ])('by a redirect to %s: that is not asked', async (_, location, why) => {
    wiki.misbehave((response) => void response.writeHead(302, { location }).end());
    const failure = await failureOf('Berlin');
    expect(failure.code).toBe('encyclopedia_unreachable');
    expect(failure.message).toMatch(new RegExp(why));
    expect(wiki.hosts).toEqual(['wiki.example']);
  });

  it('by a name that leads to a private network: it is not asked', async () => {
    const rebound = { ...settings, ENCYCLOPEDIA_URL: 'https://loopback.test/w/api.php' };
    expect(await ask('Berlin', rebound)).toMatchObject({
      error: { code: 'encyclopedia_unreachable', message: expect.stringContaining('private network') },
    });
    expect(wiki.hosts).toEqual([]);
  });

  it('by saying nothing: time is up', async () => {
    wiki.misbehave((response) => void response.write('{'));
    expect((await failureOf('Berlin')).message).toMatch(/took too long/);
  });

  it('by a link that is no web address: the article is given without it', async () => {
    wiki.misbehave(json({ query: { pages: [{ ...page, fullurl: 'javascript:alert(1)' }] } }));
    expect(await ask('A')).toEqual({ title: 'A', summary: 'A is a letter.', source: 'encyclopedia' });
  });

  it('no backend: the tool says so, and is no failure of the run', async () => {
    const alone = { ...settings, BACKEND_URLS: ['http://127.0.0.1:9'] };
    expect(await ask('Berlin', alone)).toMatchObject({
      error: { code: 'encyclopedia_unreachable', message: expect.stringContaining('No backend') },
    });
  });
});

it('nothing is asked where the operator has named no encyclopedia', async () => {
  const { ENCYCLOPEDIA_URL: _, ...none } = settings;
  expect(await ask('Brandenburg Gate', none as Settings)).toHaveProperty('error.code', 'not_found');
  expect(wiki.hosts).toEqual([]);
});
