import { ConfigurationError } from './configuration.js';
import { StartupError } from './startup-error.js';

/** How long a stop may take, in milliseconds, before the process ends all the same. */
const LONGEST_STOP_MS = 30_000;

const fail = (error: unknown): never => {
  const isExpected = error instanceof StartupError || error instanceof ConfigurationError;
  process.stderr.write(`${isExpected ? error.message : ((error as Error).stack ?? String(error))}\n`);
  process.exit(1);
};

/**
 * A process's life: starts, waits for SIGTERM or SIGINT, stops, and exits with 0. What an operator can mend ends it with
 * its one line and 1. A signal during the start stops what was started; a second one ends the process at once.
 */
export const runUntilSignal = async (start: () => Promise<() => Promise<void>>): Promise<void> => {
  let signalled: () => void = () => undefined;
  const signal = new Promise<void>((resolve) => {
    signalled = resolve;
  });
  let signals = 0;
  const onSignal = (): void => {
    if (++signals > 1) process.exit(1);
    signalled();
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
  try {
    const stop = await start();
    await signal;
    setTimeout(() => process.exit(1), LONGEST_STOP_MS).unref();
    await stop();
  } catch (error) {
    fail(error);
  }
  process.exit(0);
};
