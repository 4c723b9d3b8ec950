/** Requests that are wrong around the body: headers, credentials, paths, methods, the message itself. */
import {
  bodyPaths,
  goodBodies,
  JSON_TYPE,
  type Made,
  post,
  printable,
  randomBytes,
} from './malformed-parts.ts';
import { below, pick, type Random } from './random.ts';

const ODD_HEADERS: ReadonlyArray<readonly [string, readonly [string, ...string[]]]> = [
  [
    'content-type',
    [
      'text/plain',
      'application/json; charset=utf-16',
      '',
      'application/x-www-form-urlencoded',
      'multipart/form-data',
    ],
  ],
  ['content-encoding', ['gzip', 'br', 'zstd', 'identity, gzip', 'x']],
  ['prefer', ['wait=-1', 'wait=99999999999', 'wait=a', 'respond-async, wait', '=', 'wait=0']],
  ['last-event-id', ['-1', '1e9', 'abc', '99999999999999999999', ' ', '0x10']],
  ['idempotency-key', ['', '"', '""', 'k'.repeat(256), 'a b', '"unclosed', '\u00ff']],
  ['accept', ['text/event-stream', 'image/png', '*/*;q=0', ';;']],
  ['if-none-match', ['*', 'W/', '"', '"x", W/"y"']],
  ['origin', ['null', 'https://evil.example', 'javascript:1', '']],
  ['x-stainless-retry-count', ['-1', 'x', '1e99', '3']],
  ['x-client-request-id', ['\u00e9'.repeat(300), '<b>']],
  ['access-control-request-method', ['TRACE', '', 'POST']],
  ['expect', ['200-ok']],
];

const goodPaths = [
  '/v1/runs',
  '/v1/tools',
  '/v1/limits',
  '/v1/usage',
  '/v1/models',
  '/v1/keys',
  '/healthz',
  '/openapi.json',
  '/docs',
] as const;

export function oddHeaders(random: Random): Made {
  const headers: Record<string, string> = { ...JSON_TYPE };
  for (let times = 1 + below(random, 3); times > 0; times--) {
    const [name, values] = ODD_HEADERS[below(random, ODD_HEADERS.length)] ?? ['accept', ['*']];
    headers[name] = pick(random, values);
  }
  const path = pick(random, bodyPaths);
  if (random() < 0.6) return post(path, JSON.stringify(goodBodies[path]), headers);
  return {
    method: pick(random, ['GET', 'HEAD', 'OPTIONS']),
    path: pick(random, [...goodPaths, `/v1/runs/run_${'0'.repeat(32)}/events`]),
    headers,
  };
}

export function oddCredential(random: Random): Made {
  const credentials = [
    '',
    'Bearer',
    'Bearer ',
    `Bearer ${'x'.repeat(10_000)}`,
    'Basic dXNlcjpwYXNz',
    'bearer taco_test_aaaaaaaa_bbbb',
    `Bearer taco_live_${printable(random, 60)}`,
    'Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.',
    `Bearer ${'e30.'.repeat(3)}`,
    'Bearer \u00e9',
  ] as const;
  const path = pick(random, [...bodyPaths, ...goodPaths]);
  const method = pick(random, ['GET', 'POST', 'DELETE']);
  const where = random() < 0.2 ? `${path}?api_key=taco_live_x&access_token=y` : path;
  return {
    method,
    path: where,
    headers: { ...JSON_TYPE, authorization: pick(random, credentials) },
    ...(method === 'POST' ? { body: Buffer.from('{}') } : {}),
  };
}

const ODD_PATHS = [
  '//v1/runs',
  '/v1/../keys',
  '/v1/runs/%00',
  '/v1/runs/%',
  '/v1/runs/%zz',
  '/v1/images/..%2f..%2fetc',
  `/v1/runs/${'a'.repeat(16_000)}`,
  '/v1/runs/run_1/events/2',
  '/V1/RUNS',
  '/v1/tools/__proto__',
  '/v1/tools/constructor',
  '/v1/models/%F0%9F',
  '/.env',
  '/v1/keys/;/rotate',
  '/v1/usage?from=x&from=y',
  '/v1/runs?limit=-1&cursor=%00',
  '/v1/runs?cursor=WzFd',
  '/v1/responses/resp_x?stream=true&starting_after=-1',
  '/mcp/',
  '/docs/../openapi.json',
  '/?',
] as const;

