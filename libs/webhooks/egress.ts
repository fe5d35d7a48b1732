/**
 * Which addresses a delivery may go to. A URL is judged twice: when it is registered, by what it says itself, and where the
 * socket is opened, by the very address that is connected to. Only the second is a guard: a name may resolve to something
 * else a second later.
 */
import { Resolver, lookup } from 'node:dns/promises';
import { BlockList, isIP, isIPv4 } from 'node:net';

/** Let through whatever address it has, also over plain HTTP: for tests and private installations. */
export interface HostAndPort {
  /** Lower case; an IPv6 address without brackets. */
  readonly host: string;
  readonly port: number;
}

export const MAX_URL_BYTES = 8_192;

/** The ports that a URL may name, beside those let through. */
const PORTS = [443, 8443];

export type Judgement =
  /** `url` is as it will be used: normalised by the URL standard. */
  | { readonly isAllowed: true; readonly url: URL }
  /** A sentence for whoever registers it. */
  | { readonly isAllowed: false; readonly reason: string };

const refused = (reason: string): Judgement => ({ isAllowed: false, reason });

/** What stands in the URL for the host, without brackets and without the dot that may end a name. */
export const hostOf = (url: URL): string => url.hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');

export const portOf = (url: URL): number => Number(url.port || (url.protocol === 'https:' ? 443 : 80));

export const isLetThrough = (url: URL, allow: readonly HostAndPort[]): boolean =>
  allow.some(({ host, port }) => host === hostOf(url) && port === portOf(url));

/** By RFC 6761 they lead to the machine itself, whoever is asked. */
const isLoopbackName = (host: string): boolean => host === 'localhost' || host.endsWith('.localhost');

/** What can be said of a URL without asking anybody. A name is judged when it is connected to. */
export const judgeUrl = (text: string, allow: readonly HostAndPort[]): Judgement => {
  if (Buffer.byteLength(text) > MAX_URL_BYTES) return refused(`a URL has at most ${MAX_URL_BYTES} bytes`);
  // The URL standard takes these away silently; what is stored should be what is called.
  if (/[\u0000-\u0020\u007f]/.test(text)) return refused('a URL has no spaces and no control characters');
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null) return refused('it is not a URL');
  if (url.username !== '' || url.password !== '') return refused('a URL holds no user name and no password');
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return refused('a URL begins with https://');
  if (isLetThrough(url, allow)) return { isAllowed: true, url };
  if (url.protocol !== 'https:')
    return refused('a URL begins with https:// (an operator can let one through that does not: DAYBOOK_WEBHOOK_ALLOW)');
  if (!PORTS.includes(portOf(url))) return refused(`a port is ${PORTS.join(' or ')}`);
  const host = hostOf(url);
  if (isIP(host) !== 0 ? !isPublicAddress(host) : isLoopbackName(host)) {
    return refused('it leads to an address that is not reached over the internet');
  }
  return { isAllowed: true, url };
};

const subnets = (family: 'ipv4' | 'ipv6', ranges: readonly string[]): BlockList => {
  const list = new BlockList();
  for (const range of ranges) {
    const [address, prefix] = range.split('/') as [string, string];
    list.addSubnet(address, Number(prefix), family);
  }
  return list;
};

/** IPv4 that is not reached over the internet: IANA's special-purpose registry, multicast, and what is reserved. */
const NOT_PUBLIC_4 = subnets('ipv4', [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
]);

/** All of IPv6 that is given out. Whatever wraps an IPv4 address elsewhere (`::ffff:…`, NAT64) is outside of it. */
const GIVEN_OUT_6 = subnets('ipv6', ['2000::/3']);

/** Of that: protocol assignments and Teredo, documentation, 6to4, documentation again. */
const NOT_PUBLIC_6 = subnets('ipv6', ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20']);

/** Whether an IP address may be connected to. */
export const isPublicAddress = (address: string): boolean => {
  if (isIPv4(address)) return !NOT_PUBLIC_4.check(address, 'ipv4');
  return GIVEN_OUT_6.check(address, 'ipv6') && !NOT_PUBLIC_6.check(address, 'ipv6');
};

/** Nothing is connected to, because what the URL leads to is refused. */
export class AddressRefused extends Error {
  override readonly name = 'AddressRefused';
}

/** The name could not be resolved. */
export class NameUnresolved extends Error {
  override readonly name = 'NameUnresolved';
}

/** All addresses of a name, IPv4 first; none is an empty list or a rejection. */
export type ResolveName = (name: string) => Promise<readonly string[]>;

const DNS_TIMEOUT_MS = 2_000;
const DNS_TRIES = 2;

/**
 * Asks the name servers of the machine, or those given. Not through the operating system's look-up: that takes one of a few
 * threads for as long as a name server likes, so that four names that answer nothing would hold up all the others. It also
 * knows names of the local network that mean nothing outside.
 */
export const nameServers = (servers?: readonly string[]): ResolveName => {
  const resolver = new Resolver({ timeout: DNS_TIMEOUT_MS, tries: DNS_TRIES });
  if (servers !== undefined) resolver.setServers(servers);
  return async (name) => {
    const answers = await Promise.allSettled([resolver.resolve4(name), resolver.resolve6(name)]);
    return answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
  };
};

/** As the machine itself resolves names, `/etc/hosts` included: for hosts that the operator has let through. */
const asTheMachine = async (name: string): Promise<readonly string[]> =>
  (await lookup(name, { all: true, order: 'ipv4first' })).map(({ address }) => address);

/**
 * The addresses to connect to, in the order to try them, each of them judged. Throws `AddressRefused` where there is none
 * that may be, `NameUnresolved` where there is none at all.
 */
export const addressesOf = async (
  url: URL,
  allow: readonly HostAndPort[],
  resolveName: ResolveName,
): Promise<readonly string[]> => {
  const host = hostOf(url);
  const letThrough = isLetThrough(url, allow);
  const judged = judgeUrl(url.href, allow);
  if (!judged.isAllowed) throw new AddressRefused(judged.reason);
  // A literal is never looked up, which is why a guard in the look-up alone would not see it.
  if (isIP(host) !== 0) return [host];
  const found = await (letThrough ? asTheMachine(host) : resolveName(host)).catch(() => []);
  if (found.length === 0) throw new NameUnresolved(`${host} has no address`);
  const usable = letThrough ? found : found.filter(isPublicAddress);
  if (usable.length === 0) {
    throw new AddressRefused(`${host} leads to an address that is not reached over the internet`);
  }
  return usable;
};
