/**
 * Starting can't go on, for a reason that whoever starts it can mend. Its message says what is wrong and what to do, in
 * words: a main prints it alone, without a stack, and exits with 1.
 */
export class StartupError extends Error {
  override readonly name: string = 'StartupError';
}
