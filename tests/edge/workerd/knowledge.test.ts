/** Documents of a tenant: kept, changed by their ETag, found by what they say, and nobody else's. */
import { beforeAll, describe, expect, it } from 'vitest';
import type { ToolCallResponse } from '#shared/api';
import type { DocumentList, KnowledgeDocument } from '#shared/api/knowledge';
import { DOCUMENT_BYTES_MAX, DOCUMENT_TITLE_CHARS_MAX } from '#shared/limits';
import { plans } from '#shared/plans';
import { scope } from '#shared/scopes';
import { bodyOf, type Client, clientOf, migrate, newClient, newKey, problemOf, settings } from './support.ts';

const TEA = {
  title: 'Tea in the Blue Café',
  text: 'Green tea is brewed at 70 °C for two minutes.\n\nA pot is 4.20 and is filled up once for free.',
  url: 'https://blue-cafe.example/tea',
};

let client: Client;
beforeAll(async () => {
  await migrate();
  client = await newClient('library');
});

function put(by: Client, id: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
  return by.send(`/v1/knowledge/${id}`, {
    method: 'PUT',
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json', ...headers },
  });
}

async function ask(by: Client, query: string): Promise<Record<string, unknown>> {
  const reply = await by.post('/v1/tools/QueryKnowledgeBase', { arguments: { query } });
  return (await bodyOf<ToolCallResponse>(reply)).observation;
}

const remove = (by: Client, id: string, headers: Record<string, string> = {}) =>
  by.send(`/v1/knowledge/${id}`, { method: 'DELETE', headers });

