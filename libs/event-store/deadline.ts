/** A call took longer than it was given. It says nothing about whether the call took effect. */
export class DeadlineExceeded extends Error {
  override readonly name = 'DeadlineExceeded';
}

/**
 * The promise's own outcome, or `DeadlineExceeded` after `ms` milliseconds. What the promise does later is ignored: it
 * must never surface as an unhandled rejection, which would end the process.
 */
export function withDeadline<T>(promise: Promise<T>, ms: number, what: string): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new DeadlineExceeded(`${what} did not answer within ${ms} ms`)), ms);
    promise.then(
      (value) => {
        clearTimeout(timer);
        resolve(value);
      },
      (error: unknown) => {
        clearTimeout(timer);
        reject(error);
      },
    );
  });
}

/** The text of whatever was thrown, on one line. */
export function causeOf(error: unknown): string {
  // A refused connection to several addresses is an AggregateError, whose own message is empty.
  if (error instanceof AggregateError && error.message === '') return error.errors.map(causeOf).join('; ');
  const text = error instanceof Error ? error.message || error.name : String(error);
  return text.replaceAll(/\s+/g, ' ');
}
