import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { Following } from './following.js';
import type { Occurrence } from './projection.js';
import { RunnerGauge, type RunnerStatus } from './runner-gauge.js';
import { DEFAULT_LOOK_MS, DEFAULT_RUNNER_NAME, type RunnerOptions } from './runner-options.js';
import { LeadLost } from './transaction.js';
import { WRITER_SETTINGS } from './writer-settings.js';

const LEAD_LOCK = 7_305_526;
const FIRST_BACKOFF_MS = 100;
const LAST_BACKOFF_MS = 5_000;

/**
 * Follows the store and keeps all read models: decodes once, and commits the rows of all groups, each tenant's progress
 * and the checkpoint in one transaction a batch. Of several runners one leads, the others stand by. It has no effect but
 * its tables, so whatever it does may be done again.
 */
export class Runner<E extends Occurrence> {
  private readonly gauge: RunnerGauge;
  private readonly name: string;
  private readonly lookMs: number;
  private following: Following<E> | null = null;

  constructor(private readonly options: RunnerOptions<E>) {
    this.name = options.name ?? DEFAULT_RUNNER_NAME;
    this.lookMs = options.lookMs ?? DEFAULT_LOOK_MS;
    this.gauge = new RunnerGauge(options.now ?? Date.now);
  }

  status(): RunnerStatus {
    return this.gauge.status(this.following?.parked ?? 0);
  }

  /** Runs until the signal aborts; what fails meanwhile is told to `onFailure` and tried again. Never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    let backoff = FIRST_BACKOFF_MS;
    while (!signal.aborted) {
      const began = Date.now();
      try {
        await this.connected(signal);
      } catch (error) {
        if (signal.aborted) break;
        if (!(error instanceof LeadLost)) this.options.onFailure?.(error);
        this.gauge.enter('failing');
        if (Date.now() - began > LAST_BACKOFF_MS) backoff = FIRST_BACKOFF_MS;
        await sleep(backoff, undefined, { signal }).catch(() => undefined);
        backoff = Math.min(2 * backoff, LAST_BACKOFF_MS);
      }
    }
    this.gauge.enter('stopped');
  }

  private async connected(signal: AbortSignal): Promise<void> {
    const clients: pg.Client[] = [];
    const connect = async (config: pg.ClientConfig): Promise<pg.Client> => {
      const client = new pg.Client({ application_name: 'daybook-projector', keepAlive: true, ...config });
      // A connection that breaks is noticed by the query that needs it.
      client.on('error', () => undefined);
      clients.push(client);
      await client.connect();
      return client;
    };
    const stopped = new AbortController();
    try {
      const writer = await connect({ ...this.options.connection, pipeline: true });
      if (!(await this.lead(writer, signal))) return;
      const reader = await connect(this.options.connection);
      this.following = new Following(this.options, this.name, this.gauge, writer, reader);
      await this.following.follow(AbortSignal.any([signal, stopped.signal]));
    } finally {
      this.following = null;
      stopped.abort();
      for (const client of clients) await client.end().catch(() => undefined);
    }
  }

  /** Waits for the lock that leading is; it goes with the connection. False when the signal aborted first. */
  private async lead(writer: pg.Client, signal: AbortSignal): Promise<boolean> {
    for (const setting of WRITER_SETTINGS) await writer.query(`SET ${setting}`);
    while (!signal.aborted) {
      const { rows } = await writer.query<{ leads: boolean }>(
        'SELECT pg_try_advisory_lock($1, hashtext(current_schema() || $2)) AS leads',
        [LEAD_LOCK, this.name],
      );
      if (rows[0]?.leads === true) return true;
      this.gauge.enter('standby');
      await sleep(this.lookMs, undefined, { signal }).catch(() => undefined);
    }
    return false;
  }
}
