/** Internet addresses of callers: who stands behind one, and whether it is in a list. */
import ipaddr from 'ipaddr.js';
import type { AppContext } from './route.ts';

type Address = ReturnType<typeof ipaddr.process>;

/** A customer of a provider has a whole /64 of IPv6. */
const IPV6_PREFIX_BITS = 64;

/** Where the request comes from, as Cloudflare says; nothing that the caller writes is believed. */
export function addressOf(c: AppContext): string | undefined {
  const address = parse(c.req.header('cf-connecting-ip') ?? '');
  return address?.toString();
}

/** What is counted as one caller: an IPv4 address, or the /64 of an IPv6 address. Undefined for this machine itself. */
export function callerOf(address: string): string | undefined {
  const parsed = parse(address);
  if (!parsed || parsed.range() === 'loopback') return undefined;
  if (parsed.kind() === 'ipv4') return parsed.toString();
  return `${ipaddr.IPv6.networkAddressFromCIDR(`${parsed.toNormalizedString()}/${IPV6_PREFIX_BITS}`)}/${IPV6_PREFIX_BITS}`;
}

/** Whether the address is in one of the ranges, each an address or CIDR. */
export function isWithin(address: string | undefined, ranges: readonly string[]): boolean {
  const parsed = address === undefined ? undefined : parse(address);
  if (!parsed) return false;
  return ranges.some((text) => {
    const range = parseRange(text);
    return range !== undefined && range[0].kind() === parsed.kind() && parsed.match(range);
  });
}

export function isRange(text: string): boolean {
  return parseRange(text) !== undefined;
}

/** Mapped IPv4 addresses (::ffff:192.0.2.1) count as what they stand for. */
function parse(text: string): Address | undefined {
  return ipaddr.isValid(text) ? ipaddr.process(text) : undefined;
}

function parseRange(text: string): [Address, number] | undefined {
  try {
    if (text.includes('/')) return ipaddr.parseCIDR(text);
    const address = parse(text);
    return address && [address, address.kind() === 'ipv4' ? 32 : 128];
  } catch {
    return undefined;
  }
}
