/** So many calls in so many milliseconds, beginning with the first call. */
export interface RateWindow {
  /** What is counted, wherever it is counted: the same text is the same counter. */
  readonly counter: string;
  /** As headers name it. */
  readonly name: string;
  readonly calls: number;
  readonly ms: number;
}

/** What a call came to, window by window in the order that was asked. */
export interface Counted {
  /** False: at least one window was full, and the call was counted in none. */
  readonly taken: boolean;
  /** Calls that count, this one included where it was taken. */
  readonly used: readonly number[];
  /** Milliseconds until the window begins again; 0: no call has begun it. */
  readonly resetMs: readonly number[];
}

/** One check of all windows at once: a call that one of them refuses uses up nothing of the others. */
export interface RateCounters {
  count(windows: readonly RateWindow[]): Counted | Promise<Counted>;
}

interface Counter {
  used: number;
  endsAt: number;
}

const SWEEP_MS = 60_000;

/** Counters of this process. Nothing can come between the check and the counting. */
export class ProcessCounters implements RateCounters {
  readonly #counters = new Map<string, Counter>();
  #sweepAt: number;

  /** `now`: milliseconds of a clock that nobody sets. */
  constructor(private readonly now: () => number = () => performance.now()) {
    this.#sweepAt = now() + SWEEP_MS;
  }

  /** How many counters are in memory. */
  get size(): number {
    return this.#counters.size;
  }

  count(windows: readonly RateWindow[]): Counted {
    const now = this.now();
    if (now >= this.#sweepAt) this.#sweep(now);
    const used: number[] = [];
    const resetMs: number[] = [];
    let taken = true;
    for (const { counter, calls } of windows) {
      const standing = this.#standing(counter, now);
      used.push(standing?.used ?? 0);
      resetMs.push(standing === undefined ? 0 : Math.ceil(standing.endsAt - now));
      if (used.at(-1)! >= calls) taken = false;
    }
    if (taken) {
      windows.forEach(({ counter, ms }, i) => {
        const standing = this.#counters.get(counter);
        if (used[i] === 0) this.#counters.set(counter, { used: 1, endsAt: now + (resetMs[i] = ms) });
        else standing!.used += 1;
        used[i]! += 1;
      });
    }
    return { taken, used, resetMs };
  }

  #standing(counter: string, now: number): Counter | undefined {
    const standing = this.#counters.get(counter);
    if (standing === undefined || standing.endsAt > now) return standing;
    this.#counters.delete(counter);
    return undefined;
  }

  #sweep(now: number): void {
    for (const [counter, { endsAt }] of this.#counters) if (endsAt <= now) this.#counters.delete(counter);
    this.#sweepAt = now + SWEEP_MS;
  }
}
