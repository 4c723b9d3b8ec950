import { expect, it } from 'vitest';
import { callerOf, isRange, isWithin } from '#edge/addresses';

it.each([
  ['192.0.2.7', '192.0.2.7'],
  ['::ffff:192.0.2.7', '192.0.2.7'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:db8:1:2:ffff::1', '2001:db8:1:2::/64'],
  ['127.0.0.1', undefined],
  ['::1', undefined],
  ['no address', undefined],
])('%s counts as %s', (address, caller) => expect(callerOf(address)).toBe(caller));

it('two addresses of one /64 are one caller, of two /64 two', () => {
  expect(callerOf('2001:db8::1')).toBe(callerOf('2001:db8::ffff:1'));
  expect(callerOf('2001:db8:0:1::1')).not.toBe(callerOf('2001:db8:0:2::1'));
});

it.each([
  ['203.0.113.9', ['203.0.113.0/24'], true],
  ['203.0.113.9', ['203.0.113.9'], true],
  ['203.0.113.9', ['2001:db8::/32'], false],
  ['2001:db8::5', ['10.0.0.0/8', '2001:db8::/32'], true],
  ['203.0.113.9', [], false],
  ['203.0.113.9', ['nonsense', '203.0.113.9/99'], false],
])('%s within %j: %s', (address, ranges, within) => expect(isWithin(address, ranges)).toBe(within));

it.each(['192.0.2.1', '192.0.2.0/24', '2001:db8::/48'])('%s is a range', (text) =>
  expect(isRange(text)).toBe(true),
);
it.each(['', '192.0.2.0/33', 'example.org', '*'])('%j is none', (text) => expect(isRange(text)).toBe(false));
