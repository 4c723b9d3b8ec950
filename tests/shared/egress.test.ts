import { describe, expect, it, test } from 'vitest';
import { hostListed, isPublicAddress, whyRefused } from '#shared/egress';
import { REFUSED_URLS } from './egress-corpus.ts';

it('the corpus is large enough to mean something', () => {
  expect(new Set(REFUSED_URLS).size).toBeGreaterThanOrEqual(60);
});

test.each(REFUSED_URLS)('refused: %j', (text) => {
  const url = URL.parse(text);
  expect(url === null || whyRefused(url) !== undefined).toBe(true);
});

test.each([
  'https://example.com/a.png?b=1#c',
  'https://EXAMPLE.com:443/',
  'https://cdn.photos.example.co.uk/x',
  'https://xn--bcher-kva.example/x',
  'https://bücher.example/x',
  'https://1.1.1.1/x',
  'https://[2606:4700::1111]/x',
  'https://local.example.com/',
])('let through: %s', (text) => {
  expect(whyRefused(new URL(text))).toBeUndefined();
});

test.each([
  ['8.8.8.8', true],
  ['2606:4700::1111', true],
  ['::ffff:8.8.8.8', true],
  ['::808:808', false],
  ['::127.0.0.1', false],
  ['nonsense', false],
  ['', false],
])('the address %s is public: %s', (address, expected) => {
  expect(isPublicAddress(address)).toBe(expected);
});

describe('a list of hosts', () => {
  test.each([
    ['example.com', ['example.com'], true],
    ['a.example.com', ['example.com'], false],
    ['a.example.com', ['*.example.com'], true],
    ['a.b.example.com', ['*.example.com'], true],
    ['example.com', ['*.example.com'], false],
    ['.example.com', ['*.example.com'], false],
    ['evilexample.com', ['*.example.com', 'example.com'], false],
    ['example.com', [], false],
  ])('%s in %j: %s', (host, hosts, expected) => {
    expect(hostListed(host, hosts)).toBe(expected);
  });
});
