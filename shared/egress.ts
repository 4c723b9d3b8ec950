/**
 * Which URLs of callers may be opened at all: https on port 443 of a public host. The edge asks this
 * before it accepts one; the backend, which does the opening, asks again for every redirect and for every
 * address that a name resolves to.
 */
import ipaddr from 'ipaddr.js';

/** The parts of a parsed WHATWG URL, which has already normalised forms such as `0x7f.1` or `①.①.①.①`. */
export type UrlParts = {
  readonly protocol: string;
  readonly hostname: string;
  readonly port: string;
  readonly username: string;
  readonly password: string;
};

/** Lower-case labels with a dot between them and no dot at the end. */
const NAME = /^(?=.{4,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** Names that mean this machine or this network wherever they are asked for. */
const PRIVATE_SUFFIXES = [
  'localhost',
  'localdomain',
  'local',
  'internal',
  'intranet',
  'private',
  'corp',
  'home',
  'lan',
  'home.arpa',
  'onion',
];

/** What is wrong with a URL, in words for its sender; undefined when it may be opened. */
export function whyRefused(url: UrlParts): string | undefined {
  if (url.protocol !== 'https:') return `expected a URL that begins with https:, got ${url.protocol}`;
  if (url.port !== '') return `expected port 443, got ${url.port}`;
  if (url.username !== '' || url.password !== '') return 'expected a URL without a user name or password';
  const literal = addressOf(url.hostname);
  if (literal !== undefined) {
    return isPublicAddress(literal) ? undefined : 'expected a public address, got one of a private network';
  }
  const isPrivate = PRIVATE_SUFFIXES.some((suffix) => `.${url.hostname}`.endsWith(`.${suffix}`));
  if (isPrivate || !NAME.test(url.hostname)) return 'expected the full name of a public host';
  return undefined;
}

/** The address that a host name spells out, without the brackets of IPv6; undefined for a name. */
export function addressOf(hostname: string): string | undefined {
  const bare = hostname.startsWith('[') ? hostname.slice(1, -1) : hostname;
  return ipaddr.isValid(bare) ? bare : undefined;
}

/** Whether an IPv4 or IPv6 address belongs to the public internet. */
export function isPublicAddress(address: string): boolean {
  if (!ipaddr.isValid(address)) return false;
  const parsed = ipaddr.process(address);
  if (parsed.range() !== 'unicast') return false;
  // Of IPv6 only 2000::/3 is handed out; the rest holds forms that carry an IPv4 address, such as ::127.0.0.1.
  return parsed.kind() === 'ipv4' || ((parsed.toByteArray()[0] ?? 0) & 0xe0) === 0x20;
}

/** Whether a list of hosts has this one. `*.example.com` stands for all names below example.com. */
export function hostListed(hostname: string, hosts: readonly string[]): boolean {
  return hosts.some((host) =>
    host.startsWith('*.')
      ? hostname.endsWith(host.slice(1)) && hostname.length >= host.length
      : hostname === host,
  );
}
