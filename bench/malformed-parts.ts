/** What malformed requests are made of: a request that would be answered, odd values, damaged bytes. */
import { below, pick, type Random } from './random.ts';

/** One whole HTTP message. */
export type Malformed = {
  readonly generator: string;
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Buffer;
  /** The message as bytes, where an HTTP library would refuse to write it; `KEY` stands for the key. */
  readonly raw?: string;
};

export type Made = Omit<Malformed, 'generator'>;

export const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAMAAAACCAIAAAASFvFNAAAACXBIWXMAAAPoAAAD6AG1e1JrAAAAEElEQVQI12M4Y2wMQQxwFgBLYgctOrxZ4QAAAABJRU5ErkJggg==',
  'base64',
);
export const JPEG = Buffer.from(
  'ffd8ffe000104a46494600010100000100010000ffc0000b080001000101011100ffd9',
  'hex',
);
export const BASE64 = PNG.toString('base64');
const QUESTION = JSON.stringify({
  turns: [{ turn: { thought: '', actions: [{ name: 'Terminate', arguments: { answer: 'x' } }] } }],
});
export const JSON_TYPE = { 'content-type': 'application/json' } as const;

export const post = (path: string, body: string | Buffer, headers: Record<string, string> = JSON_TYPE) => ({
  method: 'POST',
  path,
  headers,
  body: Buffer.from(body as string),
});

/** A request that would be answered, to be damaged. */
export const goodBodies: Readonly<Record<string, object>> = {
  '/v1/runs': {
    question: QUESTION,
    images: [{ type: 'base64', media_type: 'image/png', data: BASE64 }],
    background: true,
  },
  '/v1/tools/Calculate': { arguments: { expression: '1 + 1' } },
  '/v1/tools/OCR': {
    arguments: { image: 'image-0' },
    images: [{ type: 'base64', media_type: 'image/png', data: BASE64 }],
  },
  '/v1/client_tokens': { subject: 'user-1', ttl: 600, max_runs: 3 },
  '/v1/keys': { name: 'k', scopes: ['runs:read'] },
  '/v1/chat/completions': {
    model: 'taco-edge',
    messages: [
      {
        role: 'user',
        content: [
          { type: 'text', text: QUESTION },
          { type: 'image_url', image_url: { url: `data:image/png;base64,${BASE64}` } },
        ],
      },
    ],
  },
  '/v1/responses': { model: 'taco-edge', input: QUESTION, background: true },
  '/mcp': {
    jsonrpc: '2.0',
    id: 1,
    method: 'tools/call',
    params: { name: 'Calculate', arguments: { expression: '1' } },
  },
};
export const bodyPaths = Object.keys(goodBodies) as [string, ...string[]];

const ODD_TEXTS = [
  '',
  ' ',
  'null',
  '\u0000',
  '\ud800',
  '\u202e\u200b\ufeff',
  '🧾'.repeat(50),
  '../../etc/passwd',
  '%00',
  '<script>',
  "'; DROP TABLE runs; --",
  'x'.repeat(9_000),
  'https://127.0.0.1/x.png',
  'data:image/png;base64,',
  '__proto__',
] as const;
const ODD_NUMBERS = [-1, 0, 1.5, 1e9, 2 ** 53, -0, 1e308] as const;

/** Any JSON; deep, wide, or of odd leaves. */
export function oddValue(random: Random, depth = 0): unknown {
  const kind = random();
  if (kind < 0.35) return pick(random, ODD_TEXTS);
  if (kind < 0.55) return pick(random, ODD_NUMBERS);
  if (kind < 0.65) return pick(random, [null, true, false, [], {}]);
  if (kind < 0.7) return JSON.parse('['.repeat(60) + ']'.repeat(60));
  if (depth > 3) return 'leaf';
  const children = Array.from({ length: 1 + below(random, 4) }, () => oddValue(random, depth + 1));
  if (kind < 0.85) return children;
  return Object.fromEntries(
    children.map((child, index) => [pick(random, ['a', 'type', 'data', '__proto__', `k${index}`]), child]),
  );
}

export const randomBytes = (random: Random, most: number): Buffer =>
  Buffer.from(Array.from({ length: below(random, most) }, () => below(random, 256)));

/** A few bytes of a good file replaced. */
export function mutated(random: Random, bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  for (let times = 1 + below(random, 6); times > 0; times--)
    copy[below(random, copy.length)] = below(random, 256);
  return random() < 0.3 ? copy.subarray(0, below(random, copy.length)) : copy;
}

export const printable = (random: Random, most: number): string =>
  Array.from({ length: below(random, most) }, () => String.fromCharCode(33 + below(random, 94))).join('');

/** One member of a good body, or of its first image, replaced by anything, added, or taken away. */
export function nearlyRight(random: Random, path: string): string {
  const body = structuredClone(goodBodies[path]) as Record<string, unknown>;
  const members = Object.keys(body) as [string, ...string[]];
  const kind = random();
  if (kind < 0.15) delete body[pick(random, members)];
  else if (kind < 0.25)
    body[
      pick(random, [
        'extra',
        'status',
        'tenant',
        'max_steps',
        'tools',
        'metadata',
        'cache',
        'stream',
        'webhook_url',
        'n',
        'expires_at',
      ])
    ] = oddValue(random);
  else if (kind < 0.45 && Array.isArray(body['images']))
    body['images'] = [
      {
        ...body['images'][0],
        [pick(random, ['type', 'media_type', 'data', 'url', 'image_id'])]: oddValue(random),
      },
    ];
  else body[pick(random, members)] = oddValue(random);
  const text = JSON.stringify(body);
  // What JSON.stringify cannot write: huge numbers, lone surrogates, a prototype of one's own.
  if (kind > 0.9) return text.replace(/\d+/, '1e400');
  if (kind > 0.85) return text.replace('"', '"__proto__":{"a":1},"');
  return kind > 0.8 ? text.replace(/":"/, '":"\\ud800') : text;
}
