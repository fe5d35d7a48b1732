import type { ErrorCode, ErrorDetails } from '#contract/problems.js';

/** A request that can't be answered as asked: what is thrown anywhere between the door and the handler's end. */
export class Problem extends Error {
  override readonly name = 'Problem';
  constructor(
    readonly code: ErrorCode,
    readonly details: ErrorDetails = {},
    /** What an operator should read; never for a client. */
    cause?: unknown,
  ) {
    // No stack worth having: it is an answer, not a defect, and a stack costs more than the rest of the request.
    super(code, cause === undefined ? undefined : { cause });
  }
}
