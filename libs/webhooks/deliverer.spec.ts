/** Who gets a turn, and what becomes of what can't be sent; over a store and consumers that are made up. */
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { Egress } from './connections.js';
import { Deliverer, type DelivererOptions } from './deliverer.js';
import type { Claim, Claimed, Lane, Settlement, Turn } from './delivery-store.js';
import { newSigningSecret } from './signing.js';

let server: http.Server;
let hold: (tenantId: string) => boolean = () => false;
const held: http.ServerResponse[] = [];
const received: string[] = [];
beforeAll(async () => {
  server = http.createServer((request, response) => {
    const [, tenantId = ''] = (request.url as string).split('/');
    received.push(tenantId);
    if (hold(tenantId)) held.push(response);
    else response.writeHead(204).end();
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  received.length = 0;
  hold = () => false;
});
const address = (): AddressInfo => server.address() as AddressInfo;

const until = async (isSo: () => boolean): Promise<void> => {
  for (const late = performance.now() + 20_000; !isSo() && performance.now() < late;) {
    await new Promise((next) => setTimeout(next, 2));
  }
  expect(isSo()).toBe(true);
};

/** So many deliveries of each endpoint, which are claimed as they are asked for. */
class Waiting {
  readonly settled: Settlement[] = [];
  readonly released: Claimed[] = [];
  batches: number[] = [];
  private made = 0;

  constructor(private readonly left: Map<string, number>) {}

  claim(turns: readonly Turn[], claim: string): Promise<readonly Claim[]> {
    this.batches.push(turns.length);
    return Promise.resolve(turns.map(({ lane, most }) => this.claimOf(lane, most, claim)));
  }

  settle(all: readonly Settlement[]): Promise<void> {
    this.settled.push(...all);
    return Promise.resolve();
  }

  release(claimed: Claimed): Promise<void> {
    this.released.push(claimed);
    return Promise.resolve();
  }

  private claimOf(lane: Lane, most: number, claim: string): Claim {
    const left = this.left.get(lane.endpointId) ?? 0;
    const count = Math.min(most, left);
    if (count === 0) return { kind: 'nothing' };
    this.left.set(lane.endpointId, left - count);
    const claimed = Array.from({ length: count }, () => ({
      ...lane,
      claim,
      deliveryId: `dlv_${(this.made += 1)}`,
      cause: 'live',
      eventId: 'evt_1',
      revision: 1,
      tries: 0,
    }));
    const url = `http://127.0.0.1:${address().port}/${lane.tenantId}`;
    const terms = { payload: 'snapshot', apiVersion: null, destination: { url, headers: [] }, secrets: [] } as const;
    return { kind: 'claimed', claimed, terms, hasMore: left > count };
  }
}

const started = (
  waiting: Waiting,
  more: Partial<DelivererOptions> = {},
): { deliverer: Deliverer; end(): Promise<void> } => {
  const egress = new Egress({ allow: [{ host: '127.0.0.1', port: address().port }] });
  const secret = newSigningSecret();
  const deliverer = new Deliverer({
    store: waiting as unknown as DelivererOptions['store'],
    egress,
    render: () => Promise.resolve({ body: Buffer.from('{}'), signatureHeader: 'QairoPay-Signature' }),
    destinationOf: (_lane, { url }) => Promise.resolve({ url, headers: {} }),
    secretsOf: () => Promise.resolve([secret]),
    now: Date.now,
    isPassing: (error) => (error as Error).message === 'away',
    most: 32,
    perTurn: 4,
    onFailure: () => undefined,
    ...more,
  });
  return {
    deliverer,
    end: async () => {
      for (const response of held.splice(0)) response.end();
      await deliverer.stop(0);
      egress.close();
    },
  };
};

it('a tenant whose consumers hang leaves room for others, and nobody waits for it', async () => {
  const slow = Array.from({ length: 20 }, (_, n) => ({ tenantId: 'slow', endpointId: `slow-${n}` }));
  const waiting = new Waiting(new Map([...slow.map(({ endpointId }) => [endpointId, 100] as const), ['well-1', 50]]));
  hold = (tenantId) => tenantId === 'slow';
  const { deliverer, end } = started(waiting);
  try {
    await Promise.all(slow.map((lane) => deliverer.wake(lane)));
    expect(deliverer.load.sending).toBe(16);
    await deliverer.wake({ tenantId: 'well', endpointId: 'well-1' });
    await until(() => received.filter((tenantId) => tenantId === 'well').length === 50);
    await until(() => held.length === 16);
  } finally {
    await end();
  }
});

it('a tenant with more endpoints than may wait here keeps no other one’s out, and none of it is queued twice', async () => {
  const waiting = new Waiting(new Map());
  let isAsked = false;
  waiting.claim = (turns) => {
    isAsked = true;
    return Promise.resolve(turns.map(() => ({ kind: 'budget' as const })));
  };
  const { deliverer, end } = started(waiting);
  try {
    const own = Array.from({ length: 400 }, (_, n) => ({ tenantId: 'large', endpointId: `e${n}` }));
    const taken = own.map((lane) => deliverer.takeUp(lane));
    await until(() => isAsked);
    // Two rounds of what may be under way here: eight turns of four.
    expect(taken.filter(Boolean).length).toBe(17);
    expect(deliverer.takeUp(own[10] as Lane)).toBe(true);
    expect(deliverer.takeUp({ tenantId: 'other', endpointId: 'e' })).toBe(true);
  } finally {
    await end();
  }
});

it('endpoints that are woken while a claim is under way are claimed of together', async () => {
  const lanes = Array.from({ length: 6 }, (_, n) => ({ tenantId: `t${n}`, endpointId: `e${n}` }));
  const waiting = new Waiting(new Map(lanes.map(({ endpointId }) => [endpointId, 1] as const)));
  const { deliverer, end } = started(waiting);
  try {
    for (const lane of lanes) void deliverer.wake(lane);
    await until(() => waiting.settled.length === 6);
    expect(waiting.batches.slice(0, 2)).toEqual([1, 5]);
  } finally {
    await end();
  }
});

it('what can’t be sent is scheduled as what failed, and says why; without its endpoint’s doing', async () => {
  const waiting = new Waiting(new Map([['e', 1]]));
  const { deliverer, end } = started(waiting, { secretsOf: () => Promise.reject(new Error('no secret')) });
  try {
    await deliverer.wake({ tenantId: 't', endpointId: 'e' });
    await until(() => waiting.settled.length === 1);
    const [{ attempt, next }] = waiting.settled as [Settlement];
    expect(attempt).toMatchObject({ failure: 'unsendable', status: null, detail: 'it could not be made: no secret' });
    expect((next as { atDelayMs: number }).atDelayMs).toBeGreaterThanOrEqual(30_000);
    expect([received, waiting.released]).toEqual([[], []]);
  } finally {
    await end();
  }
});

it('what is not there any more is refused for good', async () => {
  const waiting = new Waiting(new Map([['e', 1]]));
  const { deliverer, end } = started(waiting, { render: () => Promise.resolve(null) });
  try {
    await deliverer.wake({ tenantId: 't', endpointId: 'e' });
    await until(() => waiting.settled.length === 1);
    expect(waiting.settled).toMatchObject([{ next: 'refused', attempt: { failure: 'unsendable' } }]);
  } finally {
    await end();
  }
});

it('while something of ours is away nothing is kept of an attempt, and the claim is given back', async () => {
  const waiting = new Waiting(new Map([['e', 1]]));
  const { deliverer, end } = started(waiting, { render: () => Promise.reject(new Error('away')) });
  try {
    await deliverer.wake({ tenantId: 't', endpointId: 'e' });
    await until(() => waiting.released.length === 1);
    expect(waiting.settled).toEqual([]);
  } finally {
    await end();
  }
});

it('each claim has an id of its own, so that an attempt outlived by its lease settles nothing of the next', async () => {
  const waiting = new Waiting(new Map([['e', 8]]));
  const { deliverer, end } = started(waiting);
  try {
    await deliverer.wake({ tenantId: 't', endpointId: 'e' });
    await until(() => waiting.settled.length === 8);
    expect(waiting.batches.length).toBeGreaterThanOrEqual(2);
    expect(new Set(waiting.settled.map(({ claimed }) => claimed.claim)).size).toBe(2);
  } finally {
    await end();
  }
});

it('an endpoint whose tenant has as much under way here as it may is for other workers, also while it waits here', async () => {
  const slow = Array.from({ length: 20 }, (_, n) => ({ tenantId: 'slow', endpointId: `slow-${n}` }));
  const waiting = new Waiting(new Map(slow.map(({ endpointId }) => [endpointId, 100] as const)));
  hold = () => true;
  const { deliverer, end } = started(waiting);
  try {
    await Promise.all(slow.map((lane) => deliverer.wake(lane)));
    expect(deliverer.load).toEqual({ sending: 16, waiting: 16 });
    expect([slow[19] as Lane, { tenantId: 'slow', endpointId: 'new' }].map((lane) => deliverer.takeUp(lane))).toEqual([
      false,
      false,
    ]);
    expect(deliverer.takeUp({ tenantId: 'well', endpointId: 'well' })).toBe(true);
  } finally {
    await end();
  }
});
