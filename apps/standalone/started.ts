export const say = (line: string): void => void process.stdout.write(`${line}\n`);
export const complain = (line: string): void => void process.stderr.write(`${line}\n`);

/** What has been started, to be stopped in the opposite order. */
export class Started {
  private readonly steps: { readonly what: string; readonly stop: () => Promise<void> | void }[] = [];

  add(what: string, stop: () => Promise<void> | void): void {
    this.steps.push({ what, stop });
  }

  /** All of it, whatever becomes of each: a database that is left running is worse than a connection that is. */
  async stop(): Promise<void> {
    for (const { what, stop } of this.steps.splice(0).reverse()) {
      say(`Stopping ${what} …`);
      try {
        await stop();
      } catch (error) {
        complain(`${what} did not stop cleanly: ${(error as Error).message}`);
      }
    }
  }
}
