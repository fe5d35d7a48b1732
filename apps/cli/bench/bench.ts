import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Installation, scenarios, type Books } from './fixture.js';
import { embeddedPostgresUrl } from '../../standalone/embedded-postgres.js';
import { measureCore, type CoreFigures } from './core-figures.js';
import { generatorName, runLoad, runPaced, type LoadResult, type Scenario } from './load.js';
import { hasPgbench, Pgbench } from './pgbench.js';

export interface BenchOptions {
  /** Seconds for each measurement. */
  readonly seconds: number;
  readonly clients: readonly number[];
  readonly accounts: number;
  readonly tenants: number;
  /** Write the figures as one JSON object to standard output instead of a table. */
  readonly json: boolean;
  /** Only the scenarios whose name contains this. */
  readonly only: string | null;
  readonly core: boolean;
}

interface Row extends LoadResult {
  readonly scenario: string;
  readonly clients: number;
  readonly eventsPerSecond: number;
  /** Transactions a second over pgbench's at the same number of clients, measured just before; null without pgbench. */
  readonly ratio: number | null;
  readonly pgbenchTps: number | null;
}

interface HalfPeak {
  /** Requests a second, as they came to be. */
  readonly rate: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly lagP50Ms: number;
  readonly lagP99Ms: number;
  readonly lagSamples: number;
}

const ROOT = resolve(import.meta.dirname, '../../../..');
const say = (line: string): void => void process.stderr.write(`${line}\n`);

interface Started {
  readonly child: ChildProcess;
  readonly dataDir: string;
  readonly baseUrl: string;
  readonly adminToken: string;
  readonly startMs: number;
}

/** What `npm start` gives to Node. */
const startArguments = (): string[] => {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: { start: string } };
  return scripts.start.replace(/^exec node /, '').split(' ');
};

