/** Of rows with the same key the last, in the order in which the keys came first. */
export const lastBy = <R>(rows: Iterable<R>, key: (row: R) => string): R[] => {
  const last = new Map<string, R>();
  for (const row of rows) last.set(key(row), row);
  return [...last.values()];
};
