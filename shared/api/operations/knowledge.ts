/** Documents of the tenant that questions are looked up in. */
import { DOCUMENT_LIST_DEFAULT, DOCUMENT_LIST_MAX } from '../../limits.ts';
import {
  DOCUMENT_CURSOR,
  documentIds,
  documentPage,
  documentRequests,
  oneDocument,
} from '../knowledge-examples.ts';
import { BODY_ERRORS, ifMatch, ifNoneMatch, json, type Operation, type Parameter } from '../operation.ts';

const documentIdInPath: Parameter = {
  in: 'path',
  name: 'id',
  description: 'Id of the document, chosen by whoever stores it.',
  schema: 'DocumentId',
  example: documentIds.tea,
};

export const knowledgeOperations: readonly Operation[] = [
  {
    method: 'PUT',
    path: '/v1/knowledge/{id}',
    operationId: 'putDocument',
    tag: 'knowledge',
    scope: 'knowledge:write',
    summary: 'Store a document',
    description:
      'In place of the one with that id, if there is one. It is found from the next request on. The same content again changes nothing, so a request whose reply was lost may be repeated.',
    parameters: [
      documentIdInPath,
      ifMatch,
      {
        in: 'header',
        name: 'If-None-Match',
        description: '`*`: only where there is no such document, else 412.',
        schema: { type: 'string', maxLength: 1024 },
        example: '*',
      },
    ],
    body: [json('DocumentRequest', documentRequests)],
    replies: {
      200: {
        description: 'The document, which there was before.',
        content: [json('Document', oneDocument)],
        headers: ['ETag'],
      },
      201: {
        description: 'The document, which is new.',
        content: [json('Document', oneDocument)],
        headers: ['ETag', 'Location'],
      },
    },
    errors: [...BODY_ERRORS, 'precondition_failed', 'overloaded'],
  },
  {
    method: 'GET',
    path: '/v1/knowledge/{id}',
    operationId: 'getDocument',
    tag: 'knowledge',
    scope: 'knowledge:read',
    summary: 'Get a document',
    description: 'With its whole text, and the `ETag` that a change of it may name.',
    parameters: [documentIdInPath, ifNoneMatch],
    replies: {
      200: { description: 'The document.', content: [json('Document', oneDocument)], headers: ['ETag'] },
      304: { description: 'You have the document as it stands.', headers: ['ETag'] },
    },
    errors: ['not_found'],
  },
  {
    method: 'DELETE',
    path: '/v1/knowledge/{id}',
    operationId: 'deleteDocument',
    tag: 'knowledge',
    scope: 'knowledge:write',
    summary: 'Delete a document',
    description: 'It is not found any more from the next request on.',
    parameters: [documentIdInPath, ifMatch],
    replies: { 204: { description: 'It is gone.' } },
    errors: ['not_found', 'precondition_failed', 'overloaded'],
  },
  {
    method: 'GET',
    path: '/v1/knowledge',
    operationId: 'listDocuments',
    tag: 'knowledge',
    scope: 'knowledge:read',
    summary: 'List the documents of the tenant',
    description: 'By id, without their texts. Ask on with `next_cursor` while there is one.',
    parameters: [
      {
        in: 'query',
        name: 'limit',
        description: 'How many at most.',
        schema: { type: 'integer', minimum: 1, maximum: DOCUMENT_LIST_MAX, default: DOCUMENT_LIST_DEFAULT },
        example: 10,
      },
      {
        in: 'query',
        name: 'cursor',
        description: '`next_cursor` of the page before.',
        schema: { type: 'string', maxLength: 512 },
        example: DOCUMENT_CURSOR,
      },
    ],
    replies: { 200: { description: 'A page of documents.', content: [json('DocumentList', documentPage)] } },
    errors: ['invalid_request', 'invalid_cursor'],
  },
];
