/**
 * What leaves the backend. The dial of these tests goes to whatever address was let through, on the port of
 * a listener on this machine: if the guard ever lets loopback pass, the listener is hit.
 */
import { createServer, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, it, test } from 'vitest';
import { deliver, fetchBytes } from '#backend/egress/exchange';
import { type EgressPorts, parseUrl, publicAddresses } from '#backend/egress/send';
import { CONTRACT_VERSION } from '#shared/contract';
import { ApiError, type ErrorCode } from '#shared/errors';
import { PRIVATE_NAMES, REFUSED_URLS } from '../../shared/egress-corpus.ts';

type Served = (response: ServerResponse, path: string) => void;

let hits: Array<{ host: string; path: string }> = [];
let serve: Served;
let port = 0;
/** Addresses that the public internet of these tests holds; all are this machine. */
const PUBLIC = ['1.1.1.1', '2606:4700::1111'];

const server = createServer((incoming, response) => {
  hits.push({ host: String(incoming.headers.host), path: incoming.url ?? '' });
  serve(response, incoming.url ?? '');
});
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as AddressInfo).port;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  hits = [];
  serve = (response) => response.end('bytes');
});

const ports: EgressPorts = {
  resolve: async (hostname) => PRIVATE_NAMES[hostname] ?? PUBLIC,
  dial: ({ host, servername: _, ...options }) =>
    request({ ...options, port, host: PUBLIC.includes(String(host)) ? '127.0.0.1' : String(host) }),
};

const soon = () => AbortSignal.timeout(5_000);
const version = CONTRACT_VERSION;
const ANY = ['*.com', '*.io', 'example.com', '1.1.1.1', '127.0.0.1', '[::1]', 'localhost'];
const image = (
  url: string,
  more: { hosts?: string[]; bytes_max?: number; ports?: EgressPorts; signal?: AbortSignal } = {},
) =>
  fetchBytes(
    more.ports ?? ports,
    { version, url, hosts: more.hosts ?? ANY, media: 'image', bytes_max: more.bytes_max ?? 1_000 },
    more.signal ?? soon(),
  );
const webhook = (url: string, by = ports) => deliver(by, { version, url, headers: {}, body: '{}' }, soon());
const codeOf = async (work: Promise<unknown>): Promise<ErrorCode | 'none'> => {
  try {
    await work;
    return 'none';
  } catch (error) {
    if (error instanceof ApiError) return error.code;
    throw error;
  }
};
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

it('the dial of these tests would reach the listener', async () => {
  await new Promise((resolve) =>
    ports.dial({ host: '127.0.0.1', path: '/', headers: {} }).once('response', resolve).end(),
  );
  expect(hits).toHaveLength(1);
});

describe('URLs that may not be opened', () => {
  const urls = [...REFUSED_URLS, ...Object.keys(PRIVATE_NAMES).map((name) => `https://${name}/x.png`)];

  it(`${urls.length} of them, as images and as webhooks: 0 hits`, async () => {
    for (const url of urls) {
      // An allow-list that names the host does not open the way to a private network.
      const hosts = [...ANY, URL.parse(url)?.hostname ?? ''].filter((host) => host !== '');
      expect([url, await codeOf(image(url, { hosts }))]).toEqual([url, 'url_not_allowed']);
      expect([url, await codeOf(webhook(url))]).toEqual([url, 'url_not_allowed']);
    }
    expect(hits).toEqual([]);
  });

  it('a redirect to any of them', async () => {
    // What is an absolute URL and may stand in a header.
    for (const url of urls.filter(
      (text) => URL.parse(text) && text.includes('//') && /^[!-~]+$/.test(text),
    )) {
      hits = [];
      serve = (response) => response.writeHead(302, { location: url }).end();
      const hosts = [...ANY, new URL(url).hostname].filter((host) => host !== '');
      expect([url, await codeOf(image('https://example.com/start', { hosts }))]).toEqual([
        url,
        'url_not_allowed',
      ]);
      expect(hits).toEqual([{ host: 'example.com', path: '/start' }]);
    }
  });

  it('a name that means another address each time it is asked for', async () => {
    let asked = 0;
    const rebinding: EgressPorts = {
      ...ports,
      resolve: async () => [asked++ % 2 === 0 ? '1.1.1.1' : '127.0.0.1'],
      dial: (options) => {
        expect(options.host).toBe('1.1.1.1');
        return ports.dial(options);
      },
    };
    const codes = [];
    for (let time = 0; time < 3; time++) {
      codes.push(await codeOf(image('https://rebind.example.com/', { ports: rebinding })));
      codes.push(await codeOf(webhook('https://rebind.example.com/', rebinding)));
    }
    expect(codes).toEqual(['none', 'url_not_allowed', 'none', 'url_not_allowed', 'none', 'url_not_allowed']);
  });

  it('a host that the key does not list, at once or after a redirect', async () => {
    const hosts = ['photos.example.com'];
    expect(await codeOf(image('https://example.com/', { hosts }))).toBe('url_not_allowed');
    expect(hits).toEqual([]);
    serve = (response) => response.writeHead(302, { location: 'https://example.com/' }).end();
    expect(await codeOf(image('https://photos.example.com/', { hosts }))).toBe('url_not_allowed');
    expect(hits).toHaveLength(1);
  });
});