describe('PUT, GET and DELETE /v1/knowledge/{id}', () => {
  it('stores, gives back, replaces and deletes', async () => {
    const made = await put(client, 'tea', TEA);
    expect(made.headers.get('location')).toBe('/v1/knowledge/tea');
    const etag = made.headers.get('etag') ?? '';
    const document = await bodyOf<KnowledgeDocument>(made, 201);
    expect(document).toMatchObject({ id: 'tea', object: 'document', ...TEA });

    const got = await client.send('/v1/knowledge/tea');
    expect(got.headers.get('etag')).toBe(etag);
    expect(await bodyOf(got)).toEqual(document);
    const known = await client.send('/v1/knowledge/tea', { headers: { 'if-none-match': etag } });
    expect([known.status, await known.text()]).toEqual([304, '']);

    const { url: _, ...bare } = TEA;
    const changed = await put(client, 'tea', { ...bare, title: 'Tea' });
    expect(changed.headers.get('etag')).not.toBe(etag);
    const after = await bodyOf<KnowledgeDocument>(changed);
    expect(after).toEqual({
      id: 'tea',
      object: 'document',
      ...bare,
      title: 'Tea',
      created_at: document.created_at,
      updated_at: expect.any(String),
    });

    expect((await remove(client, 'tea')).status).toBe(204);
    await problemOf(await client.send('/v1/knowledge/tea'), 404);
    await problemOf(await remove(client, 'tea'), 404);
  });

  it('the same content again changes nothing, even with a precondition that held before', async () => {
    const first = await put(client, 'same', TEA, { 'if-none-match': '*' });
    expect(first.status).toBe(201);
    const again = await put(client, 'same', TEA, { 'if-none-match': '*' });
    expect([again.status, again.headers.get('etag')]).toEqual([200, first.headers.get('etag')]);
    expect(await again.json()).toEqual(await first.json());
  });

  it('412: preconditions that do not hold, and then nothing has changed', async () => {
    const first = await put(client, 'guarded', TEA);
    const etag = first.headers.get('etag') ?? '';
    const other = { ...TEA, text: 'Other.' };
    for (const headers of [
      { 'if-match': '"0123"' },
      { 'if-match': `W/${etag}` },
      { 'if-none-match': '*' },
      { 'if-none-match': `"x", ${etag}` },
    ]) {
      expect((await problemOf(await put(client, 'guarded', other, headers), 412)).code).toBe(
        'precondition_failed',
      );
    }
    await problemOf(await put(client, 'none-yet', TEA, { 'if-match': '*' }), 412);
    await problemOf(await remove(client, 'guarded', { 'if-match': '"0123"' }), 412);
    expect((await client.send('/v1/knowledge/guarded')).headers.get('etag')).toBe(etag);

    const changed = await put(client, 'guarded', other, { 'if-match': `"x", ${etag}` });
    expect(changed.status).toBe(200);
    await problemOf(await put(client, 'guarded', TEA, { 'if-match': etag }), 412);
    const now = changed.headers.get('etag') ?? '';
    expect((await remove(client, 'guarded', { 'if-match': now })).status).toBe(204);
  });

  it('of many changes at once with the same If-Match exactly one is made, and the words are those of that one', async () => {
    const writer = await newClient('writers');
    const etag = (await put(writer, 'race', TEA)).headers.get('etag') ?? '';
    const colours = ['vermilion', 'cerulean', 'ochre', 'magenta', 'turquoise', 'umber'];
    const replies = await Promise.all(
      colours.map((colour) => put(writer, 'race', { title: 'Race', text: colour }, { 'if-match': etag })),
    );
    const won = colours.filter((_, index) => replies[index]?.status === 200);
    expect(won).toHaveLength(1);
    for (const colour of colours) {
      const found = await ask(writer, colour);
      expect('error' in found).toBe(colour !== won[0]);
    }
    expect('error' in (await ask(writer, 'green tea'))).toBe(true);
  });

  it('without a precondition each of many changes at once is made, one after the other', async () => {
    const writer = await newClient('careless');
    const bodies = Array.from({ length: 6 }, (_, index) => ({ title: 'Note', text: `draft ${index}` }));
    const replies = await Promise.all(bodies.map((body) => put(writer, 'note', body)));
    expect(replies.map(({ status }) => status).sort()).toEqual([200, 200, 200, 200, 200, 201]);
    const { text } = await bodyOf<KnowledgeDocument>(await writer.send('/v1/knowledge/note'));
    expect(await ask(writer, text)).toMatchObject({ document_id: 'note', summary: text });
  });

  it.each<[string, string, unknown, string]>([
    ['no title', 'a', { text: 'x' }, 'title'],
    ['a blank title', 'a', { title: ' \n', text: 'x' }, 'title'],
    ['a long title', 'a', { title: 'x'.repeat(DOCUMENT_TITLE_CHARS_MAX + 1), text: 'x' }, 'title'],
    ['a blank text', 'a', { title: 'x', text: '  ' }, 'text'],
    ['a long text', 'a', { title: 'x', text: 'x'.repeat(DOCUMENT_BYTES_MAX + 1) }, 'text'],
    ['a text of too many bytes', 'a', { title: 'x', text: 'é'.repeat(DOCUMENT_BYTES_MAX / 2 + 1) }, 'text'],
    ['a URL that is none', 'a', { ...TEA, url: 'blue cafe' }, 'url'],
    ['a URL of another scheme', 'a', { ...TEA, url: 'javascript:alert(1)' }, 'url'],
    ['an unknown member', 'a', { ...TEA, tenant: 'library' }, ''],
    ['an id with a slash', 'a%2Fb', TEA, 'id'],
    ['an id with a blank', 'a%20b', TEA, 'id'],
    ['an id that begins with a dot', '.hidden', TEA, 'id'],
    ['a long id', 'x'.repeat(129), TEA, 'id'],
  ])('422: %s', async (_, id, body, path) => {
    const { errors = [] } = await problemOf(await put(client, id, body), 422);
    expect(errors[0]?.path).toBe(path);
  });

  it('takes the longest text of the widest letters, and finds its last word', async () => {
    const scholar = await newClient('scholar');
    const filler = '水'.repeat(Math.floor((DOCUMENT_BYTES_MAX - 20) / 3));
    expect((await put(scholar, 'long', { title: 'Long', text: `${filler} zeppelin` })).status).toBe(201);
    const found = await ask(scholar, 'zeppelin');
    expect(found).toMatchObject({ document_id: 'long', summary: expect.stringMatching(/zeppelin$/) });
    expect(String(found['summary']).length).toBeLessThan(1_300);
  });

  it('429: as many documents as the plan has', async () => {
    const small = await newClient('small', { plan: 'free' });
    const insert = settings.DB.prepare(
      "INSERT INTO knowledge (tenant, id, title, text, etag, created_at, updated_at) VALUES ('small', ?, 't', 't', 'e', 1, 1)",
    );
    const max = plans.free.documentsPerTenant;
    await settings.DB.batch(Array.from({ length: max - 1 }, (_, index) => insert.bind(`d${index}`)));
    const replies = await Promise.all(['x', 'y', 'z'].map((id) => put(small, id, TEA)));
    expect(replies.map(({ status }) => status).sort()).toEqual([201, 429, 429]);
    const made = ['x', 'y', 'z'][replies.findIndex(({ status }) => status === 201)] ?? '';
    expect((await problemOf(await put(small, 'more', TEA), 429)).code).toBe('quota_exceeded');
    // What is there can be changed, and makes room when it goes.
    expect((await put(small, made, { ...TEA, text: 'x' })).status).toBe(200);
    expect((await remove(small, 'd0')).status).toBe(204);
    expect((await put(small, 'more', TEA)).status).toBe(201);
  });
});

