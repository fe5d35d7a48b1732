import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import pg from 'pg';
import { compare, type ComparedRow } from './compare.js';
import { Installation } from './fixture.js';
import { embeddedPostgresUrl } from '../../standalone/embedded-postgres.js';
import { measureCore } from './core-figures.js';
import { measureProofs } from './proof-figures.js';
import { generatorName, runLoad, runPaced, type Scenario } from './load.js';
import { hasPgbench, Pgbench } from './pgbench.js';
import {
  COMPARED_HEAD,
  describeCompared,
  describeRow,
  failuresOf,
  HEAD,
  printCore,
  printProofs,
  printLoads,
  printWebhooks,
  type HalfPeak,
  type Row,
} from './report.js';
import { comparisons, scenarios, type Books, type LargeBook } from './scenarios.js';
import { describeVersions, measureVersions } from './version-figures.js';
import { measureWebhooks } from './webhook-figures.js';
import { WebhookReceiver } from './webhook-receiver.js';
import { FoundWrong } from '../outcome.js';

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
const startProduct = async (dataDir: string, webhookAllow: string): Promise<Started> => {
  const begun = Date.now();
  const child = spawn(process.execPath, startArguments(), {
    cwd: ROOT,
    env: {
      ...process.env,
      DAYBOOK_PORT: '0',
      DAYBOOK_SEED: 'none',
      DAYBOOK_DATA_DIR: dataDir,
      DAYBOOK_LOG_LEVEL: 'warn',
      DAYBOOK_WEBHOOK_ALLOW: webhookAllow,
      DAYBOOK_WEBHOOK_ENDPOINTS: '1000',
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

/**
 * A cluster that was made a moment ago creates and zeroes each segment of its log when it first comes to it, which stops
 * all commits for tens of milliseconds once or twice a second. One that has run for a while uses old segments again.
 */
const ageServer = async (databaseUrl: string): Promise<void> => {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  await client.query(
    "SELECT pg_logical_emit_message(false, 'bench', repeat('x', 1000000)) FROM generate_series(1, 2000)",
  );
  await client.query('CHECKPOINT');
  await client.end();
};

const stopProduct = async ({ child }: Started): Promise<void> => {
  const exited = new Promise((done) => child.once('exit', done));
  child.kill('SIGTERM');
  await exited;
};

const largeBook = async (installation: Installation, accountCount: number, configured: boolean): Promise<LargeBook> => {
  const { id, key } = await installation.createTenant('Bench');
  if (configured) await installation.configure(id);
  const accounts = await installation.openAccounts(key, accountCount);
  await installation.fund(key, accounts.slice(0, Math.ceil(accounts.length / 2)));
  const cards = await Promise.all(accounts.slice(0, 100).map((account) => installation.issueCard(key, account)));
  return { key, accounts, cards };
};

const prepareBooks = async (installation: Installation, options: BenchOptions): Promise<Books> => {
  say(`Opening twice ${options.accounts} accounts, and ${options.tenants} tenants …`);
  const plain = await largeBook(installation, options.accounts, false);
  const configured = await largeBook(installation, options.accounts, true);
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
  return { plain, configured, small };
};

interface Surroundings {
  readonly installation: Installation;
  readonly books: Books;
  readonly pgbench: Pgbench | null;
  readonly seconds: number;
}

const measure = async (scenario: Scenario, clients: number, context: Surroundings): Promise<Row> => {
  const { baseUrl } = context.installation;
  // What a load before this one left to the projector would be paid for by what comes now.
  await context.installation.settle(context.books.plain);
  // Alternating: each figure has a pgbench figure of the same minute beside it.
  const pgbenchTps =
    context.pgbench && scenario.transactionsEach > 0 ? await context.pgbench.run(clients, context.seconds) : null;
  const load = await runLoad(scenario, baseUrl, clients, context.seconds);
  const cyclesPerSecond = load.requestsPerSecond / scenario.steps.length;
  const ratio = pgbenchTps === null ? null : (cyclesPerSecond * scenario.transactionsEach) / pgbenchTps;
  const row = {
    ...load,
    scenario: scenario.name,
    clients,
    cyclesPerSecond,
    eventsPerSecond: cyclesPerSecond * scenario.eventsEach,
    ratio,
    pgbenchTps,
  };
  say(describeRow(row));
  return row;
};

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
    failures: load.failures,
    firstFailure: load.firstFailure,
  };
};

const isWanted = (name: string, { only }: BenchOptions): boolean => only === null || name.includes(only);

const measureAll = async (context: Surroundings, options: BenchOptions): Promise<readonly Row[]> => {
  const rows: Row[] = [];
  const wanted = scenarios(context.books).filter(({ name }) => isWanted(name, options));
  if (wanted.length > 0) say(`\n${HEAD}`);
  for (const scenario of wanted) {
    for (const clients of options.clients) rows.push(await measure(scenario, clients, context));
  }
  return rows;
};

/** With the most clients that are asked for: there a request costs what the product does for it. */
const compareAll = async (context: Surroundings, options: BenchOptions): Promise<readonly ComparedRow[]> => {
  const { installation, books, seconds } = context;
  const rows: ComparedRow[] = [];
  const wanted = comparisons(books).filter(({ name }) => isWanted(name, options));
  if (wanted.length > 0) say(`\n${COMPARED_HEAD}`);
  for (const comparison of wanted) {
    const row = await compare(comparison, Math.max(...options.clients), { installation, book: books.plain, seconds });
    say(describeCompared(row));
    rows.push(row);
  }
  return rows;
};

/** The first scenario spreads over all accounts of one tenant: what the product is asked for at half of the peak too. */
const halfPeakAfter = async (
  rows: readonly Row[],
  { installation, books, seconds }: Surroundings,
): Promise<HalfPeak | null> => {
  const [spread] = scenarios(books);
  const peak = rows.filter((row) => row.scenario === spread.name).at(-1);
  if (peak === undefined) return null;
  await installation.settle(books.plain);
  return measureHalfPeak(spread, installation.baseUrl, peak.requestsPerSecond, seconds);
};

export const bench = async (options: BenchOptions): Promise<void> => {
  const dataDir = mkdtempSync(join(tmpdir(), 'daybook-bench-'));
  const receiver = await WebhookReceiver.start();
  const product = await startProduct(dataDir, receiver.hostAndPort);
  try {
    const installation = new Installation(product.baseUrl, product.adminToken);
    const databaseUrl = embeddedPostgresUrl(dataDir) as string;
    await ageServer(databaseUrl);
    if (!hasPgbench()) say('pgbench is not installed (Debian: postgresql-contrib or postgresql-client): no ratios.');
    const pgbench = hasPgbench() ? await Pgbench.prepare(databaseUrl) : null;
    const books = await prepareBooks(installation, options);
    say(
      `Generator: ${generatorName()}. ${cpus().length} cores, Node ${process.version}. Started in ${product.startMs} ms.`,
    );
    const context = { installation, books, pgbench, seconds: options.seconds };
    const rows = await measureAll(context, options);
    const compared = await compareAll(context, options);
    const versions = await measureVersions(installation, books.plain, {
      clients: Math.max(...options.clients),
      seconds: options.seconds,
      isWanted: (name) => isWanted(name, options),
    });
    if (versions.length > 0) (options.json ? say : console.log)(`\n${describeVersions(versions)}`);
    const halfPeak = await halfPeakAfter(rows, context);
    // Printed before the last part begins: it takes minutes.
    if (!options.json) printLoads(rows, compared, halfPeak);
    const webhooks = isWanted('webhooks', options)
      ? await measureWebhooks(installation, receiver, databaseUrl, options.seconds)
      : null;
    if (webhooks && !options.json) printWebhooks(webhooks);
    const core = options.core ? await measureCore(databaseUrl) : null;
    const proofs = options.core ? await measureProofs(databaseUrl) : null;
    if (proofs && !options.json) printProofs(proofs);
    if (core && !options.json) printCore(core);
    const figures = {
      node: process.version,
      cores: cpus().length,
      startMs: product.startMs,
      rows,
      compared,
      versions,
      halfPeak,
      webhooks,
      core,
      proofs,
    };
    mkdirSync(join(ROOT, 'bench-results'), { recursive: true });
    writeFileSync(join(ROOT, 'bench-results', 'latest.json'), `${JSON.stringify(figures, null, 2)}\n`);
    if (options.json) process.stdout.write(`${JSON.stringify(figures)}\n`);
    const paced = halfPeak === null ? [] : [{ ...halfPeak, scenario: 'at half of the peak' }];
    const wrong = failuresOf([...rows, ...compared, ...versions, ...paced]);
    if (wrong.length > 0) throw new FoundWrong(wrong.join('\n'));
  } finally {
    await stopProduct(product);
    receiver.close();
    rmSync(dataDir, { recursive: true, force: true });
  }
};
