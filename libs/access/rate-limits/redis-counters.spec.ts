import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { RedisCounters } from './redis-counters.js';

const WINDOW = { counter: '{tnt_1}:key_1:60', name: 'minute', calls: 3, ms: 60_000 };

/** Speaks as much of Redis as a client needs to believe in it. */
const redisDouble = async (scripts: (socket: Socket) => void): Promise<Server> => {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', (bytes) => {
      for (const command of bytes
        .toString('latin1')
        .toLowerCase()
        .split(/\*\d+\r\n/)
        .slice(1)) {
        const [, name = ''] = command.split('\r\n');
        if (name.startsWith('eval')) scripts(socket);
        else socket.write(name === 'info' ? '$17\r\nredis_version:7.0\r\n' : '+OK\r\n');
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
};
const urlOf = (server: Server): string => `redis://127.0.0.1:${(server.address() as AddressInfo).port}`;

const until = async (holds: () => boolean): Promise<void> => {
  for (const end = Date.now() + 5_000; !holds() && Date.now() < end;) await sleep(10);
  expect(holds()).toBe(true);
};

describe('a Redis that does not count', () => {
  let told: string[];
  let server: Server | null;
  let opened: RedisCounters[];
  const counters = (url: string): RedisCounters => {
    const made = new RedisCounters(url, {
      onTrouble: (trouble) => void told.push(trouble === null ? 'well' : 'trouble'),
    });
    opened.push(made);
    return made;
  };
  beforeEach(() => {
    told = [];
    opened = [];
    server = null;
  });
  afterEach(() => {
    opened.forEach((one) => one.close());
    server?.close();
  });

  it('because it is not there: the process counts, and one alarm is raised', async () => {
    const alone = counters('redis://127.0.0.1:9');
    await until(() => told.length > 0);
    const outcomes = Array.from({ length: 5 }, () => alone.count([WINDOW]));
    expect(outcomes.map((one) => !(one instanceof Promise) && one.taken)).toEqual([true, true, true, false, false]);
    await sleep(300);
    expect(told).toEqual(['trouble']);
    expect(alone.trouble).toMatch(/does not answer/);
  });

  it('because it hangs: nobody waits longer than a moment, and the next not at all', async () => {
    server = await redisDouble(() => undefined);
    const hanging = counters(urlOf(server));
    await until(() => hanging.isConnected);
    const began = performance.now();
    expect(await hanging.count([{ ...WINDOW, calls: 1_000 }])).toMatchObject({ taken: true });
    expect(performance.now() - began).toBeLessThan(1_000);
    expect(hanging.count([{ ...WINDOW, calls: 1_000 }])).not.toBeInstanceOf(Promise);
    expect(told).toEqual(['trouble']);
  });

  it('because it answers an error: the process counts; once it answers again, all is well', async () => {
    let answer = '-OOM command not allowed\r\n';
    server = await redisDouble((socket) => socket.write(answer));
    const failing = counters(urlOf(server));
    await until(() => failing.isConnected);
    expect(await failing.count([WINDOW])).toMatchObject({ taken: true });
    expect(told).toEqual(['trouble']);
    answer = '*3\r\n:1\r\n:2\r\n:5000\r\n';
    await sleep(1_050);
    expect(await failing.count([WINDOW])).toEqual({ taken: true, used: [2], resetMs: [5_000] });
    expect(told).toEqual(['trouble', 'well']);
    expect(failing.trouble).toBeNull();
  });
});
