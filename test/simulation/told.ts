import type { Failure } from './run.js';

/** What differs, after which commands, and how to see it again. */
export const told = ({ seed, extremes, difference, played }: Failure): string =>
  [
    `The oracle and the product differ in ${difference.what}:`,
    `  oracle:  ${difference.oracle}`,
    `  product: ${difference.product}`,
    'after',
    ...played.map(({ at, today, plane, command, verdict }) => {
      const { type, data } = command;
      return `  ${at} (${today}) ${plane}: ${type} ${JSON.stringify(data)} → ${verdict}`;
    }),
    `Again: npm run simulate -- --seed ${seed}${extremes ? ' --extremes' : ''}`,
  ].join('\n');
