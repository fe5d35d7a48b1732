import { readFileSync } from 'node:fs';
import { Redis, type RedisOptions } from 'ioredis';
import { type Counted, ProcessCounters, type RateCounters, type RateWindow } from './counters.js';

const SCRIPT = readFileSync(new URL('./count.lua', import.meta.url), 'utf8');

/** A Redis that takes longer is as good as none: the request is worth more than an exact count. */
const PATIENCE_MS = 100;
const RETRY_MAX_MS = 2_000;
/** After a Redis that did not answer in time, so that not every request waits for it. */
const PAUSE_MS = 1_000;

const OPTIONS: RedisOptions = {
  enableOfflineQueue: false,
  maxRetriesPerRequest: 0,
  commandTimeout: PATIENCE_MS,
  connectTimeout: 2_000,
  retryStrategy: (times) => Math.min(times * 100, RETRY_MAX_MS),
};

type Script = (keys: number, ...values: readonly (string | number)[]) => Promise<readonly number[]>;

export interface RedisCountersOptions {
  /** Told once when Redis fails (with what it said), and once when it answers again (null). */
  readonly onTrouble?: (trouble: Error | null) => void;
}

/**
 * Counters of all instances, in one Redis. The check and the counting of all windows are one script, which nothing can come
 * between. While Redis is away each instance counts by itself, so that a tenant may have as many times its calls as there
 * are instances: a ledger that refused everybody because its rate limiter is down would be worse.
 */
export class RedisCounters implements RateCounters {
  readonly #redis: Redis;
  readonly #alone = new ProcessCounters();
  readonly #onTrouble: (trouble: Error | null) => void;
  #trouble: Error | null = null;
  #pausedUntil = 0;

  constructor(url: string, options: RedisCountersOptions = {}) {
    this.#onTrouble = options.onTrouble ?? (() => undefined);
    this.#redis = new Redis(url, OPTIONS);
    this.#redis.defineCommand('daybookCount', { lua: SCRIPT });
    // Without a listener it would be written to the console, and again with every attempt to connect.
    this.#redis.on('error', (error: Error) => this.#failed(error));
  }

  /** Null: Redis answers. */
  get trouble(): string | null {
    return this.#trouble === null ? null : 'Redis does not answer: each instance counts by itself';
  }

  get isConnected(): boolean {
    return this.#redis.status === 'ready';
  }

  count(windows: readonly RateWindow[]): Counted | Promise<Counted> {
    if (!this.isConnected || performance.now() < this.#pausedUntil) return this.#alone.count(windows);
    return this.#shared(windows);
  }

  close(): void {
    this.#redis.disconnect();
  }

  async #shared(windows: readonly RateWindow[]): Promise<Counted> {
    try {
      const { daybookCount } = this.#redis as unknown as { daybookCount: Script };
      const told = await daybookCount.call(
        this.#redis,
        windows.length,
        ...windows.map(({ counter }) => `daybook:rate:${counter}`),
        ...windows.flatMap(({ calls, ms }) => [calls, ms]),
      );
      this.#answered();
      const at = (offset: number): number[] => windows.map((_, i) => told[1 + i * 2 + offset]!);
      return { taken: told[0] === 1, used: at(0), resetMs: at(1) };
    } catch (error) {
      this.#pausedUntil = performance.now() + PAUSE_MS;
      this.#failed(error as Error);
      return this.#alone.count(windows);
    }
  }

  #failed(error: Error): void {
    if (this.#trouble === null) this.#onTrouble(error);
    this.#trouble = error;
  }

  #answered(): void {
    if (this.#trouble === null) return;
    this.#trouble = null;
    this.#onTrouble(null);
  }
}
