import type { RowDifference } from '#projecting/rebuild.js';

const shown = (value: unknown): string => {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
};

/** A row that differs: its key, and of each column what stands and what is due. */
export const differenceInWords = ({ key, stands, due }: RowDifference): string => {
  const name = Object.entries(key)
    .map(([column, value]) => `${column} ${shown(value)}`)
    .join(', ');
  if (stands === null) return `the row of ${name} is missing`;
  if (due === null) return `the row of ${name} should not be there`;
  const columns = Object.keys(due).filter((column) => JSON.stringify(stands[column]) !== JSON.stringify(due[column]));
  const differing = columns.map(
    (column) => `${column} is ${shown(stands[column])}, by the stream ${shown(due[column])}`,
  );
  return `the row of ${name}: ${differing.join('; ')}`;
};
