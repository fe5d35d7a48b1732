import { spawn, type ChildProcess } from 'node:child_process';
import { join, resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '..', '..');

/** A role of the product in a process of its own, started again whenever it ends, until it is stopped. */
export class Supervised {
  private child: ChildProcess | null = null;
  private stopping = false;
  private output = '';

  constructor(
    readonly role: string,
    private readonly env: Record<string, string>,
  ) {}

  start(): void {
    const child = spawn(process.execPath, [join(ROOT, 'dist', 'apps', this.role, 'main.js')], {
      cwd: ROOT,
      env: { ...process.env, NODE_OPTIONS: '', ...this.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.child = child;
    const keep = (chunk: Buffer): void => void (this.output = (this.output + chunk.toString()).slice(-8_000));
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.once('exit', () => {
      // A role may end by itself while its database is down; whoever runs it starts it again, and so does this.
      if (!this.stopping) setTimeout(() => !this.stopping && this.start(), 50);
    });
  }

  /** The end of what it printed, for a failure's message. */
  get lastOutput(): string {
    return this.output;
  }

  /** SIGKILL; false where it has ended already and is about to be started again. */
  kill(): boolean {
    return this.child?.exitCode === null && this.child.signalCode === null && this.child.kill('SIGKILL');
  }

  async stop(): Promise<void> {
    this.stopping = true;
    const child = this.child;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((done) => child.once('exit', done));
    child.kill('SIGTERM');
    const slow = setTimeout(() => child.kill('SIGKILL'), 15_000);
    await ended;
    clearTimeout(slow);
  }
}
