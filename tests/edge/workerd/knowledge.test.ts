/** Documents of a tenant: kept, changed by their ETag, listed page by page. */
import { beforeAll, describe, expect, it } from 'vitest';
import type { DocumentList, KnowledgeDocument } from '#shared/api/knowledge';
import { DOCUMENT_BYTES_MAX, DOCUMENT_TITLE_CHARS_MAX } from '#shared/limits';
import { plans } from '#shared/plans';
import { ask, put, remove, TEA } from './library.ts';
import { bodyOf, type Client, migrate, newClient, problemOf, settings } from './support.ts';

let client: Client;
beforeAll(async () => {
  await migrate();
  client = await newClient('library');
});

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
