/**
 * Wakes followers in this process. A ring between looking and waiting is not lost: whoever waits says which ring was
 * the last it knew of.
 */
export class Bell {
  #rings = 0;
  readonly #waiting = new Set<() => void>();

  /** How often it has rung. Take it *before* looking for events, hand it to `wait` after. */
  get rings(): number {
    return this.#rings;
  }

  ring(): void {
    this.#rings += 1;
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const wake of waiting) wake();
  }

  /** Resolves at the first ring after `known`, when `signal` aborts, or after `ms` milliseconds (`Infinity`: never). */
  wait(known: number, ms: number, signal: AbortSignal): Promise<void> {
    if (this.#rings !== known || signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = (): void => {
        this.#waiting.delete(wake);
        clearTimeout(timer);
        signal.removeEventListener('abort', wake);
        resolve();
      };
      const timer = ms === Infinity ? undefined : setTimeout(wake, ms);
      this.#waiting.add(wake);
      signal.addEventListener('abort', wake, { once: true });
    });
  }
}
