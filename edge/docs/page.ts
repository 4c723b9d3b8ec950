/** The API as one page of HTML: no script, nothing loaded from anywhere. Pure. */
import type { DocumentedOperation, Media, OpenApiDocument, Schema } from './document.ts';

const STYLE = `
:root{color-scheme:light dark;--line:#8884;--dim:#777;--code:#8882}
body{font:16px/1.5 system-ui,sans-serif;max-width:62rem;margin:0 auto;padding:1rem 1rem 6rem}
h1{margin:.5em 0 0}h2{margin-top:2.5em;border-bottom:1px solid var(--line)}h3{margin:1.2em 0 .3em;font-size:1rem}
p{margin:.4em 0}a{color:inherit}code,pre{font:.85em/1.45 ui-monospace,monospace;background:var(--code);border-radius:4px}
code{padding:.1em .3em}pre{padding:.8em;overflow-x:auto}
details{border:1px solid var(--line);border-radius:6px;margin:.6em 0;padding:.4em .8em}summary{cursor:pointer}
summary b{display:inline-block;min-width:4.2em}table{border-collapse:collapse;width:100%;font-size:.92em}
td{border-top:1px solid var(--line);padding:.3em .8em .3em 0;vertical-align:top}.dim{color:var(--dim)}`;

/** What a response with this page must bear, so that the style is let through and nothing else. */
export const PAGE_POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'";

export function docsPage(document: OpenApiDocument): string {
  const { info, tags, paths, components } = document;
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
  );
  const groups = tags.map(({ name, description }) => {
    const own = operations.filter(({ operation }) => operation.tags.includes(name));
    const rows = own.map(({ path, method, operation }) => operationHtml(method, path, operation));
    return `<h2 id="${text(name)}">${text(name)}</h2><p>${prose(description)}</p>${rows.join('')}`;
  });
  const types = Object.entries(components.schemas).map(
    ([name, schema]) =>
      `<details id="${text(name)}"><summary><code>${text(name)}</code></summary>${schemaHtml(schema)}</details>`,
  );
  return [
    '<!doctype html><html lang="en"><meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width,initial-scale=1">',
    `<title>${text(info.title)} API</title><style>${STYLE}</style>`,
    `<h1>${text(info.title)} API</h1><p class="dim">version ${text(info.version)}, `,
    '<a href="/openapi.json">openapi.json</a></p>',
    `<p>${prose(info.description)}</p>`,
    ...groups,
    '<h2 id="types">types</h2>',
    ...types,
    '</html>\n',
  ].join('');
}

function operationHtml(method: string, path: string, operation: DocumentedOperation): string {
  const parameters = (operation.parameters ?? []).map(
    ({ name, in: place, required, schema, description }) => [
      `<code>${text(name)}</code> <span class="dim">${text(place)}${required ? ', required' : ''}</span>`,
      typeHtml(schema),
      prose(description),
    ],
  );
  const replies = Object.entries(operation.responses).map(([status, { description, content }]) => [
    `<code>${text(status)}</code>`,
    contentHtml(content),
    prose(description),
  ]);
  const body = operation.requestBody?.content;
  return [
    `<details id="${text(operation.operationId)}"><summary><b>${method}</b> <code>${text(path)}</code> `,
    `${text(operation.summary)}</summary><p>${prose(operation.description)}</p>`,
    parameters.length > 0 ? `<h3>Parameters</h3>${table(parameters)}` : '',
    body ? `<h3>Request</h3><p>${contentHtml(body)}</p>${examplesHtml(body)}` : '',
    `<h3>Replies</h3>${table(replies)}`,
    ...Object.values(operation.responses).map(({ content = {} }) => examplesHtml(content)),
    '</details>',
  ].join('');
}

function contentHtml(content: Readonly<Record<string, Media>> = {}): string {
  const parts = Object.entries(content).map(([type, { schema }]) => `${text(type)} ${typeHtml(schema)}`);
  return `<span class="dim">${parts.join('<br>')}</span>`;
}

function examplesHtml(content: Readonly<Record<string, Media>>): string {
  const examples = Object.values(content).flatMap((media) => Object.values(media.examples ?? {}));
  return examples
    .map(
      ({ summary, value }) =>
        `<p class="dim">${text(summary)}</p><pre>${text(JSON.stringify(value, null, 2))}</pre>`,
    )
    .join('');
}

function schemaHtml(schema: Schema): string {
  const rows = Object.entries(schema.properties ?? {}).map(([name, member]) => [
    `<code>${text(name)}</code>${schema.required?.includes(name) ? '' : ' <span class="dim">optional</span>'}`,
    typeHtml(member),
    prose(member.description ?? ''),
  ]);
  const described = schema.description ? `<p>${prose(schema.description)}</p>` : '';
  return described + (rows.length > 0 ? table(rows) : `<p>${typeHtml(schema)}</p>`);
}

/** A type in a few words, with a link where it has a name. */
function typeHtml(schema: Schema): string {
  if (schema.$ref) {
    const name = text(schema.$ref.slice(schema.$ref.lastIndexOf('/') + 1));
    return `<a href="#${name}">${name}</a>`;
  }
  if (schema.oneOf) return schema.oneOf.map(typeHtml).join(' or ');
  if (schema.const !== undefined) return `<code>${text(JSON.stringify(schema.const))}</code>`;
  if (schema.enum) return schema.enum.map((value) => `<code>${text(String(value))}</code>`).join(' ');
  if (schema.items) return `list of ${typeHtml(schema.items)}${boundsOf(schema.minItems, schema.maxItems)}`;
  const type = text([schema.type ?? 'any'].flat().join(' or '));
  const format = schema.format ? ` ${text(schema.format)}` : '';
  const pattern = schema.pattern ? ` <code>${text(schema.pattern)}</code>` : '';
  const bounds = boundsOf(schema.minimum ?? schema.minLength, schema.maximum ?? schema.maxLength);
  const byDefault =
    schema.default === undefined ? '' : `, ${text(JSON.stringify(schema.default))} by default`;
  return type + format + pattern + bounds + byDefault;
}

function boundsOf(least: number | undefined, most: number | undefined): string {
  return least === undefined && most === undefined ? '' : `, ${least ?? ''}…${most ?? ''}`;
}

function table(rows: ReadonlyArray<readonly string[]>): string {
  const lines = rows.map((cells) => `<tr>${cells.map((cell) => `<td>${cell}</td>`).join('')}</tr>`);
  return `<table>${lines.join('')}</table>`;
}

/** Text with `code` in backquotes. */
function prose(source: string): string {
  return text(source).replace(/`([^`]+)`/g, '<code>$1</code>');
}

function text(source: string): string {
  return source
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
