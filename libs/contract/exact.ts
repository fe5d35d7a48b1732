/** A sum that no answer can tell: a number of JSON is exact up to ±(2^53 − 1). */
export class NotExact extends RangeError {
  override readonly name = 'NotExact';
}

/** Throws `NotExact` rather than round. */
export const exactly = (sum: bigint): number => {
  const value = Number(sum);
  if (!Number.isSafeInteger(value)) throw new NotExact(`the sum ${sum} is beyond what a number of JSON holds`);
  return value;
};
