/** Webhook workers as processes of their own, which are killed at the steps of a delivery and started again. */
import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';

export const STEPS = ['claimed', 'sent', 'answered', 'recorded'] as const;
export type KilledAt = (typeof STEPS)[number];

export interface Killing {
  readonly step: KilledAt;
  /** At the nth time that the worker reaches it. */
  readonly nth: number;
}

export class WorkerProcess {
  readonly exited: Promise<NodeJS.Signals | number | null>;
  readonly runs: Promise<void>;
  private readonly child: ChildProcess;

  constructor(env: Readonly<Record<string, string>>, options: object, killing: Killing | null = null) {
    this.child = spawn(process.execPath, [join(import.meta.dirname, 'killed-worker.mjs')], {
      env: {
        PATH: process.env.PATH ?? '',
        ...env,
        OPTIONS: JSON.stringify(options),
        ...(killing === null ? {} : { KILL_AT: killing.step, KILL_NTH: String(killing.nth) }),
      },
      // By the channel it notices that the test has ended, however that ended.
      stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    });
    this.exited = new Promise((done) => this.child.once('close', (code, signal) => done(signal ?? code)));
    this.runs = new Promise((done) => {
      this.child.stdout?.once('data', () => done());
      void this.exited.then(() => done());
    });
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) this.child.kill(signal);
    await this.exited;
  }
}

/** Keeps so many workers running; each kills itself somewhere, until there have been enough kills. */
export class KilledWorkers {
  readonly kills = new Map<KilledAt, number>(STEPS.map((step) => [step, 0]));
  private readonly running = new Set<WorkerProcess>();
  private ending = false;
  private begun = 0;
  private failure: Error | null = null;

  constructor(
    private readonly env: Readonly<Record<string, string>>,
    private readonly options: object,
    private readonly wanted: number,
  ) {}

  /** Kills so far. Throws if a worker ended that nobody killed. */
  get total(): number {
    if (this.failure !== null) throw this.failure;
    return [...this.kills.values()].reduce((sum, count) => sum + count, 0);
  }

  start(count: number): void {
    for (let i = 0; i < count; i += 1) this.another();
  }

  /** Until each has begun. */
  async run(): Promise<void> {
    await Promise.all([...this.running].map(({ runs }) => runs));
  }

  async stop(): Promise<void> {
    this.ending = true;
    await Promise.all([...this.running].map((worker) => worker.stop()));
  }

  private another(): void {
    if (this.ending) return;
    const step = STEPS[this.begun % STEPS.length] as KilledAt;
    const isKilled = this.begun < this.wanted;
    const worker = new WorkerProcess(this.env, this.options, isKilled ? { step, nth: 1 + (this.begun % 7) } : null);
    this.begun += 1;
    this.running.add(worker);
    void worker.exited.then((how) => {
      this.running.delete(worker);
      if (how === 'SIGKILL') this.kills.set(step, (this.kills.get(step) ?? 0) + 1);
      else if (!this.ending) this.failure = new Error(`a webhook worker ended by itself: ${how}`);
      this.another();
    });
  }
}
