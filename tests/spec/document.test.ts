/** The document says what the app does, and keeps to what generators of Swift and Kotlin clients can read. */
import { readFileSync } from 'node:fs';
import { describe, expect, it, test } from 'vitest';
import { createApp } from '#edge/app';
import { routes } from '#edge/routes/index';
import { tags } from '#shared/api/operation';
import { operations } from '#shared/api/operations';
import { errorTable } from '#shared/errors';
import { DOCUMENT, generatedFiles } from '../../scripts/spec/files.ts';

type Node = { readonly [keyword: string]: unknown };
const document = JSON.parse(readFileSync(DOCUMENT, 'utf8')) as Node & {
  readonly paths: Record<string, Record<string, Node>>;
  readonly components: { readonly schemas: Record<string, Node> };
};

describe('what was generated is up to date', async () => {
  it.each([...(await generatedFiles())])('%s', (path, text) => {
    const isCurrent = readFileSync(path, 'utf8') === text;
    expect(isCurrent, `${path} is stale; write it anew with: npm run spec`).toBe(true);
  });
});

const openApiPath = (path: string): string => path.replace(/:(\w+)/g, '{$1}');

test('routes of the app = paths of the document', () => {
  const documented = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
  // Hono's own table, so that a route that goes round edge/routes/index.ts is seen too.
  const served = createApp()
    .routes.filter(({ method, path }) => path !== '/*' && !['ALL', 'OPTIONS'].includes(method))
    .map(({ method, path }) => `${method} ${openApiPath(path)}`);
  expect([...new Set(served)].sort()).toEqual(documented.sort());
});

test.each(routes.map((route) => [`${route.method} ${route.path}`, route] as const))(
  '%s asks for the scope, and speaks the dialect, that are described',
  (_, route) => {
    const row = operations.find(
      ({ method, path }) => method === route.method && path === openApiPath(route.path),
    );
    expect(row?.scope).toBe(route.isPublic ? 'public' : route.scope);
    expect(row?.openAi).toBe(route.openAi);
  },
);

test.each(operations.map((row) => [row.operationId, row] as const))('%s is described', (_, row) => {
  expect(row.operationId).toMatch(/^[a-z][a-zA-Z]+$/);
  expect(row.summary.length).toBeGreaterThan(10);
  expect(row.description.length).toBeGreaterThan(20);
  expect(Object.keys(tags)).toContain(row.tag);
  const inPath = [...row.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
  const declared = (row.parameters ?? []).filter((parameter) => parameter.in === 'path');
  expect(declared.map(({ name }) => name)).toEqual(inPath);
});

test('operation ids and paths are there once', () => {
  const unique = new Set(operations.map(({ operationId }) => operationId));
  expect(unique.size).toBe(operations.length);
});

/** Every object of the document, with its path. */
function* nodesIn(value: unknown, at = ''): Generator<[string, Node]> {
  if (typeof value !== 'object' || value === null) return;
  if (!Array.isArray(value)) yield [at, value as Node];
  for (const [key, inner] of Object.entries(value)) yield* nodesIn(inner, `${at}/${key}`);
}

const schemaNodes = [...nodesIn(document.components.schemas)];

test('the only unions are the images of requests and the events of streams', () => {
  const unions = schemaNodes.filter(([, node]) => 'oneOf' in node || 'anyOf' in node || 'allOf' in node);
  expect(unions.map(([at]) => at)).toEqual(['/ImageInput', '/ImageUpload', '/RunEvent']);
});

test.each(['ImageInput', 'ImageUpload', 'RunEvent'])(
  '%s has named members, told apart by a discriminator',
  (name) => {
    const union = document.components.schemas[name] as {
      oneOf: Array<{ $ref: string }>;
      discriminator: { propertyName: string; mapping: Record<string, string> };
    };
    const { propertyName, mapping } = union.discriminator;
    expect(propertyName).toBe('type');
    expect(Object.values(mapping)).toEqual(union.oneOf.map(({ $ref }) => $ref));
    for (const [value, ref] of Object.entries(mapping)) {
      const member = document.components.schemas[ref.slice(ref.lastIndexOf('/') + 1)] as {
        properties: Record<string, Node>;
      };
      expect(member.properties['type']).toMatchObject({ const: value });
      // A member that is nothing but its discriminator has no class in Kotlin.
      expect(Object.keys(member.properties).length).toBeGreaterThan(1);
    }
  },
);

test('no reference is nullable, and all of them lead somewhere', () => {
  for (const [at, node] of nodesIn(document)) {
    const target = node['$ref'];
    if (typeof target !== 'string') continue;
    expect(node['type'], at).toBeUndefined();
    const [, , group = '', name = ''] = target.split('/');
    expect(Object.keys((document.components as Record<string, object>)[group] ?? {}), at).toContain(name);
  }
});

test('arguments and observations are free objects', () => {
  const { Action, Observation } = document.components.schemas;
  expect(Action).toMatchObject({
    properties: { arguments: { type: 'object', additionalProperties: true } },
  });
  expect(Observation).toMatchObject({ type: 'object', additionalProperties: true });
});

test('the error codes are one enum, and the table of codes', () => {
  expect(document.components.schemas['ErrorCode']).toMatchObject({ enum: Object.keys(errorTable) });
  const enums = schemaNodes.filter(
    ([, node]) => Array.isArray(node['enum']) && node['enum'].includes('not_found'),
  );
  expect(enums.map(([at]) => at)).toEqual(['/ErrorCode']);
});

test('an event stream is a content type of its own', () => {
  const streams = operations.flatMap(({ operationId, replies }) =>
    Object.values(replies).flatMap(({ content = [] }) =>
      content.filter(({ type }) => type === 'text/event-stream').map(({ schema }) => [operationId, schema]),
    ),
  );
  expect(streams).toEqual([
    ['createRun', 'RunEvent'],
    ['watchRun', 'RunEvent'],
    ['createChatCompletion', 'ChatChunk'],
    ['createResponse', 'ResponseEvent'],
    ['getResponse', 'ResponseEvent'],
  ]);
});
