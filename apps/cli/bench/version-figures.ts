import { API_VERSIONS, NEWEST_API_VERSION } from '#contract/api-versions.js';
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

const n = (value: number, digits = 0): string =>
  value.toLocaleString('en-GB', { maximumFractionDigits: digits, minimumFractionDigits: digits });

/** One table: requests a second of the newest version and of the oldest, and their ratio. */
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
  ].join('\n');
