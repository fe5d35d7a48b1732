import { randomUUID } from 'node:crypto';
import { text } from 'node:stream/consumers';
import type { LoadResult, Scenario } from './load.js';

interface Job {
  readonly scenario: Scenario;
  readonly baseUrl: string;
  readonly connections: number;
  readonly seconds: number;
  readonly rate: number | null;
}

const { scenario, baseUrl, connections, seconds, rate } = JSON.parse(await text(process.stdin)) as Job;
const { default: autocannon } = await import('autocannon');

const pick = <T>(list: readonly T[]): T => list[Math.floor(Math.random() * list.length)] as T;

const pickOf = (list: readonly string[], from: number, to: number): string =>
  list[from + Math.floor(Math.random() * (to - from))] as string;

const fill = (template: string, accounts: readonly string[], n: string): string => {
  const half = Math.max(1, Math.floor(accounts.length / 2));
  return template.replaceAll(/\{([abn])\}/g, (_, name: string) => {
    if (name === 'a') return pickOf(accounts, 0, half);
    return name === 'b' ? pickOf(accounts, half, accounts.length) : n;
  });
};

const result = await autocannon({
  url: baseUrl,
  connections,
  duration: seconds,
  ...(rate === null ? {} : { overallRate: rate }),
  requests: [
    {
      method: scenario.method,
      setupRequest: (request) => {
        const tenant = pick(scenario.tenants);
        const n = randomUUID();
        return {
          ...request,
          path: fill(scenario.path, tenant.accounts, n),
          ...(scenario.body === null ? {} : { body: fill(scenario.body, tenant.accounts, n) }),
          headers: { authorization: `Bearer ${tenant.key}`, 'content-type': 'application/json', 'idempotency-key': n },
        };
      },
    },
  ],
});
const answer: LoadResult = {
  requestsPerSecond: result.requests.average,
  p50Ms: result.latency.p50,
  p99Ms: result.latency.p99,
  failures: result.errors + result.timeouts + result.non2xx,
  generator: 'autocannon',
};
process.stdout.write(`${JSON.stringify(answer)}\n`);
