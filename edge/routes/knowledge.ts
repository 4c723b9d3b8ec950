/**
 * /v1/knowledge: the documents of the tenant that QueryKnowledgeBase looks things up in. They belong to the tenant of
 * the key, whoever of its users asks; another tenant's document does not exist here.
 */
import * as z from 'zod';
import { invalidRequest, readJsonBody } from '#edge/body';
import { readCursor, writeCursor } from '#edge/cursor';
import { jsonWithEtag, quoted, requirePreconditions } from '#edge/etag';
import type { AppContext, Route } from '#edge/route';
import {
  type DocumentContent,
  type DocumentRow,
  deleteDocument,
  findDocument,
  listDocuments,
  type Place,
  writeDocument,
} from '#edge/storage/knowledge';
import {
  type DocumentList,
  type DocumentSummary,
  documentId,
  documentListQuery,
  documentRequest,
  type KnowledgeDocument,
} from '#shared/api/knowledge';
import { ApiError } from '#shared/errors';
import { plans } from '#shared/plans';

const path = '/v1/knowledge/:id';
/** Each try that fails means that another request has succeeded. */
const CHANGE_TRIES_MAX = 16;

/** The same PUT again changes nothing, so one whose reply was lost may be repeated, whatever its preconditions. */
export const putDocument: Route = {
  method: 'PUT',
  path,
  scope: 'knowledge:write',
  handler: async (c) => {
    const place = placeOf(c);
    if (!place) throw invalidRequest(documentId.safeParse(c.req.param('id')).error?.issues ?? [], 'id');
    const { settings, principal } = c.var;
    const { url, ...rest } = await readJsonBody(c, documentRequest);
    const wish: DocumentContent = { ...rest, ...(url === undefined ? {} : { url }) };
    return untilUnchanged(async () => {
      const before = await findDocument(settings.DB, place);
      if (before && isSame(before, wish)) return reply(c, before, 200);
      requirePreconditions(c, before?.etag);
      const max = plans[principal.plan].documentsPerTenant;
      const written = await writeDocument(settings.DB, place, wish, { before, max, now: Date.now() });
      if (written === 'full') {
        throw new ApiError(
          'quota_exceeded',
          `the plan ${principal.plan} has ${max} documents at most; delete one first`,
        );
      }
      return written === 'changed' ? written : reply(c, written, before ? 200 : 201);
    });
  },
};

export const getDocument: Route = {
  method: 'GET',
  path,
  scope: 'knowledge:read',
  handler: async (c) => {
    const { row } = await existing(c);
    return jsonWithEtag(c, documentView(row), row.etag);
  },
};

export const deleteDocumentRoute: Route = {
  method: 'DELETE',
  path,
  scope: 'knowledge:write',
  handler: (c) =>
    untilUnchanged(async () => {
      const { place, row } = await existing(c);
      requirePreconditions(c, row.etag);
      const gone = await deleteDocument(c.var.settings.DB, place, row.etag);
      return gone ? c.body(null, 204) : 'changed';
    }),
};

export const getDocuments: Route = {
  method: 'GET',
  path: '/v1/knowledge',
  scope: 'knowledge:read',
  handler: async (c) => {
    const { settings, principal } = c.var;
    const query = documentListQuery.safeParse(c.req.query());
    if (!query.success) throw invalidRequest(query.error.issues);
    const { limit, cursor } = query.data;
    const after = cursor === undefined ? undefined : readCursor(cursor, z.tuple([documentId]))[0];
    const rows = await listDocuments(settings.DB, principal.account, { limit, after });
    const last = rows.length === limit ? rows.at(-1) : undefined;
    const list: DocumentList = {
      object: 'list',
      data: rows.map(summaryView),
      ...(last ? { next_cursor: writeCursor([last.id]) } : {}),
    };
    return c.json(list);
  },
};

/** Repeats a change that another one came before: its preconditions are asked again, of what there is then. */
async function untilUnchanged(change: () => Promise<Response | 'changed'>): Promise<Response> {
  for (let tries = 0; tries < CHANGE_TRIES_MAX; tries++) {
    const outcome = await change();
    if (outcome !== 'changed') return outcome;
  }
  throw new ApiError('overloaded', 'the document is being changed all the time; try again');
}

function placeOf(c: AppContext): Place | undefined {
  const id = documentId.safeParse(c.req.param('id'));
  return id.success ? { tenant: c.var.principal.account, id: id.data } : undefined;
}

async function existing(c: AppContext): Promise<{ place: Place; row: DocumentRow }> {
  const place = placeOf(c);
  const row = place && (await findDocument(c.var.settings.DB, place));
  if (!row) throw new ApiError('not_found', 'there is no such document');
  return { place, row };
}

function isSame(row: DocumentContent, wish: DocumentContent): boolean {
  return row.title === wish.title && row.text === wish.text && row.url === wish.url;
}

function reply(c: AppContext, row: DocumentRow, status: 200 | 201): Response {
  const location = `/v1/knowledge/${row.id}`;
  return c.json(documentView(row), status, {
    etag: quoted(row.etag),
    ...(status === 201 ? { location } : {}),
  });
}

function documentView(row: DocumentRow): KnowledgeDocument {
  return { ...summaryView(row), text: row.text };
}

function summaryView({ id, title, url, createdAt, updatedAt }: Omit<DocumentRow, 'text'>): DocumentSummary {
  return {
    id,
    object: 'document',
    title,
    ...(url === undefined ? {} : { url }),
    created_at: new Date(createdAt).toISOString(),
    updated_at: new Date(updatedAt).toISOString(),
  };
}
