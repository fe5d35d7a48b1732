import { once } from 'node:events';
import { createServer, isIPv6, type Server } from 'node:net';
import { attemptDelivery, type Attempt } from './attempt.js';
import { Egress } from './connections.js';
import { addressesOf, type HostAndPort, isPublicAddress, judgeUrl, nameServers } from './egress.js';
import { HOSTILE_ADDRESSES } from './spec-hostile-addresses.js';
import { type NameServer, startNameServer } from './spec-name-server.js';

const PUBLIC = ['1.1.1.1', '93.184.216.34', '172.32.0.1', '2606:4700:4700::1111', '2a00:1450:4001:81b::200e'];
const literal = (address: string): string => (isIPv6(address) ? `[${address}]` : address);
const attempt = (url: string, egress: Egress): Promise<Attempt> =>
  attemptDelivery({ url, headers: {}, body: Buffer.from('{}'), egress, deadlineMs: 5_000 });

/** On Linux every address of 127.0.0.0/8 is this machine; one at random, so that its port 8443 is free. */
const TRAP =
  process.platform === 'linux'
    ? `127.${[1, 2, 3].map(() => 1 + Math.floor(Math.random() * 250)).join('.')}`
    : '127.0.0.1';
let trap: Server;
let caught = 0;
let names: NameServer;
const egresses: Egress[] = [];
const egress = (allow: readonly HostAndPort[] = []): Egress => {
  egresses.push(new Egress({ allow, resolveName: nameServers([names.server]) }));
  return egresses.at(-1)!;
};

