import { randomUUID } from 'node:crypto';
import { text } from 'node:stream/consumers';
import type { Request } from 'autocannon';
import type { LoadResult, Scenario, Step } from './load.js';

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

const fill = (template: string, accounts: readonly string[], n: string, made: string): string => {
  const half = Math.max(1, Math.floor(accounts.length / 2));
  return template.replaceAll(/\{(a|b|n|id)\}/g, (_, name: string) => {
    if (name === 'a') return pickOf(accounts, 0, half);
    if (name === 'b') return pickOf(accounts, half, accounts.length);
    return name === 'n' ? n : made;
  });
};

let wrong = 0;
let firstFailure: string | null = null;

/** Each connection makes the steps of a cycle one after the other; `context` is its cycle's own. */
const requestOf = (step: Step): Request => ({
  method: step.method,
  setupRequest: (request, context) => {
    const tenant = pick(scenario.tenants);
    const n = randomUUID();
    const made = String((context as { made?: string }).made);
    return {
      ...request,
      path: fill(step.path, tenant.accounts, n, made),
      ...(step.body === null ? {} : { body: fill(step.body, tenant.accounts, n, made) }),
      headers: {
        authorization: `Bearer ${tenant.key}`,
        'content-type': 'application/json',
        'idempotency-key': n,
        ...(scenario.version === undefined ? {} : { 'qairopay-version': scenario.version }),
      },
    };
  },
  onResponse: (status, body, context) => {
    (context as { made?: string }).made = /"id":"([^"]+)"/.exec(body)?.[1] ?? '';
    if (status === step.status && body.includes(step.says)) return;
    wrong += 1;
    firstFailure ??= `${status} ${body.slice(0, 300)}`;
  },
});

const result = await autocannon({
  url: baseUrl,
  connections,
  duration: seconds,
  ...(rate === null ? {} : { overallRate: rate }),
  requests: scenario.steps.map(requestOf),
});
const answer: LoadResult = {
  requestsPerSecond: result.requests.average,
  p50Ms: result.latency.p50,
  p99Ms: result.latency.p99,
  failures: result.errors + result.timeouts + wrong,
  firstFailure,
  generator: 'autocannon',
};
process.stdout.write(`${JSON.stringify(answer)}\n`);
