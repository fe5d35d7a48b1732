interface Waiting<T> {
  readonly one: T;
  readonly done: () => void;
  readonly failed: (error: unknown) => void;
}

/** Writes together what comes while a write is under way: a transaction for many costs little more than for one. */
export class Gathered<T> {
  private waiting: Waiting<T>[] = [];
  private isWriting = false;

  constructor(
    private readonly write: (all: readonly T[]) => Promise<void>,
    private readonly most: number,
  ) {}

  /** Resolves once it is written. Rejects with why it can't be, though it was tried without the others. */
  add(one: T): Promise<void> {
    return new Promise((done, failed) => {
      this.waiting.push({ one, done, failed });
      if (!this.isWriting) void this.writeAll();
    });
  }

  private async writeAll(): Promise<void> {
    this.isWriting = true;
    // What comes in the same moment comes along.
    await Promise.resolve();
    while (this.waiting.length > 0) {
      const batch = this.waiting.splice(0, this.most);
      if (!(await this.written(batch))) for (const one of batch) await this.written([one], true);
    }
    this.isWriting = false;
  }

  private async written(batch: readonly Waiting<T>[], isLast = batch.length === 1): Promise<boolean> {
    try {
      await this.write(batch.map(({ one }) => one));
      for (const { done } of batch) done();
      return true;
    } catch (error) {
      if (isLast) for (const { failed } of batch) failed(error);
      return isLast;
    }
  }
}
