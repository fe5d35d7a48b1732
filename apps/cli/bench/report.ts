import type { Against, ComparedRow } from './compare.js';
import type { CoreFigures } from './core-figures.js';
import type { ProofFigures } from './proof-figures.js';
import type { LoadResult } from './load.js';
import type { WebhookFigures } from './webhook-figures.js';

export interface Row extends LoadResult {
  readonly scenario: string;
  readonly clients: number;
  /** What the scenario's steps make together; requests where there is only one. */
  readonly cyclesPerSecond: number;
  readonly eventsPerSecond: number;
  /** Transactions a second over pgbench's at the same number of clients, measured just before; null without pgbench. */
  readonly ratio: number | null;
  readonly pgbenchTps: number | null;
}

export interface HalfPeak {
  /** Requests a second, as they came to be. */
  readonly rate: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly lagP50Ms: number;
  readonly lagP99Ms: number;
  readonly lagSamples: number;
  readonly failures: number;
  readonly firstFailure: string | null;
}

/** A line for each load in which something was not answered as it should have been. */
export const failuresOf = (
  loads: readonly { readonly scenario: string; readonly failures: number; readonly firstFailure: string | null }[],
): readonly string[] =>
  loads
    .filter(({ failures }) => failures > 0)
    .map(
      ({ scenario, failures, firstFailure }) =>
        `${scenario}: ${failures} were not answered as expected${firstFailure === null ? '' : `, the first: ${firstFailure}`}`,
    );

const n = (value: number, digits = 0): string =>
  value.toLocaleString('en-GB', { maximumFractionDigits: digits, minimumFractionDigits: digits });

export const describeRow = (row: Row): string =>
  [
    row.scenario.padEnd(36),
    `${row.clients}`.padStart(4),
    n(row.requestsPerSecond).padStart(9),
    n(row.cyclesPerSecond).padStart(9),
    n(row.eventsPerSecond).padStart(10),
    n(row.p50Ms, 1).padStart(8),
    n(row.p99Ms, 1).padStart(8),
    (row.pgbenchTps === null ? '–' : n(row.pgbenchTps)).padStart(8),
    (row.ratio === null ? '–' : `${n(row.ratio, 2)}×`).padStart(8),
    `${row.failures}`.padStart(6),
  ].join('  ');

export const HEAD = [
  'scenario'.padEnd(36),
  ' clt',
  '    req/s',
  ' cycles/s',
  '  events/s',
  '  p50 ms',
  '  p99 ms',
  ' pgbench',
  '   ratio',
  'failed',
].join('  ');

const against = ({ requestsPerSecond, ratio, lowest, highest }: Against): string =>
  [n(requestsPerSecond).padStart(10), n(ratio, 2).padStart(5), `${n(lowest, 2)}–${n(highest, 2)}`.padStart(9)].join(
    '  ',
  );

export const describeCompared = (row: ComparedRow): string =>
  [
    row.scenario.padEnd(46),
    `${row.clients}`.padStart(4),
    n(row.plain.requestsPerSecond).padStart(7),
    against(row.configured),
    against(row.charged),
    `${row.failures}`.padStart(6),
  ].join('  ');

/** Requests a second of a tenant without limits, fees and bounds, and of one with them; and their ratios. */
export const COMPARED_HEAD = [
  'before and after, req/s'.padEnd(46),
  ' clt',
  ' before',
  'configured  ratio  (from–to)',
  'and a fee  ratio  (from–to)'.padStart(28),
  'failed',
].join('  ');

export const printLoads = (rows: readonly Row[], compared: readonly ComparedRow[], halfPeak: HalfPeak | null): void => {
  if (rows.length > 0) process.stdout.write(`${HEAD}\n${rows.map(describeRow).join('\n')}\n`);
  if (compared.length > 0) process.stdout.write(`\n${COMPARED_HEAD}\n${compared.map(describeCompared).join('\n')}\n`);
  if (halfPeak === null) return;
  process.stdout.write(
    `\nat half of the peak (${n(halfPeak.rate)} req/s): p50 ${n(halfPeak.p50Ms, 1)} ms, p99 ${n(halfPeak.p99Ms, 1)} ms; ` +
      `projection lag p50 ${n(halfPeak.lagP50Ms, 1)} ms, p99 ${n(halfPeak.lagP99Ms, 1)} ms (${halfPeak.lagSamples} samples)\n`,
  );
};

export const printWebhooks = ({ jobs, latency, sustained, fanOut, fairness }: WebhookFigures): void => {
  const times = fairness.besideP99Ms / fairness.aloneP99Ms;
  process.stdout.write(
    `\nwebhooks, jobs on ${jobs}: from an event to its first attempt p50 ${n(latency.p50Ms)} ms, p95 ${n(latency.p95Ms)} ms, ` +
      `p99 ${n(latency.p99Ms)} ms at ${n(latency.eventsPerSecond)} events/s with ${latency.endpointsEach} endpoints each ` +
      `(${n(latency.deliveries)} deliveries, ${latency.lost} lost, ${latency.doubled} doubled)\n` +
      `sustained: ${n(sustained.perSecond)} deliveries/s (${n(sustained.deliveries)}, ${sustained.lost} lost), ` +
      `${n(sustained.bytesEach)} bytes each\n` +
      `one event to ${n(fanOut.endpoints)} endpoints: all rows after ${n(fanOut.ms)} ms\n` +
      `${fairness.healthy} healthy endpoints: p99 ${n(fairness.aloneP99Ms)} ms; beside one dead and one slow (2 s) with ` +
      `${n(fairness.backlog)} deliveries each p99 ${n(fairness.besideP99Ms)} ms (${n(times, 2)} times)\n`,
  );
};

export const printProofs = (proofs: ProofFigures): void => {
  const { statement, asOf } = proofs;
  process.stdout.write(
    `\na book of ${n(proofs.events)} events: exported at ${n(proofs.exportEventsPerSecond)} events/s, verified at ` +
      `${n(proofs.verifyEventsPerSecond)} events/s (${n(proofs.verifyBytesPerSecond / 2 ** 20)} MB/s)\n` +
      `all read models followed at ${n(proofs.projectEventsPerSecond)} events/s; each rebuilt and compared at ` +
      `${n(proofs.rebuildEventsPerSecond)} events/s\n` +
      `a statement of ${n(statement.lines)} lines, of an account with ${n(proofs.entries / 2)}: ` +
      `${Object.entries(statement.ms)
        .map(([format, ms]) => `${format} ${n(ms)} ms`)
        .join(', ')}\n` +
      `a balance as of any time: p50 ${n(asOf.p50Ms, 1)} ms, p99 ${n(asOf.p99Ms, 1)} ms\n`,
  );
};

export const printCore = (core: CoreFigures): void => {
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
