import 'reflect-metadata';
import type { FastifyReply } from 'fastify';
import { API_VERSIONS, NEWEST_API_VERSION } from '#contract/api-versions.js';
import { operationOf } from '#contract/operations.js';
import { written } from '#platform/http/answer.js';
import { Call, type CallRequest } from '#platform/http/call.js';
import { VersionEdge } from '#platform/http/version-edge.js';
import { versionedContract } from '../../api/contract.js';
import { CURRENCY, type Book, type Installation } from './fixture.js';
import { runLoad, type LoadResult, type Scenario, type Step } from './load.js';
import type { LargeBook } from './scenarios.js';

/** What clients of an older version are served at, beside those of the newest. */
export interface VersionRow {
  readonly scenario: string;
  readonly version: string;
  readonly clients: number;
  readonly newestPerSecond: number;
  readonly perSecond: number;
  /** To the newest of the same round: in the middle, and at its extremes. */
  readonly ratio: number;
  readonly lowest: number;
  readonly highest: number;
  readonly failures: number;
  readonly firstFailure: string | null;
}

/** Forwards and backwards in turn: what drifts meanwhile drifts for both. */
const ROUNDS = 6;

const OLDEST = (API_VERSIONS[0] as (typeof API_VERSIONS)[number]).date;

const post = (path: string, body: string, says: string): Step => ({ method: 'POST', path, body, status: 201, says });

/** The same requests in the words of either version. */
const scenariosIn = (version: string, { key, accounts, cards }: LargeBook): readonly Scenario[] => {
  const category = version === OLDEST ? 'groceries' : '5411';
  const one = { eventsEach: 1, transactionsEach: 1, version };
  const transfer = `{"type":"transfer","amount":1,"currency":"${CURRENCY}","source":"{a}","destination":"{b}"}`;
  const purchase = `{"card_id":"{a}","amount":1,"currency":"${CURRENCY}","direction":"debit","network_reference":"{n}","merchant":{"name":"Shop","category_code":"${category}"}}`;
  const ofCards: readonly Book[] = [{ key, accounts: cards }];
  return [
    {
      ...one,
      name: 'versions: POST transaction',
      steps: [post('/v1/transactions', transfer, '"status":"completed"')],
      tenants: [{ key, accounts }],
    },
    {
      ...one,
      name: 'versions: POST card transaction',
      steps: [post('/v1/card_transactions/post', purchase, `"category_code":"${category}"`)],
      tenants: ofCards,
    },
    {
      ...one,
      name: 'versions: GET 25 card transactions',
      steps: [{ method: 'GET', path: '/v1/card_transactions', body: null, status: 200, says: '"has_more":' }],
      tenants: ofCards,
    },
  ];
};

const middle = (values: readonly number[]): number => {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length / 2;
  return ((sorted[Math.ceil(half) - 1] as number) + (sorted[Math.floor(half)] as number)) / 2;
};

export const measureVersions = async (
  installation: Installation,
  book: LargeBook,
  { clients, seconds, isWanted }: { clients: number; seconds: number; isWanted: (name: string) => boolean },
): Promise<readonly VersionRow[]> => {
  const rows: VersionRow[] = [];
  const older = scenariosIn(OLDEST, book);
  for (const [i, newest] of scenariosIn(NEWEST_API_VERSION, book).entries()) {
    if (!isWanted(newest.name)) continue;
    const runs: Record<'newest' | 'older', LoadResult[]> = { newest: [], older: [] };
    for (let round = 0; round < ROUNDS; round++) {
      for (const side of round % 2 === 0 ? (['newest', 'older'] as const) : (['older', 'newest'] as const)) {
        await installation.settle(book);
        const scenario = side === 'newest' ? newest : (older[i] as Scenario);
        runs[side].push(await runLoad(scenario, installation.baseUrl, clients, seconds));
      }
    }
    const ratios = runs.older.map((run, k) => run.requestsPerSecond / (runs.newest[k] as LoadResult).requestsPerSecond);
    const all = [...runs.newest, ...runs.older];
    rows.push({
      scenario: newest.name,
      version: OLDEST,
      clients,
      newestPerSecond: middle(runs.newest.map((run) => run.requestsPerSecond)),
      perSecond: middle(runs.older.map((run) => run.requestsPerSecond)),
      ratio: middle(ratios),
      lowest: Math.min(...ratios),
      highest: Math.max(...ratios),
      failures: all.reduce((sum, run) => sum + run.failures, 0),
      firstFailure: all.find((run) => run.firstFailure !== null)?.firstFailure ?? null,
    });
  }
  return rows;
};

