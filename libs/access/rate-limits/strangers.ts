/** How often somebody without a good credential is answered: by where they call from, for nothing else is known of them. */
import { isIPv4, isIPv6 } from 'node:net';
import { ProcessCounters } from './counters.js';

/** Of one place, a minute. Whoever guesses keys needs many more; a client whose key has ended notices long before. */
const REFUSALS_A_MINUTE = 600;
const MINUTE_MS = 60_000;

/** What stands for a place: an address of IPv4, the /64 of one of IPv6, for whoever has one of it has all of it. */
export const placeOf = (address: string): string => {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  if (!isIPv6(address)) return address;
  const [head = '', tail] = address.split('%', 1)[0]!.toLowerCase().split('::') as [string, string?];
  const [front, back] = [head, tail ?? ''].map((part) => (part === '' ? [] : part.split(':'))) as [string[], string[]];
  const groups =
    tail === undefined ? front : [...front, ...Array<string>(8 - front.length - back.length).fill('0'), ...back];
  return `${groups
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ''))
    .join(':')}::/64`;
};

/** The machine itself: its tests, its probes, a proxy that nobody declared. */
const isOwn = (address: string): boolean =>
  address === '::1' || (isIPv4(placeOf(address)) && placeOf(address).startsWith('127.'));

export class Strangers {
  constructor(private readonly counters = new ProcessCounters()) {}

  /** Counts a refusal; milliseconds until the next is answered where there were too many. Good credentials never count. */
  refuse(address: string | null): number | null {
    if (address === null || isOwn(address)) return null;
    const window = { counter: placeOf(address), name: 'refusals', calls: REFUSALS_A_MINUTE, ms: MINUTE_MS };
    const { taken, resetMs } = this.counters.count([window]);
    return taken ? null : Math.max(...resetMs);
  }
}