describe('GET /v1/knowledge', () => {
  it('lists page by page, in order, without texts', async () => {
    const lister = await newClient('lister');
    const ids = ['a', 'a.1', 'b', 'c-2', 'd'];
    for (const id of [...ids].reverse()) await put(lister, id, TEA);
    const seen: string[] = [];
    let cursor = '';
    for (let page = 0; page < 4; page++) {
      const query = `?limit=2${cursor === '' ? '' : `&cursor=${cursor}`}`;
      const list = await bodyOf<DocumentList>(await lister.send(`/v1/knowledge${query}`));
      seen.push(...list.data.map(({ id }) => id));
      expect(list.data.every((document) => !('text' in document))).toBe(true);
      cursor = list.next_cursor ?? '';
      if (cursor === '') break;
    }
    expect(seen).toEqual(ids);
  });

  it('400 for a cursor that is none, 422 for a limit that is none', async () => {
    for (const cursor of ['x', 'bnVsbA', 'WyIuLi8iXQ']) {
      const refused = await problemOf(await client.send(`/v1/knowledge?cursor=${cursor}`), 400);
      expect(refused.code).toBe('invalid_cursor');
    }
    for (const limit of ['0', '201', 'x']) {
      await problemOf(await client.send(`/v1/knowledge?limit=${limit}`), 422);
    }
  });
});

describe('QueryKnowledgeBase', () => {
  it('gives the passage of the best document', async () => {
    const cafe = await newClient('cafe');
    await put(cafe, 'tea', TEA);
    await put(cafe, 'coffee', {
      title: 'Coffee',
      text: 'An espresso is 2.10. We have no green tea ice cream.',
    });
    expect(await ask(cafe, 'What does a pot of green tea cost?')).toEqual({
      title: TEA.title,
      url: TEA.url,
      summary: TEA.text,
      source: 'documents',
      document_id: 'tea',
    });
    const { url: _, ...coffee } = await ask(cafe, 'espressos');
    expect([coffee['document_id'], _]).toEqual(['coffee', undefined]);
  });

  it('not_found says what to try, and is no failure', async () => {
    const reply = await (await newClient('empty')).post('/v1/tools/QueryKnowledgeBase', {
      arguments: { query: 'Brandenburg Gate' },
    });
    expect(await bodyOf<ToolCallResponse>(reply)).toMatchObject({
      observation: {
        error: { code: 'not_found', message: expect.stringContaining('PUT /v1/knowledge/{id}') },
      },
    });
  });

  it.each([
    '"',
    "' OR 1=1 --",
    'title:tea',
    'tea*',
    'NEAR(tea green)',
    'tea AND',
    'NOT tea',
    '^tea',
    '(tea',
    'a-b {tea}: +x',
    '\u0000tea',
    'AND OR NOT',
    '🍵',
    '"tea" OR knowledge_words MATCH "x"',
    'x'.repeat(1_000),
  ])('a query is words and nothing else: %j', async (query) => {
    const observation = await ask(client, query);
    const code = (observation['error'] as { code: string } | undefined)?.code;
    expect([undefined, 'not_found']).toContain(code);
  });

  it('looks in nothing when the key may not read documents', async () => {
    await put(await newClient('mute'), 'tea', TEA);
    const deaf = await newClient('mute', { scopes: ['tools'] });
    expect(await ask(deaf, 'green tea')).toMatchObject({ error: { code: 'not_found' } });
    const able = await newClient('mute', { scopes: ['tools', 'knowledge:read'] });
    expect(await ask(able, 'green tea')).toMatchObject({ document_id: 'tea' });
  });

  it('a token in an app reads the documents of its key, where it was given that scope', async () => {
    const server = clientOf(await newKey('app-library', undefined, { scopes: scope.options }));
    await put(server, 'tea', TEA);
    const tokenOf = async (...scopes: string[]) => {
      const made = await server.post('/v1/client_tokens', { subject: 'u', scopes });
      return clientOf((await bodyOf<{ token: string }>(made, 201)).token);
    };
    expect(await ask(await tokenOf('tools'), 'green tea')).toMatchObject({ error: { code: 'not_found' } });
    expect(await ask(await tokenOf('tools', 'knowledge:read'), 'green tea')).toMatchObject({
      document_id: 'tea',
    });
    await problemOf(await put(await tokenOf('knowledge:read'), 'mine', TEA), 403);
  });
});

