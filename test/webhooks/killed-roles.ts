/** The product's roles as processes of their own, which are killed at the steps of a delivery and started again. */
import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';

export const ROLES = ['worker', 'api', 'projector'] as const;
export type Role = (typeof ROLES)[number];
export const STEPS = ['claimed', 'sent', 'answered', 'recorded'] as const;
export type Step = (typeof STEPS)[number];

/** One of that role is killed at the very moment at which a worker has reached the step for the nth time. */
export interface Killing {
  readonly role: Role;
  readonly step: Step;
  readonly nth: number;
}

export class RoleProcess {
  readonly exited: Promise<NodeJS.Signals | number | null>;
  /** Resolves once it does what it is there for, or has ended. */
  readonly runs: Promise<void>;
  hasEnded = false;
  private readonly child: ChildProcess;

  /** `armed`: where a worker kills itself. */
  constructor(
    role: Role,
    env: Readonly<Record<string, string>>,
    options: object,
    armed: readonly Omit<Killing, 'role'>[] = [],
  ) {
    const script = role === 'worker' ? 'killed-worker.mjs' : 'killed-role.mjs';
    this.child = spawn(process.execPath, [join(import.meta.dirname, script)], {
      env: {
        PATH: process.env.PATH ?? '',
        ...env,
        ROLE: role,
        OPTIONS: JSON.stringify(options),
        ARMED: JSON.stringify(armed),
      },
      // By the channel it notices that the test has ended, however that ended.
      stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    });
    this.exited = new Promise((done) => this.child.once('close', (code, signal) => done(signal ?? code)));
    void this.exited.then(() => (this.hasEnded = true));
    this.runs = new Promise((done) => {
      this.child.stdout?.on('data', (chunk: Buffer) => {
        if (/\b(runs|serves)\b/.test(chunk.toString())) done();
      });
      void this.exited.then(() => done());
    });
  }

  /** A worker's: from now on it waits for the step. */
  arm({ step, nth }: Killing, victim: RoleProcess): void {
    if (this.child.connected) this.child.send({ step, nth, pid: victim.child.pid });
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    if (!this.hasEnded) this.child.kill(signal);
    await this.exited;
  }
}

/** Keeps processes running, whoever is killed. */
export class KilledRoles {
  readonly kills: Pick<Killing, 'role' | 'step'>[] = [];
  private readonly running = new Map<RoleProcess, Role>();
  private readonly ending = new Set<Role>();
  private failure: Error | null = null;

  constructor(private readonly started: (role: Role) => RoleProcess) {}

  /** Resolves once all of them run. */
  async start(...roles: readonly Role[]): Promise<void> {
    for (const role of roles) this.another(role);
    await Promise.all([...this.running.keys()].map(({ runs }) => runs));
    this.check();
  }

  /** Who is of one role is killed one after the other, the roles beside each other. Throws where that takes too long. */
  async kill(plan: readonly Killing[], deadline: number): Promise<void> {
    const ofRole = async (role: Role): Promise<void> => {
      for (const one of plan.filter((killing) => killing.role === role)) await this.one(one, deadline);
    };
    await Promise.all(ROLES.map(ofRole));
  }

  /** Throws if a process ended that nobody killed. */
  check(): void {
    if (this.failure !== null) throw this.failure;
  }

  async stop(...roles: readonly Role[]): Promise<void> {
    for (const role of roles) this.ending.add(role);
    const those = [...this.running].filter(([, role]) => roles.includes(role));
    await Promise.all(those.map(([one]) => one.stop()));
  }

  private async one(killing: Killing, deadline: number): Promise<void> {
    for (;;) {
      if (Date.now() > deadline) throw new Error(`no ${killing.role} was killed where a delivery is ${killing.step}`);
      const worker = await this.up('worker');
      const victim = killing.role === 'worker' ? worker : await this.up(killing.role);
      worker.arm(killing, victim);
      const late = setTimeout(() => void worker.stop('SIGKILL'), Math.max(0, deadline - Date.now()));
      await Promise.race([victim.exited, worker.exited]);
      clearTimeout(late);
      this.check();
      // Else the worker was killed before it got there; another is told.
      if (!victim.hasEnded) continue;
      this.kills.push(killing);
      return;
    }
  }

  /** One of that role that runs; of workers each in its turn. */
  private async up(role: Role): Promise<RoleProcess> {
    for (;;) {
      this.check();
      const those = [...this.running].filter(([, of]) => of === role).map(([one]) => one);
      const one = those[this.kills.length % those.length] as RoleProcess;
      await one.runs;
      if (!one.hasEnded) return one;
      await new Promise(setImmediate);
    }
  }

  private another(role: Role): void {
    const one = this.started(role);
    this.running.set(one, role);
    void one.exited.then((how) => {
      this.running.delete(one);
      if (this.ending.has(role)) return;
      if (how !== 'SIGKILL') this.failure = new Error(`${role} ended by itself: ${how}`);
      this.another(role);
    });
  }
}