beforeAll(async () => {
  names = await startNameServer((name, nth) => {
    const [address = ''] = name.split('.', 1);
    switch (name.slice(address.length + 1)) {
      case 'direct.example':
        return [HOSTILE_ADDRESSES[Number(address)]![0]];
      case 'alias.example':
        return { alias: 'internal.example', addresses: [HOSTILE_ADDRESSES[Number(address)]![0]] };
      case 'rebinding.example':
        return nth === 1 ? ['93.184.216.34'] : [TRAP];
      case 'mixed.example':
        return [TRAP, '93.184.216.34', '::1', '2606:4700:4700::1111'];
      case 'trap.example':
        return [TRAP];
      case 'none.example':
        return [];
      default:
        return null;
    }
  });
  trap = createServer((socket) => {
    caught += 1;
    socket.end('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
  });
  trap.listen(8443, TRAP);
  await once(trap, 'listening');
});
afterEach(() => {
  caught = 0;
});
afterAll(() => {
  for (const one of egresses) one.close();
  names.close();
  trap.close();
});

describe('hostile addresses', () => {
  it('are 41', () => {
    expect(new Set(HOSTILE_ADDRESSES.map(([address]) => address)).size).toBe(41);
  });

  it.each(HOSTILE_ADDRESSES)(
    '%s (%s) is refused when registered, when sent to, behind a name, behind an alias',
    async (address) => {
      const n = HOSTILE_ADDRESSES.findIndex(([one]) => one === address);
      expect(isPublicAddress(address)).toBe(false);
      expect(judgeUrl(`https://${literal(address)}/hook`, []).isAllowed).toBe(false);
      for (const host of [literal(address), `${n}.direct.example`, `${n}.alias.example`]) {
        expect(await attempt(`https://${host}/hook`, egress())).toMatchObject({
          failure: 'address_refused',
          address: null,
          outcome: { class: 'retry' },
        });
      }
    },
  );

  it.each(PUBLIC)('%s is not one', (address) => {
    expect(isPublicAddress(address)).toBe(true);
    expect(judgeUrl(`https://${literal(address)}/hook`, []).isAllowed).toBe(true);
  });
});

/** What must not be connected to, written so that a filter of texts would let it pass. */
const TRICKS = [
  'https://0x7f.1/',
  'https://2130706433/',
  'https://017700000001/',
  'https://0177.0.0.1/',
  'https://127.1/',
  'https://127.0.0.1./',
  'https://①②⑦.0.0.1/',
  'https://127。0。0。1/',
  'https://[::ffff:127.0.0.1]/',
  'https://[0:0:0:0:0:ffff:7f00:0001]/',
  'https://[::127.0.0.1]/',
  'https://[::]/',
  'https://0/',
  'https://localhost/',
  'https://LOCALHOST./',
  'https://hook.localhost/',
  'https://user@example.com/',
  'https://user:password@example.com/',
  'https://example.com@127.0.0.1/',
  'https://example.com%40127.0.0.1/',
  'https://127.0.0.1#@example.com/',
  'https://127.0.0.1\\@example.com/',
  'https://example.com:80/',
  'https://example.com:22/',
  'https://example.com:8080/',
  'https://example.com:0/',
  'https://example.com:99999/',
  'http://example.com/',
  'http://example.com:443/',
  'ftp://example.com/',
  'file:///etc/passwd',
  'gopher://127.0.0.1:6379/_',
  'javascript:alert(1)',
  'data:,x',
  '//example.com/',
  'example.com',
  'https://',
  'https:///',
  '',
  ' https://example.com/',
  'https://exa\nmple.com/',
  'https://example.com/\u0000',
  'https://exa mple.com/',
  `https://example.com/${'a'.repeat(8_192)}`,
  'https://[fe80::1%25eth0]/',
];

it.each(TRICKS)('refuses %j when registered and when sent to', async (url) => {
  expect(judgeUrl(url, [])).toEqual({ isAllowed: false, reason: expect.stringMatching(/\w/) as string });
  expect(await attempt(url, egress())).toMatchObject({ failure: 'address_refused', address: null });
});

it.each([
  'https://example.com/hook',
  'https://example.com:8443/hook?a=b',
  'https://example.com:443',
  'https://bücher.example/ü',
  'https://93.184.216.34/',
  'https://[2606:4700:4700::1111]:8443/',
  `https://example.com/${'a'.repeat(8_000)}`,
])('takes %j', (url) => {
  expect(judgeUrl(url, [])).toMatchObject({ isAllowed: true });
});

describe('what is let through', () => {
  const allow = [
    { host: '127.0.0.1', port: 8080 },
    { host: 'hooks.internal', port: 443 },
    { host: '::1', port: 9_000 },
  ];

  it.each([
    'http://127.0.0.1:8080/',
    'https://127.0.0.1:8080/',
    'http://0x7f.1:8080/',
    'https://hooks.internal/',
    'https://HOOKS.internal./',
    'http://[::1]:9000/',
  ])('%s', (url) => {
    expect(judgeUrl(url, allow)).toMatchObject({ isAllowed: true });
  });

  it.each([
    'http://127.0.0.1/',
    'http://127.0.0.1:8081/',
    'http://127.0.0.2:8080/',
    'http://user@127.0.0.1:8080/',
    'http://hooks.internal/',
    'https://a.hooks.internal:22/',
    'ftp://127.0.0.1:8080/',
  ])('not %s', (url) => {
    expect(judgeUrl(url, allow)).toMatchObject({ isAllowed: false });
  });
});

describe('where the socket is opened', () => {
  it('nothing gets to this machine, by name or literal, unless it is let through', async () => {
    for (const host of [TRAP, literal(`::ffff:${TRAP}`), 'a.trap.example']) {
      expect((await attempt(`https://${host}:8443/`, egress())).failure).toBe('address_refused');
    }
    expect(caught).toBe(0);
    const through = egress([{ host: TRAP, port: 8443 }]);
    expect((await attempt(`http://${TRAP}:8443/`, through)).status).toBe(200);
    expect(caught).toBe(1);
  });

  it('a name that was good is judged again, and once for each connection', async () => {
    const resolveName = nameServers([names.server]);
    const url = new URL('https://once.rebinding.example:8443/');
    expect(await addressesOf(url, [], resolveName)).toEqual(['93.184.216.34']);
    expect((await attempt(url.href, egress())).failure).toBe('address_refused');
    expect(caught).toBe(0);
    // A and AAAA, for each of the two: there is no second look-up whose answer could differ.
    expect(names.asked.filter((name) => name === url.hostname)).toHaveLength(4);
  });

  it('of a name with both, only what may be is connected to', async () => {
    const addresses = await addressesOf(new URL('https://x.mixed.example/'), [], nameServers([names.server]));
    expect(addresses).toEqual(['93.184.216.34', '2606:4700:4700::1111']);
  });

  it('a name without addresses is told so', async () => {
    expect(await attempt('https://x.none.example/', egress())).toMatchObject({
      failure: 'name_unresolved',
      outcome: { class: 'retry', retryAfterMs: null },
    });
  });
});
