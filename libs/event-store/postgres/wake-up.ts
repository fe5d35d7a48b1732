import pg from 'pg';
import type { Bell } from '../bell.js';

const CHANNEL = 'event_store_appended';
const NOTIFY_EVERY_MS = 50;
const RELISTEN_AFTER_MS = 1_000;

/**
 * Tells other processes that there is something new, and hears it from them. It only shortens polling: whatever fails
 * here is passed over in silence and tried again later. A notification is a statement of its own, at most twenty a
 * second, because a transaction that notifies takes a lock of the whole cluster to commit.
 */
export class WakeUp {
  #timer: NodeJS.Timeout | undefined;
  #listener: pg.PoolClient | undefined;
  #listening = false;
  #closed = false;

  constructor(
    private readonly pool: pg.Pool,
    private readonly bell: Bell,
  ) {}

  /** To be called after an append has been committed. */
  announce(): void {
    this.bell.ring();
    if (this.#timer !== undefined || this.#closed) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.pool.query(`SELECT pg_notify('${CHANNEL}', '')`).catch(() => undefined);
    }, NOTIFY_EVERY_MS);
    // A process that has nothing else to do need not stay for it: the others poll.
    this.#timer.unref();
  }

  /** Rings the bell whenever another process has announced something. Holds one connection of the pool. */
  listen(): void {
    if (this.#listening) return;
    this.#listening = true;
    void this.#listen();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#listener?.release(true);
    this.#listener = undefined;
  }

  async #listen(): Promise<void> {
    try {
      const client = await this.pool.connect();
      if (this.#closed) return client.release();
      this.#listener = client;
      client.on('notification', () => this.bell.ring());
      client.on('error', () => this.#lost(client));
      client.on('end', () => this.#lost(client));
      await client.query(`LISTEN ${CHANNEL}`);
      // What was appended while nobody listened has been announced in vain.
      this.bell.ring();
    } catch {
      if (this.#listener) this.#lost(this.#listener);
      else this.#retry();
    }
  }

  #lost(client: pg.PoolClient): void {
    if (this.#listener !== client) return;
    this.#listener = undefined;
    client.release(true);
    this.#retry();
  }

  #retry(): void {
    if (!this.#closed) setTimeout(() => void this.#listen(), RELISTEN_AFTER_MS).unref();
  }
}
