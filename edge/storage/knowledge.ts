/**
 * Documents of a tenant in D1, and the full-text index of their words. A word goes into the index with a mark of
 * its tenant before it, so a query can neither match nor weigh the words of another one; whatever is found is read
 * by tenant as well. Index terms are ASCII letters and digits, so no query can be anything but a list of words.
 */
import { wordsOf } from '#edge/tools/knowledge/words';
import { sha256Hex } from './digest.ts';

/** The part of D1 that is used here. */
export type KnowledgeDatabase = Pick<D1Database, 'prepare' | 'batch'>;

export type DocumentContent = { readonly title: string; readonly text: string; readonly url?: string };

export type DocumentRow = DocumentContent & {
  readonly id: string;
  /** Of this state of the document: another one, another tag. */
  readonly etag: string;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  readonly updatedAt: number;
};

export type Place = { readonly tenant: string; readonly id: string };

/** What a word of the title weighs in bm25, where one of the text weighs 1. */
const TITLE_WEIGHT = 4;

type Found = {
  id: string;
  title: string;
  text: string;
  url: string | null;
  etag: string;
  created_at: number;
  updated_at: number;
};

const COLUMNS = ['id', 'title', 'text', 'url', 'etag', 'created_at', 'updated_at'];

export async function findDocument(
  database: KnowledgeDatabase,
  { tenant, id }: Place,
): Promise<DocumentRow | undefined> {
  const found = await database
    .prepare(`SELECT ${COLUMNS.join(', ')} FROM knowledge WHERE tenant = ? AND id = ?`)
    .bind(tenant, id)
    .first<Found>();
  return found ? rowOf(found) : undefined;
}

/** At most `limit` documents in the order of their ids, those after `after` alone, without their texts. */
export async function listDocuments(
  database: KnowledgeDatabase,
  tenant: string,
  { limit, after = '' }: { readonly limit: number; readonly after?: string | undefined },
): Promise<Omit<DocumentRow, 'text'>[]> {
  const columns = COLUMNS.filter((column) => column !== 'text').join(', ');
  const { results } = await database
    .prepare(`SELECT ${columns} FROM knowledge WHERE tenant = ? AND id > ? ORDER BY id LIMIT ?`)
    .bind(tenant, after, limit)
    .all<Found>();
  return results.map(rowOf);
}

/**
 * Stores a document in place of the one with the tag `replaces`, or a new one. Document and words are written
 * together or not at all. `changed`: the document is another than the caller knew; `full`: there are `max` already.
 */
export async function writeDocument(
  database: KnowledgeDatabase,
  place: Place,
  content: DocumentContent,
  {
    before,
    max,
    now,
  }: { readonly before: DocumentRow | undefined; readonly max: number; readonly now: number },
): Promise<DocumentRow | 'changed' | 'full'> {
  const { tenant, id } = place;
  const { title, text, url } = content;
  const createdAt = before?.createdAt ?? now;
  const etag = (await sha256Hex(JSON.stringify([title, text, url ?? null, createdAt, now]))).slice(0, 32);
  const write = before
    ? database
        .prepare(
          'UPDATE knowledge SET title = ?, text = ?, url = ?, etag = ?, updated_at = ? WHERE tenant = ? AND id = ? AND etag = ?',
        )
        .bind(title, text, url ?? null, etag, now, tenant, id, before.etag)
    : database
        .prepare(
          // Counted and inserted in one statement: two requests at once make no document too many.
          `INSERT INTO knowledge (tenant, id, title, text, url, etag, created_at, updated_at)
            SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7 WHERE (SELECT count(*) FROM knowledge WHERE tenant = ?1) < ?8
            ON CONFLICT DO NOTHING`,
        )
        .bind(tenant, id, title, text, url ?? null, etag, now, max);
  const mark = await markOf(tenant);
  const index = database
    .prepare(
      `INSERT OR REPLACE INTO knowledge_words (rowid, title, text)
        SELECT number, ?, ? FROM knowledge WHERE tenant = ? AND id = ? AND etag = ?`,
    )
    .bind(indexed(title, mark), indexed(text, mark), tenant, id, etag);
  const [written] = await database.batch([write, index]);
  if ((written?.meta.changes ?? 0) > 0) return { id, ...content, etag, createdAt, updatedAt: now };
  return before || (await findDocument(database, place)) ? 'changed' : 'full';
}

/** Whether the document still was as the tag says, and is gone now. */
export async function deleteDocument(
  database: KnowledgeDatabase,
  { tenant, id }: Place,
  etag: string,
): Promise<boolean> {
  const condition = 'tenant = ? AND id = ? AND etag = ?';
  const [, removed] = await database.batch([
    database
      .prepare(`DELETE FROM knowledge_words WHERE rowid IN (SELECT number FROM knowledge WHERE ${condition})`)
      .bind(tenant, id, etag),
    database.prepare(`DELETE FROM knowledge WHERE ${condition}`).bind(tenant, id, etag),
  ]);
  return (removed?.meta.changes ?? 0) > 0;
}

/** The tenant's documents that have all, or any, of the stems; the best by bm25 first, at most `limit`. */
export async function searchDocuments(
  database: KnowledgeDatabase,
  tenant: string,
  stems: readonly string[],
  { join, limit }: { readonly join: 'all' | 'any'; readonly limit: number },
): Promise<DocumentRow[]> {
  if (stems.length === 0) return [];
  const mark = await markOf(tenant);
  const query = stems.map((stem) => `"${termOf(stem, mark)}"`).join(join === 'all' ? ' AND ' : ' OR ');
  const columns = COLUMNS.map((column) => `knowledge.${column} AS ${column}`).join(', ');
  const { results } = await database
    .prepare(
      `SELECT ${columns} FROM knowledge_words JOIN knowledge ON knowledge.number = knowledge_words.rowid
        WHERE knowledge_words MATCH ? AND knowledge.tenant = ?
        ORDER BY bm25(knowledge_words, ${TITLE_WEIGHT}, 1), knowledge.id LIMIT ?`,
    )
    .bind(query, tenant, limit)
    .all<Found>();
  return results.map(rowOf);
}

/** Stands before each word of the tenant in the index. */
async function markOf(tenant: string): Promise<string> {
  return (await sha256Hex(`knowledge of ${tenant}`)).slice(0, 10);
}

function indexed(text: string, mark: string): string {
  return wordsOf(text)
    .map(({ stem }) => termOf(stem, mark))
    .join(' ');
}

/** One term of the index: the mark, and the stem itself where it is ASCII, else its bytes in hex. */
function termOf(stem: string, mark: string): string {
  const isPlain = /^[a-z0-9]+$/.test(stem);
  return `${mark}${isPlain ? `w${stem}` : `x${new TextEncoder().encode(stem).toHex()}`}`;
}

function rowOf(found: Found): DocumentRow {
  const { id, title, text, url, etag, created_at, updated_at } = found;
  return {
    id,
    title,
    text,
    ...(url === null ? {} : { url }),
    etag,
    createdAt: created_at,
    updatedAt: updated_at,
  };
}
