import { setTimeout as sleep } from 'node:timers/promises';
import type { Lane } from './delivery-store.js';
import { Waker } from './waker.js';

const lane = (endpointId: string): Lane => ({ tenantId: 'tnt_1', endpointId });

/** A store in which these endpoints have something waiting, and a queue that keeps what it is told. */
const started = (waiting: Set<string>, room = 0) => {
  const queued: string[] = [];
  let asked = 0;
  const store = {
    dueOf: async (_now: number, tenantIds: readonly string[]) => {
      asked += 1;
      await sleep(1);
      return tenantIds.includes('tnt_1') ? [...waiting].map(lane) : [];
    },
  };
  const queue = { wake: async (lanes: readonly Lane[]) => void queued.push(...lanes.map((one) => one.endpointId)) };
  const failures: unknown[] = [];
  const here: string[] = [];
  const waker = new Waker({
    store,
    queue,
    now: Date.now,
    takeUp: ({ endpointId }) => here.length < room && here.push(endpointId) > 0,
    onFailure: (error) => failures.push(error),
  });
  return { waker, queue, queued, here, asked: () => asked, failures, store };
};
const until = async (isSo: () => boolean): Promise<void> => {
  for (const late = performance.now() + 20_000; !isSo() && performance.now() < late;) await sleep(2);
  expect(isSo()).toBe(true);
};

it('queues an endpoint once, however many events there are meanwhile, and asks once for all of them', async () => {
  const { waker, queued, asked } = started(new Set(['a', 'b']));
  for (let n = 0; n < 1_000; n++) waker.committed(['tnt_1']);
  await until(() => queued.length > 0);
  waker.stop();
  expect(queued).toEqual(['a', 'b']);
  expect(asked()).toBeLessThan(5);
});

it('queues it again for what comes after it was taken up', async () => {
  const { waker, queued } = started(new Set(['a']));
  waker.committed(['tnt_1']);
  await until(() => queued.length === 1);
  waker.taken(lane('a'));
  waker.committed(['tnt_1']);
  await until(() => queued.length === 2);
  waker.stop();
});

it('looks again where nobody here took it up: what another worker left is not left to the sweep', async () => {
  const waiting = new Set(['a']);
  const { waker, queued } = started(waiting);
  waker.committed(['tnt_1']);
  await until(() => queued.length === 1);
  waker.committed(['tnt_1']);
  await until(() => queued.length >= 2);
  waiting.clear();
  const before = queued.length;
  await sleep(150);
  expect(queued.length).toBeLessThanOrEqual(before + 1);
  waker.stop();
});

it('an endpoint has its turn here while there is room, and only the others are queued', async () => {
  const { waker, queued, here } = started(new Set(['a', 'b', 'c']), 2);
  waker.committed(['tnt_1']);
  await until(() => queued.length > 0);
  waker.stop();
  expect([here, queued]).toEqual([['a', 'b'], ['c']]);
});

it('a queue that does not answer keeps nobody who has room here waiting', async () => {
  const { waker, queue, here } = started(new Set(['a', 'b']), 3);
  queue.wake = () => new Promise(() => undefined);
  waker.tell([lane('a'), lane('b'), lane('c'), lane('d')]);
  here.length = 0;
  waker.committed(['tnt_1']);
  await until(() => here.length === 2);
  waker.stop();
});

it('a failure is told, and the next time is tried anew', async () => {
  const { waker, queued, failures, store } = started(new Set(['a']));
  const { dueOf } = store;
  store.dueOf = () => Promise.reject(new Error('gone'));
  waker.committed(['tnt_1']);
  await until(() => failures.length === 1);
  store.dueOf = dueOf;
  waker.committed(['tnt_1']);
  await until(() => queued.length === 1);
  waker.stop();
});
