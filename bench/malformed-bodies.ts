/** Requests whose bodies are wrong: forms, base64, images, and what other dialects than ours ask. */
import {
  BASE64,
  goodBodies,
  JPEG,
  JSON_TYPE,
  type Made,
  mutated,
  nearlyRight,
  oddValue,
  PNG,
  post,
  printable,
} from './malformed-parts.ts';
import { below, pick, type Random } from './random.ts';

export function multipart(random: Random): Made {
  const boundary = 'cut-here';
  const file = `Content-Disposition: form-data; name="${pick(random, ['file', 'image', '', 'x'])}"; filename="a.png"\r\nContent-Type: image/png\r\n\r\n${mutated(random, PNG).toString('latin1')}`;
  const part = `--${boundary}\r\n${file}\r\n`;
  const bodies = [
    part,
    `${part.repeat(40)}--${boundary}--\r\n`,
    `--${boundary}--\r\n`,
    part.slice(0, below(random, part.length)),
    printable(random, 200),
    `--${boundary}\r\nContent-Disposition: form-data; name="note"\r\n\r\nno file\r\n--${boundary}--\r\n`,
    '',
  ] as const;
  const types = [
    `multipart/form-data; boundary=${boundary}`,
    'multipart/form-data',
    'multipart/form-data; boundary=',
    `multipart/form-data; boundary="${'b'.repeat(300)}"`,
    'multipart/mixed; boundary=cut-here',
  ] as const;
  return post('/v1/images', Buffer.from(pick(random, bodies), 'latin1'), {
    'content-type': pick(random, types),
  });
}

const NOT_BASE64 = [
  '*',
  '====',
  'A',
  'AA=A',
  `${BASE64}!`,
  `data:image/png;base64,${BASE64}`,
  BASE64.slice(3),
  ' ',
  'data:text/html,<p>',
  '\u{1f4a9}',
] as const;

export function badBase64(random: Random): Made {
  const data =
    random() < 0.5 ? pick(random, NOT_BASE64) : mutated(random, Buffer.from(BASE64)).toString('latin1');
  const media_type = pick(random, ['image/png', 'image/jpeg', 'image/svg+xml', 'text/html', '']);
  const kind = random();
  if (kind < 0.4)
    return post(
      '/v1/runs',
      JSON.stringify({ question: 'x', images: [{ type: 'base64', media_type, data }], background: true }),
    );
  if (kind < 0.6) return post('/v1/images', JSON.stringify({ type: 'base64', media_type, data }));
  const url = `data:${media_type};base64,${data}`;
  return post(
    '/v1/chat/completions',
    JSON.stringify({
      model: 'taco-edge',
      messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url } }] }],
    }),
  );
}

const NO_IMAGES = [
  '<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd"/></svg>',
  '%PDF-1.7',
  'GIF89a',
  'RIFF\0\0\0\0WEBPVP8 ',
  '\0\0\0\u0018ftypheic',
  'II*\0',
  'BM',
  'push graphic-context',
] as const;

export function badImage(random: Random): Made {
  const kind = random();
  const bytes =
    kind < 0.3
      ? mutated(random, PNG)
      : kind < 0.5
        ? mutated(random, JPEG)
        : kind < 0.8
          ? Buffer.from(pick(random, NO_IMAGES) + printable(random, 40), 'latin1')
          : hugePng(random);
  return post('/v1/images', bytes, {
    'content-type': pick(random, ['image/png', 'image/jpeg', 'image/heic', 'application/octet-stream', '']),
  });
}

/** The header of a PNG with sides that it does not have. */
function hugePng(random: Random): Buffer {
  const copy = Buffer.from(PNG);
  copy.writeUInt32BE(pick(random, [0, 30_000, 65_535, 2 ** 31, 1]), 16);
  copy.writeUInt32BE(pick(random, [0, 30_000, 65_535, 2 ** 31, 1]), 20);
  return copy;
}

export function oddDialect(random: Random): Made {
  const path = pick(random, ['/v1/chat/completions', '/v1/responses', '/mcp']);
  const bodies = [
    nearlyRight(random, path),
    JSON.stringify([goodBodies[path], oddValue(random)]),
    JSON.stringify({ jsonrpc: '1.0', id: oddValue(random), method: oddValue(random) }),
    JSON.stringify({
      jsonrpc: '2.0',
      method: pick(random, ['tools/list', 'tools/call', 'initialize', 'resources/read', '']),
      params: oddValue(random),
      id: 1,
    }),
    JSON.stringify({ model: oddValue(random), messages: [oddValue(random)], input: oddValue(random) }),
    JSON.stringify({
      model: 'taco-edge',
      messages: [{ role: 'user', content: 'x' }],
      n: 3,
      tools: [{}],
      response_format: oddValue(random),
    }),
  ] as const;
  return post(path, pick(random, bodies), {
    ...JSON_TYPE,
    accept: pick(random, ['application/json, text/event-stream', 'text/event-stream', '*/*']),
  });
}