describe('two tenants', () => {
  it('neither reads, changes, lists, finds or weighs what the other has', async () => {
    const pair = await Promise.all(['left', 'right'].map((tenant) => newClient(tenant)));
    const secrets = ['quokka', 'narwhal'];
    let tried = 0;
    for (const [index, owner] of pair.entries()) {
      const text = `The password is ${secrets[index]}.`;
      expect((await put(owner, `of-${index}`, { title: 'Password', text })).status).toBe(201);
      expect((await put(owner, 'shared-name', { title: `Owner ${index}`, text: 'x' })).status).toBe(201);
    }
    for (const [index, stranger] of pair.entries()) {
      const theirs = `of-${1 - index}`;
      const attempts: Array<[string, string, string | undefined]> = [
        ['GET', theirs, undefined],
        ['DELETE', theirs, undefined],
        ['GET', `of-${1 - index}%00`, undefined],
      ];
      for (const [method, id] of attempts) {
        const refused = await problemOf(await stranger.send(`/v1/knowledge/${id}`, { method }), 404);
        const nobodys = await problemOf(await stranger.send('/v1/knowledge/nobodys', { method }), 404);
        expect({ ...refused, request_id: '' }).toEqual({ ...nobodys, request_id: '' });
        tried++;
      }
      await problemOf(await put(stranger, theirs, TEA, { 'if-match': '*' }), 412);
      const list = await bodyOf<DocumentList>(await stranger.send('/v1/knowledge'));
      expect(list.data.map(({ id }) => id)).toEqual([`of-${index}`, 'shared-name']);
      expect(await ask(stranger, 'password')).toMatchObject({
        summary: expect.stringContaining(secrets[index] ?? ''),
      });
      expect(await ask(stranger, secrets[1 - index] ?? '')).toMatchObject({ error: { code: 'not_found' } });
      tried += 4;
    }
    const kept = await bodyOf<KnowledgeDocument>(await (pair[0] as Client).send('/v1/knowledge/shared-name'));
    expect(kept.title).toBe('Owner 0');
    expect(tried).toBe(14);
  });

  it('no word of the index stands there without the mark of its tenant', async () => {
    const first = await newClient('mark-1');
    const second = await newClient('mark-2');
    for (const by of [first, second]) await put(by, 'd', { title: 'heliotrope', text: 'Жар-птица 火の鳥' });
    await settings.DB.prepare(
      "CREATE VIRTUAL TABLE IF NOT EXISTS knowledge_terms USING fts5vocab('knowledge_words', 'row')",
    ).run();
    const { results } = await settings.DB.prepare('SELECT term, doc FROM knowledge_terms').all<{
      term: string;
      doc: number;
    }>();
    expect(results.length).toBeGreaterThan(20);
    expect(
      results.filter(({ term }) => !/^[0-9a-f]{10}(?:w[0-9a-z]+|x(?:[0-9a-f]{2})+)$/.test(term)),
    ).toEqual([]);
    const shared = results.filter(({ term }) => term.endsWith('wheliotrope'));
    expect(shared.map(({ doc }) => doc)).toEqual([1, 1]);
  });
});
