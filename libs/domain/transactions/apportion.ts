import { shareOf, ZERO, type Minor } from '../money.js';

/** The place of an entry's next unit among all units: `(units + ½) / amount`, kept as a fraction. */
const isBefore = (units: number, amount: Minor, otherUnits: number, otherAmount: Minor): boolean =>
  BigInt(2 * units + 1) * BigInt(otherAmount) < BigInt(2 * otherUnits + 1) * BigInt(amount);

/**
 * The shares of `part / whole` in several amounts that add up to the rounded share in their sum: each amount's units come
 * in turn, at `(j − ½) / amount` (Webster's method), ties in the order of the amounts. So no share ever shrinks as the
 * part grows, which rounding each alone and mending the sum would not keep.
 */
export const apportion = (amounts: readonly Minor[], part: Minor, whole: Minor): readonly Minor[] => {
  if (part === whole) return amounts;
  const target = Number(
    shareOf(
      amounts.reduce((sum, amount) => (sum + amount) as Minor, ZERO),
      part,
      whole,
    ),
  );
  const units = amounts.map((amount) =>
    Number((2n * BigInt(amount) * BigInt(part) + BigInt(whole)) / (2n * BigInt(whole))),
  );
  let missing = target - units.reduce((sum, n) => sum + n, 0);
  for (; missing > 0; missing--) {
    let next = 0;
    for (let i = 1; i < amounts.length; i++) {
      if (isBefore(at(units, i), at(amounts, i), at(units, next), at(amounts, next))) next = i;
    }
    units[next] = at(units, next) + 1;
  }
  for (; missing < 0; missing++) {
    let last = 0;
    for (let i = 1; i < amounts.length; i++) {
      if (!isBefore(at(units, i) - 1, at(amounts, i), at(units, last) - 1, at(amounts, last))) last = i;
    }
    units[last] = at(units, last) - 1;
  }
  return units as Minor[];
};

const at = <N extends number>(numbers: readonly N[], index: number): N => numbers[index] as N;