const TURNS = 200_000;

/**
 * Microseconds that a request in the newest version pays for there being others: everything of the version edge that it goes
 * through, from its header to its answer, and nothing else.
 */
const newestMicros = (): number => {
  const reply = {
    statusCode: 201,
    header: () => reply,
    hasHeader: () => false,
    getHeader: () => 'application/json; charset=utf-8',
  } as unknown as FastifyReply;
  const edge = new VersionEdge({
    contract: versionedContract(),
    bodyChecks: new Map(),
    currentOf: () => Promise.resolve(null),
    noteChanges: () => undefined,
    noteRead: () => undefined,
    isRehearsal: () => false,
    now: Date.now,
    versionHeader: 'QairoPay-Version',
    baseUrl: () => '',
  });
  const call = new Call('req', reply, null, NEWEST_API_VERSION);
  call.operation = operationOf('postTransaction');
  call.operationName = 'postTransaction';
  const request = { call, headers: {}, url: '' } as unknown as CallRequest;
  const answer = { object: 'transaction' };
  const turn = (): void => {
    call.version = edge.named(NEWEST_API_VERSION) ?? NEWEST_API_VERSION;
    edge.tell(reply, call);
    edge.refusal(call, NEWEST_API_VERSION);
    call.view = edge.view(call);
    void edge.lift(call, call.view);
    const text = call.view.lower === null ? '' : written(call, answer);
    edge.remember(request, reply);
    edge.lower(request, reply, text);
  };
  for (let i = 0; i < TURNS; i++) turn();
  const begun = performance.now();
  for (let i = 0; i < TURNS; i++) turn();
  return ((performance.now() - begun) * 1_000) / TURNS;
};

const n = (value: number, digits = 0): string =>
  value.toLocaleString('en-GB', { maximumFractionDigits: digits, minimumFractionDigits: digits });

/** What the newest version's share is, of the processor that answers the fastest of these requests. */
const describeNewest = (rows: readonly VersionRow[]): string => {
  const micros = newestMicros();
  const fastest = Math.max(...rows.map(({ newestPerSecond }) => newestPerSecond));
  return (
    `${NEWEST_API_VERSION}: ${n(micros, 2)} µs a request for there being other versions, ` +
    `${n((micros * fastest) / 10_000, 2)} % at ${n(fastest)} req/s`
  );
};

/** One table: requests a second of the newest version and of the oldest, and their ratio; and what the newest pays. */
export const describeVersions = (rows: readonly VersionRow[]): string =>
  [
    [
      `${NEWEST_API_VERSION} and ${OLDEST}, req/s`.padEnd(46),
      ' clt',
      ' newest',
      ' oldest',
      'ratio',
      '(from–to)',
      'failed',
    ].join('  '),
    ...rows.map((row) =>
      [
        row.scenario.padEnd(46),
        `${row.clients}`.padStart(4),
        n(row.newestPerSecond).padStart(7),
        n(row.perSecond).padStart(7),
        n(row.ratio, 3).padStart(5),
        `${n(row.lowest, 2)}–${n(row.highest, 2)}`.padStart(9),
        `${row.failures}`.padStart(6),
      ].join('  '),
    ),
    describeNewest(rows),
  ].join('\n');