/** Starts the product on a data folder on disk: what is measured is durable. */
const startProduct = async (dataDir: string): Promise<Started> => {
  const begun = Date.now();
  const child = spawn(process.execPath, startArguments(), {
    cwd: ROOT,
    env: {
      ...process.env,
      DAYBOOK_PORT: '0',
      DAYBOOK_SEED: 'none',
      DAYBOOK_DATA_DIR: dataDir,
      DAYBOOK_LOG_LEVEL: 'warn',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const file = join(dataDir, 'credentials.json');
  for (;;) {
    if (child.exitCode !== null) throw new Error(`the product ended with ${child.exitCode}:\n${output}`);
    if (existsSync(file) && output.includes('http://')) {
      const { base_url, admin_token } = JSON.parse(readFileSync(file, 'utf8')) as {
        base_url: string;
        admin_token: string;
      };
      const ready = await fetch(`${base_url}/readyz`)
        .then((r) => r.ok)
        .catch(() => false);
      if (ready) return { child, dataDir, baseUrl: base_url, adminToken: admin_token, startMs: Date.now() - begun };
    }
    await new Promise((next) => setTimeout(next, 20));
  }
};

const stopProduct = async ({ child }: Started): Promise<void> => {
  const exited = new Promise((done) => child.once('exit', done));
  child.kill('SIGTERM');
  await exited;
};

const prepareBooks = async (installation: Installation, options: BenchOptions): Promise<Books> => {
  say(`Opening ${options.accounts} accounts and ${options.tenants} tenants …`);
  const { key } = await installation.createTenant('Bench');
  const accounts = await installation.openAccounts(key, options.accounts);
  await installation.fund(key, accounts.slice(0, Math.ceil(accounts.length / 2)));
  const cards = await Promise.all(accounts.slice(0, 100).map((account) => installation.issueCard(key, account)));
  const small: { key: string; accounts: string[] }[] = [];
  const lane = async (): Promise<void> => {
    while (small.length < options.tenants) {
      const slot = { key: '', accounts: [] as string[] };
      small.push(slot);
      const tenant = await installation.createTenant('Small');
      slot.key = tenant.key;
      slot.accounts = await installation.openAccounts(tenant.key, 2);
      await installation.fund(tenant.key, slot.accounts.slice(0, 1));
    }
  };
  await Promise.all(Array.from({ length: 16 }, lane));
  return { key, accounts, cards, small };
};

const measure = async (
  scenario: Scenario,
  clients: number,
  context: { installation: Installation; books: Books; pgbench: Pgbench | null; seconds: number },
): Promise<Row> => {
  const { baseUrl } = context.installation;
  // What a load before this one left to the projector would be paid for by what comes now.
  await context.installation.settle(context.books);
  // Alternating: each figure has a pgbench figure of the same minute beside it.
  const pgbenchTps =
    context.pgbench && scenario.transactionsEach > 0 ? await context.pgbench.run(clients, context.seconds) : null;
  const load = await runLoad(scenario, baseUrl, clients, context.seconds);
  const ratio = pgbenchTps === null ? null : (load.requestsPerSecond * scenario.transactionsEach) / pgbenchTps;
  const row = {
    ...load,
    scenario: scenario.name,
    clients,
    eventsPerSecond: load.requestsPerSecond * scenario.eventsEach,
    ratio,
    pgbenchTps,
  };
  say(describeRow(row));
  return row;
};

const n = (value: number, digits = 0): string =>
  value.toLocaleString('en-GB', { maximumFractionDigits: digits, minimumFractionDigits: digits });

const describeRow = (row: Row): string =>
  [
    row.scenario.padEnd(36),
    `${row.clients}`.padStart(4),
    n(row.requestsPerSecond).padStart(9),
    n(row.eventsPerSecond).padStart(10),
    n(row.p50Ms, 1).padStart(8),
    n(row.p99Ms, 1).padStart(8),
    (row.pgbenchTps === null ? '–' : n(row.pgbenchTps)).padStart(8),
    (row.ratio === null ? '–' : `${n(row.ratio, 2)}×`).padStart(8),
    `${row.failures}`.padStart(6),
  ].join('  ');

const HEAD = [
  'scenario'.padEnd(36),
  ' clt',
  '    req/s',
  '  events/s',
  '  p50 ms',
  '  p99 ms',
  ' pgbench',
  '   ratio',
  'failed',
].join('  ');

/** Latency at half of the peak, and how far reads are behind meanwhile: from a write's answer until its row can be read. */
const measureHalfPeak = async (
  scenario: Scenario,
  baseUrl: string,
  peak: number,
  seconds: number,
): Promise<HalfPeak> => {
  const rate = Math.floor(peak / 2);
  const lags: number[] = [];
  let running = true;
  const { key, accounts } = scenario.tenants[0] as Scenario['tenants'][number];
  const installation = new Installation(baseUrl, '');
  const sample = async (): Promise<void> => {
    while (running) {
      const body = { type: 'transfer', amount: 1, currency: 'EUR', source: accounts[0], destination: accounts.at(-1) };
      const posted = await installation.call('POST', '/v1/transactions', key, body);
      const begun = performance.now();
      const headers = { authorization: `Bearer ${key}`, 'min-ledger-revision': String(posted.body['revision']) };
      const read = await fetch(`${baseUrl}/v1/transactions/${posted.body['id'] as string}`, { headers });
      if (read.status !== 200) throw new Error(`the row was not there: ${read.status}`);
      lags.push(performance.now() - begun);
      await new Promise((next) => setTimeout(next, 25));
    }
  };
  const sampling = sample();
  const load = await runPaced(scenario, baseUrl, 64, Math.max(10, seconds), rate);
  running = false;
  await sampling;
  lags.sort((a, b) => a - b);
  const at = (q: number): number => lags[Math.min(lags.length - 1, Math.floor(lags.length * q))] ?? Number.NaN;
  return {
    rate: load.requestsPerSecond,
    p50Ms: load.p50Ms,
    p99Ms: load.p99Ms,
    lagP50Ms: at(0.5),
    lagP99Ms: at(0.99),
    lagSamples: lags.length,
  };
};

const printLoads = (rows: readonly Row[], halfPeak: HalfPeak | null): void => {
  process.stdout.write(`${HEAD}\n${rows.map(describeRow).join('\n')}\n`);
  if (halfPeak === null) return;
  process.stdout.write(
    `\nat half of the peak (${n(halfPeak.rate)} req/s): p50 ${n(halfPeak.p50Ms, 1)} ms, p99 ${n(halfPeak.p99Ms, 1)} ms; ` +
      `projection lag p50 ${n(halfPeak.lagP50Ms, 1)} ms, p99 ${n(halfPeak.lagP99Ms, 1)} ms (${halfPeak.lagSamples} samples)\n`,
  );
};

const printCore = (core: CoreFigures): void => {
  process.stdout.write(`\nfold of a stream: ${n(core.foldEventsPerSecond)} events/s\n`);
  process.stdout.write(
    `memory for each account held by the writer: ${n(core.bytesPerAccount)} bytes (at ${n(core.accounts)} accounts)\n`,
  );
  process.stdout.write(
    `cold start from ${n(core.coldStart.events)} events: ${n(core.coldStart.withoutSnapshotMs)} ms without a snapshot, ` +
      `${n(core.coldStart.withSnapshotMs)} ms with one\n`,
  );
  for (const store of core.stores) {
    const figures = store.append.map(({ batch, eventsPerSecond }) => `${n(eventsPerSecond)} at ${batch}`).join(', ');
    process.stdout.write(
      `${store.adapter}: append events/s ${figures}; catch-up ${n(store.catchUpEventsPerSecond)} events/s\n`,
    );
  }
};

export const bench = async (options: BenchOptions): Promise<void> => {
  const dataDir = mkdtempSync(join(tmpdir(), 'daybook-bench-'));
  const product = await startProduct(dataDir);
  try {
    const installation = new Installation(product.baseUrl, product.adminToken);
    const databaseUrl = embeddedPostgresUrl(dataDir) as string;
    if (!hasPgbench()) say('pgbench is not installed (Debian: postgresql-contrib or postgresql-client): no ratios.');
    const pgbench = hasPgbench() ? await Pgbench.prepare(databaseUrl) : null;
    const books = await prepareBooks(installation, options);
    say(
      `Generator: ${generatorName()}. ${cpus().length} cores, Node ${process.version}. Started in ${product.startMs} ms.\n\n${HEAD}`,
    );
    const rows: Row[] = [];
    for (const scenario of scenarios(books)) {
      if (options.only !== null && !scenario.name.includes(options.only)) continue;
      for (const clients of options.clients) {
        rows.push(await measure(scenario, clients, { installation, books, pgbench, seconds: options.seconds }));
      }
    }
    // The first scenario spreads over all accounts of one tenant: what the product is asked for at half of the peak too.
    const spread = scenarios(books)[0] as Scenario;
    const peak = rows.filter((row) => row.scenario === spread.name).at(-1);
    await installation.settle(books);
    const halfPeak = peak
      ? await measureHalfPeak(spread, product.baseUrl, peak.requestsPerSecond, options.seconds)
      : null;
    // Printed before the last part begins: it takes minutes.
    if (!options.json) printLoads(rows, halfPeak);
    const core = options.core ? await measureCore(databaseUrl) : null;
    if (core && !options.json) printCore(core);
    const figures = { node: process.version, cores: cpus().length, startMs: product.startMs, rows, halfPeak, core };
    mkdirSync(join(ROOT, 'bench-results'), { recursive: true });
    writeFileSync(join(ROOT, 'bench-results', 'latest.json'), `${JSON.stringify(figures, null, 2)}\n`);
    if (options.json) process.stdout.write(`${JSON.stringify(figures)}\n`);
  } finally {
    await stopProduct(product);
    rmSync(dataDir, { recursive: true, force: true });
  }
};
