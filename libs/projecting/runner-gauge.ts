/** What a runner does at this moment, for metrics and `/readyz`. */
export interface RunnerStatus {
  readonly state: 'starting' | 'standby' | 'leading' | 'failing' | 'stopped';
  /** Age in milliseconds of the oldest event that was read and not yet committed; 0 when caught up. */
  readonly lagMs: number;
  readonly caughtUp: boolean;
  readonly parked: number;
  /** Since the process started. */
  readonly events: number;
  readonly batches: number;
  readonly gapsHealed: number;
  readonly lastBatchEvents: number;
  readonly lastBatchMs: number;
  /** Over the last few seconds. */
  readonly eventsPerSecond: number;
}

const RATE_WINDOW_MS = 5_000;

export class RunnerGauge {
  private state: RunnerStatus['state'] = 'starting';
  /** Times of the oldest event in each batch that was read and not committed. */
  private readonly waiting: number[] = [];
  private recent: { readonly at: number; readonly events: number }[] = [];
  private caughtUp = false;
  private events = 0;
  private batches = 0;
  private gapsHealed = 0;
  private lastBatchEvents = 0;
  private lastBatchMs = 0;

  constructor(private readonly now: () => number) {}

  enter(state: RunnerStatus['state']): void {
    this.waiting.length = 0;
    this.state = state;
  }

  arrived(times: readonly number[]): void {
    this.waiting.push(times.length === 0 ? Infinity : Math.min(...times));
  }

  healing(): void {
    this.gapsHealed += 1;
  }

  committed(events: number, ms: number, caughtUp: boolean): void {
    this.waiting.shift();
    this.caughtUp = caughtUp;
    this.events += events;
    this.batches += 1;
    this.lastBatchEvents = events;
    this.lastBatchMs = ms;
    const at = this.now();
    this.recent = [...this.recent.filter((one) => at - one.at < RATE_WINDOW_MS), { at, events }];
  }

  status(parked: number): RunnerStatus {
    const now = this.now();
    const oldest = Math.min(...this.waiting, Infinity);
    const recent = this.recent.filter((one) => now - one.at < RATE_WINDOW_MS);
    return {
      state: this.state,
      lagMs: Number.isFinite(oldest) ? Math.max(0, now - oldest) : 0,
      caughtUp: this.caughtUp && !Number.isFinite(oldest),
      parked,
      events: this.events,
      batches: this.batches,
      gapsHealed: this.gapsHealed,
      lastBatchEvents: this.lastBatchEvents,
      lastBatchMs: this.lastBatchMs,
      eventsPerSecond: recent.reduce((sum, one) => sum + one.events, 0) / (RATE_WINDOW_MS / 1000),
    };
  }
}