describe('an image', () => {
  it('comes with the name of its host, over a checked address', async () => {
    expect(text(await image('https://example.com/a.png?b=1'))).toBe('bytes');
    expect(text(await image('https://1.1.1.1/c'))).toBe('bytes');
    expect(hits).toEqual([
      { host: 'example.com', path: '/a.png?b=1' },
      { host: '1.1.1.1', path: '/c' },
    ]);
  });

  test.each([
    [3, 'none'],
    [4, 'url_not_allowed'],
  ])('%i redirects: %s', async (redirects, expected) => {
    serve = (response, path) => {
      const count = Number(path.slice(1));
      if (count < redirects) response.writeHead(302, { location: `/${count + 1}` }).end();
      else response.end('bytes');
    };
    expect(await codeOf(image('https://example.com/0'))).toBe(expected);
  });

  const replies: ReadonlyArray<[string, Served, ErrorCode]> = [
    ['404', (response) => response.writeHead(404).end(), 'url_unreachable'],
    ['a redirect to nowhere', (response) => response.writeHead(302).end(), 'url_unreachable'],
    [
      'more than the cap, declared',
      (response) => response.writeHead(200, { 'content-length': 10_000_000_000 }).flushHeaders(),
      'body_too_large',
    ],
    [
      'more than the cap, without end',
      (response) => {
        const more = () => void (response.destroyed || response.write('x'.repeat(500), more));
        more();
      },
      'body_too_large',
    ],
    [
      'less than it declares',
      (response) => {
        response.writeHead(200, { 'content-length': 100 });
        response.write('x', () => response.destroy());
      },
      'url_unreachable',
    ],
    [
      'a gzip bomb',
      (response) =>
        response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(Buffer.alloc(100_000))),
      'url_unreachable',
    ],
    ['no HTTP at all', (response) => void response.socket?.end('nonsense'), 'url_unreachable'],
    ['nothing but a closed connection', (response) => void response.socket?.destroy(), 'url_unreachable'],
  ];
  test.each(replies)('from a host that sends %s', async (_, reply, code) => {
    serve = reply;
    expect(await codeOf(image('https://example.com/'))).toBe(code);
  });

  test.each<[string, Served]>([
    ['says nothing', () => undefined],
    ['drips', (response) => void response.write('x')],
  ])('from a host that %s: time is up', async (_, reply) => {
    serve = reply;
    expect(await codeOf(image('https://example.com/', { signal: AbortSignal.timeout(300) }))).toBe(
      'url_unreachable',
    );
  });

  it('from a name that is never resolved: time is up', async () => {
    const stuck = { ...ports, resolve: () => new Promise<never>(() => undefined) };
    expect(
      await codeOf(image('https://example.com/', { ports: stuck, signal: AbortSignal.timeout(200) })),
    ).toBe('url_unreachable');
    const none = { ...ports, resolve: async () => [] };
    expect(await codeOf(image('https://example.com/', { ports: none }))).toBe('url_unreachable');
  });
});

describe('a webhook', () => {
  it('gives the status of its receiver, and follows no redirect', async () => {
    for (const status of [200, 204, 410, 500]) {
      serve = (response) => response.writeHead(status).end();
      expect(await webhook('https://example.com/hook')).toBe(status);
    }
    hits = [];
    serve = (response) => response.writeHead(302, { location: 'https://example.com/other' }).end();
    expect(await webhook('https://example.com/hook')).toBe(302);
    expect(hits).toHaveLength(1);
  });

  it('is checked when it is named as when it is delivered', async () => {
    const check = (url: string) => publicAddresses(ports, parseUrl(url), soon());
    expect(await check('https://example.com/')).toEqual(PUBLIC);
    for (const name of Object.keys(PRIVATE_NAMES)) {
      expect(await codeOf(check(`https://${name}/`))).toBe('url_not_allowed');
    }
  });
});
