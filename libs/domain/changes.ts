/**
 * What an update replaces: of each field whose value differs afterwards, the value before. A personal text is sealed and
 * can't be compared, so one that is given counts as another one.
 */
export const replaced = <F extends object>(before: F, after: F): Partial<F> => {
  const old: Partial<F> = {};
  for (const field of Object.keys(after) as (keyof F)[]) {
    if (before[field] !== after[field] && JSON.stringify(before[field]) !== JSON.stringify(after[field])) {
      old[field] = before[field];
    }
  }
  return old;
};

export const isEmpty = (fields: object): boolean => Object.keys(fields).length === 0;
