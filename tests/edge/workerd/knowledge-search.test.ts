/** Documents of a tenant: found by what they say, and by nobody else. */
import { beforeAll, describe, expect, it } from 'vitest';
import type { ToolCallResponse } from '#shared/api';
import type { DocumentList, KnowledgeDocument } from '#shared/api/knowledge';
import { scope } from '#shared/scopes';
import { ask, put, TEA } from './library.ts';
import { bodyOf, type Client, clientOf, migrate, newClient, newKey, problemOf, settings } from './support.ts';

let client: Client;
beforeAll(async () => {
  await migrate();
  client = await newClient('library');
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
