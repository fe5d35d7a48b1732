/** Where two JSON values differ: the first hundred places, dotted. */
export interface JsonDifference {
  readonly at: string;
  readonly from: unknown;
  readonly to: unknown;
}

const MOST = 100;

const isContainer = (value: unknown): value is Readonly<Record<string, unknown>> =>
  value !== null && typeof value === 'object';

const walk = (at: string, from: unknown, to: unknown, found: JsonDifference[]): void => {
  if (found.length >= MOST || Object.is(from, to)) return;
  const isAlike = isContainer(from) && isContainer(to) && Array.isArray(from) === Array.isArray(to);
  // Lists of values are one thing: where one is longer, every place of it would differ.
  const isWhole = isAlike && Array.isArray(from) && from.every((one) => !isContainer(one));
  if (!isAlike || isWhole) {
    if (JSON.stringify(from) !== JSON.stringify(to)) found.push({ at, from: from ?? null, to: to ?? null });
    return;
  }
  for (const name of new Set([...Object.keys(from), ...Object.keys(to)])) {
    walk(at === '' ? name : Array.isArray(from) ? `${at}[${name}]` : `${at}.${name}`, from[name], to[name], found);
  }
};

export const jsonDifferences = (from: unknown, to: unknown): JsonDifference[] => {
  const found: JsonDifference[] = [];
  walk('', from, to, found);
  return found;
};
