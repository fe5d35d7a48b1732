import { ConfigurationError } from './configuration.js';
import { StartupError } from './startup-error.js';

/** How long a stop may take, in milliseconds, before the process ends all the same. */
const LONGEST_STOP_MS = 30_000;
/** Ctrl-C comes twice: from the terminal and, a moment later, from the npm that started us and passes it on. */
const SAME_SIGNAL_MS = 500;

const fail = (error: unknown): never => {
  const isExpected = error instanceof StartupError || error instanceof ConfigurationError;
  process.stderr.write(`${isExpected ? error.message : ((error as Error).stack ?? String(error))}\n`);
  process.exit(1);
};

/**
 * A process's life: starts, waits for SIGTERM, SIGINT or SIGHUP, stops, and exits with 0. What an operator can mend ends it with
 * its one line and 1. A signal during the start aborts what `start` is given: it may go on to its end, or stop what it has
 * started and throw the reason. A second signal ends the process at once.
 */
export const runUntilSignal = async (start: (signal: AbortSignal) => Promise<() => Promise<void>>): Promise<void> => {
  const ending = new AbortController();
  const { signal } = ending;
  let first: number | null = null;
  const onSignal = (): void => {
    const now = performance.now();
    if (first !== null && now - first > SAME_SIGNAL_MS) process.exit(1);
    if (first !== null) return;
    first = now;
    setTimeout(() => process.exit(1), LONGEST_STOP_MS).unref();
    ending.abort();
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
  // The terminal was closed; what was started must not outlive it.
  process.on('SIGHUP', onSignal);
  // Whoever read our output has gone: that is no reason to stop without cleaning up.
  process.stdout.on('error', () => undefined);
  try {
    const stop = await start(signal);
    if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve));
    await stop();
  } catch (error) {
    if (!signal.aborted || error !== signal.reason) fail(error);
  }
  process.exit(0);
};