export function oddPath(random: Random): Made {
  const path =
    random() < 0.6
      ? pick(random, ODD_PATHS)
      : `/v1/${pick(random, ['runs', 'images', 'tools', 'keys', 'models', 'responses', 'client_tokens', ''])}/${encodeURIComponent(printable(random, 30))}`;
  const method = pick(random, ['GET', 'GET', 'DELETE', 'POST']);
  return {
    method,
    path,
    headers: { ...JSON_TYPE },
    ...(method === 'POST' ? { body: Buffer.from('{}') } : {}),
  };
}

export function oddMethod(random: Random): Made {
  const method = pick(random, [
    'PUT',
    'PATCH',
    'DELETE',
    'TRACE',
    'OPTIONS',
    'HEAD',
    'PROPFIND',
    'PURGE',
    'GET',
    'POST',
  ]);
  const hasBody = !['HEAD', 'GET', 'TRACE', 'OPTIONS'].includes(method);
  return {
    method,
    path: pick(random, [...bodyPaths, ...goodPaths]),
    headers: { ...JSON_TYPE },
    ...(hasBody ? { body: randomBytes(random, 50) } : {}),
  };
}

const AUTH = 'Authorization: Bearer KEY\r\n';

/** Messages that no HTTP library writes. workerd answers some of them itself, before any code of ours. */
export function rawMessage(random: Random): Made {
  const line = (text: string, headers: string, body = '') =>
    `${text}\r\nHost: edge\r\n${AUTH}${headers}\r\n${body}`;
  const messages = [
    line('POST /v1/runs HTTP/1.1', 'Content-Length: 2\r\nContent-Length: 3\r\n', '{}'),
    line('POST /v1/runs HTTP/1.1', 'Content-Length: -1\r\n', '{}'),
    line(
      'POST /v1/runs HTTP/1.1',
      'Content-Length: 2\r\nTransfer-Encoding: chunked\r\n',
      '2\r\n{}\r\n0\r\n\r\n',
    ),
    line('POST /v1/runs HTTP/1.1', 'Transfer-Encoding: chunked\r\n', 'zz\r\n{}\r\n0\r\n\r\n'),
    line('POST /v1/runs HTTP/1.1', 'Transfer-Encoding: chunked\r\n', '1\r\n{\r\n1\r\n}\r\n0\r\n\r\n'),
    line('GET /v1/tools HTTP/1.1', 'X-Odd: a\0b\r\n'),
    line('GET /v1/tools HTTP/1.1', `X-Long: ${'x'.repeat(20_000)}\r\n`),
    line('GET /v1/tools HTTP/1.1', 'Authorization: Bearer other\r\n'),
    line('GET  /v1/tools  HTTP/1.1', ''),
    line('GET /v1/tools HTTP/9.9', ''),
    line('get /v1/tools HTTP/1.1', ''),
    line(`GET /v1/${printable(random, 30)} HTTP/1.1`, ''),
    line('GET http://other.example/v1/tools HTTP/1.1', ''),
    line('GET * HTTP/1.1', ''),
    line('GET /v1/tools HTTP/1.1', `${printable(random, 20)}\r\n`),
    line('GET /v1/tools HTTP/1.1', ': no name\r\n'),
    `GET /v1/tools HTTP/1.1\r\n${AUTH}\r\n`,
    // Not empty lines alone: they ask for nothing, and a server is to skip them (RFC 9112 §2.2).
    `${printable(random, 60) || '?'}\r\n\r\n`,
    line('POST /v1/images HTTP/1.1', 'Content-Length: 5\r\nExpect: 100-continue\r\n', 'abcde'),
  ] as const;
  return { method: '', path: '', headers: {}, raw: pick(random, messages) };
}
