/** Lists by keyset: pages go on from a position, so that the last is as quick as the first. */

export interface PageQuery {
  /** Rows at most, from 1. */
  readonly limit: number;
  /** Position of the row that the page follows. */
  readonly startingAfter?: string | null;
  /** Position of the row that the page ends before; not together with `startingAfter`. */
  readonly endingBefore?: string | null;
  /** By creation; newest first unless given. */
  readonly order?: 'asc' | 'desc';
}

export interface Page<R> {
  readonly data: readonly R[];
  /** Whether there are more rows in the direction that was asked. */
  readonly hasMore: boolean;
  /** Positions of the page's first and last row: what `endingBefore` and `startingAfter` go on from. */
  readonly first: string | null;
  readonly last: string | null;
}

/** Which way the rows are read to find the page, and from where. */
export interface Scan {
  readonly direction: 'asc' | 'desc';
  /** How a row's position compares with `from`. */
  readonly comparison: '<' | '>';
  readonly from: string | null;
  /** One more than the page, to know whether there are more. */
  readonly limit: number;
}

export const scanOf = ({ limit, startingAfter, endingBefore, order = 'desc' }: PageQuery): Scan => {
  const isBackwards =
    startingAfter === undefined || startingAfter === null ? endingBefore !== undefined && endingBefore !== null : false;
  const descends = (order === 'desc') !== isBackwards;
  return {
    direction: descends ? 'desc' : 'asc',
    comparison: descends ? '<' : '>',
    from: (isBackwards ? endingBefore : startingAfter) ?? null,
    limit: limit + 1,
  };
};

/** The page of what a scan found. */
export const pageOf = <R, T>(
  query: PageQuery,
  rows: readonly R[],
  position: (row: R) => string,
  render: (row: R) => T,
): Page<T> => {
  const found = rows.slice(0, query.limit);
  const isReversed = (scanOf(query).direction === 'desc') !== ((query.order ?? 'desc') === 'desc');
  if (isReversed) found.reverse();
  const [first] = found;
  const last = found.at(-1);
  return {
    data: found.map(render),
    hasMore: rows.length > query.limit,
    first: first === undefined ? null : position(first),
    last: last === undefined ? null : position(last),
  };
};

const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

const timePart = (ms: number): string => {
  let text = '';
  for (let rest = Math.max(0, ms); text.length < 10; rest = Math.floor(rest / 32))
    text = ALPHABET.charAt(rest % 32) + text;
  return text;
};

/** Ids compare by their time, so a bound in time is one of ids: the first and the last that a millisecond can have. */
export const firstIdAt = (prefix: string, ms: number): string => `${prefix}_${timePart(ms)}0000000000000000`;
export const lastIdAt = (prefix: string, ms: number): string => `${prefix}_${timePart(ms)}ZZZZZZZZZZZZZZZZ`;
