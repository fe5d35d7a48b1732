import { createPostgresBackend, Queue, runMigrations, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import type pg from 'pg';
import type { Lane } from './delivery-store.js';

/**
 * Wakes workers: "this endpoint has something to be sent". It holds nothing that the table of deliveries does not say too, so
 * it may be emptied, lose jobs or repeat them at any time.
 */
export interface WakeQueue {
  wake(lanes: readonly Lane[]): Promise<void>;
  /** Gives each wake-up to the handler, so many at once, until it is closed. */
  work(handler: (lane: Lane) => Promise<void>, concurrency: number): void;
  close(): Promise<void>;
}

export interface WakeQueueOptions {
  /** Null: jobs are kept in PostgreSQL. */
  readonly redisUrl: string | null;
  /** Tells this installation's jobs from others' in one Redis. */
  readonly installation: string;
  /** Of a role that may use the schema of jobs. */
  readonly databaseUrl: string;
  readonly onFailure: (error: Error) => void;
  /** Ms after which a job is taken from a worker that says nothing any more: 10,000 unless given. */
  readonly stalledAfterMs?: number;
}

const NAME = 'webhook-deliveries';
/** Of the jobs in PostgreSQL, apart from the installation's own tables. */
export const JOBS_SCHEMA = 'daybook_jobs';
const STALLED_AFTER_MS = 10_000;

/**
 * BullMQ gives a job up for good that was under way while its worker was killed twice, whatever attempts it has left. Here
 * nobody counts: the sweep wakes whoever has something due.
 */
const NEVER_STALLED_TOO_OFTEN = 1_000_000;

const JOB = { removeOnComplete: true, removeOnFail: true } as const;

/** Brings the schema of jobs to this version and lets `group` use it. The client's role owns the database. */
export const migrateJobs = async (owner: Pick<pg.Client, 'query'>, group: string): Promise<void> => {
  await runMigrations(owner, JOBS_SCHEMA);
  // Its functions use temporary tables: without either right jobs can't even be added, and only the sweep would wake anybody.
  await owner.query(`DO $$ BEGIN
      EXECUTE format('GRANT TEMPORARY ON DATABASE %I TO ${group}', current_database());
    END $$;
    GRANT USAGE, CREATE ON SCHEMA ${JOBS_SCHEMA} TO ${group};
    GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON ALL TABLES IN SCHEMA ${JOBS_SCHEMA} TO ${group};
    GRANT USAGE, SELECT, UPDATE ON ALL SEQUENCES IN SCHEMA ${JOBS_SCHEMA} TO ${group}`);
};

const postgresConnection = (connectionString: string) => ({
  connectionString,
  schema: JOBS_SCHEMA,
  max: 4,
  skipMigrations: true,
});

/** BullMQ on Redis where there is one, else on its PostgreSQL backend. */
export class BullWakeQueue implements WakeQueue {
  private readonly queue: Queue<Lane>;
  private readonly redis: Redis[] = [];
  private worker: Worker<Lane> | null = null;

  constructor(private readonly options: WakeQueueOptions) {
    const { redisUrl, databaseUrl, onFailure } = options;
    this.queue =
      redisUrl === null
        ? (new Queue(
            NAME,
            { connection: postgresConnection(databaseUrl) },
            createPostgresBackend,
          ) as unknown as Queue<Lane>)
        : new Queue<Lane>(NAME, { connection: this.connect(redisUrl), prefix: this.prefix });
    this.queue.on('error', onFailure);
  }

  async wake(lanes: readonly Lane[]): Promise<void> {
    if (lanes.length === 0) return;
    await this.queue.addBulk(lanes.map((data) => ({ name: 'drain', data: { ...data }, opts: JOB })));
  }

  work(handler: (lane: Lane) => Promise<void>, concurrency: number): void {
    const { redisUrl, databaseUrl, onFailure, stalledAfterMs = STALLED_AFTER_MS } = this.options;
    const settings = {
      concurrency,
      maxStalledCount: NEVER_STALLED_TOO_OFTEN,
      lockDuration: stalledAfterMs,
      stalledInterval: stalledAfterMs,
    };
    const process = async ({ data }: { readonly data: Lane }): Promise<void> => handler(data);
    this.worker =
      redisUrl === null
        ? (new Worker(
            NAME,
            process,
            { connection: postgresConnection(databaseUrl), ...settings },
            createPostgresBackend,
          ) as unknown as Worker<Lane>)
        : new Worker<Lane>(NAME, process, { connection: this.connect(redisUrl), prefix: this.prefix, ...settings });
    this.worker.on('error', onFailure);
  }

  async close(): Promise<void> {
    await this.worker?.close();
    await this.queue.close();
    for (const redis of this.redis) redis.disconnect();
  }

  private get prefix(): string {
    return `daybook-${this.options.installation}`;
  }

  /** BullMQ waits with its commands for a Redis that is away, and asks for just these settings. */
  private connect(url: string): Redis {
    const redis = new Redis(url, { maxRetriesPerRequest: null });
    redis.on('error', this.options.onFailure);
    this.redis.push(redis);
    return redis;
  }
}
