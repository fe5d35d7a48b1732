/**
 * Rows handed to PostgreSQL as one array per column, in its binary format: nothing is quoted here or parsed there, and a
 * batch of any size is one statement with one plan.
 */
import type { Statement } from './projection.js';

interface Values {
  readonly text: string | null;
  readonly bigint: number | null;
  /** Whole numbers of any size. */
  readonly numeric: bigint | null;
  readonly integer: number | null;
  readonly boolean: boolean | null;
  readonly bytea: Uint8Array | null;
  /** Milliseconds since 1970. */
  readonly timestamptz: number | null;
  readonly date: number | null;
}

export type ColumnType = keyof Values;
export type Columns = Readonly<Record<string, ColumnType>>;
export type RowOf<C extends Columns> = { readonly [K in keyof C]: Values[C[K]] };

/** OIDs of the element types, which never change. */
const OIDS: { readonly [T in ColumnType]: number } = {
  text: 25,
  bigint: 20,
  numeric: 1700,
  integer: 23,
  boolean: 16,
  bytea: 17,
  timestamptz: 1184,
  date: 1082,
};

const SIZES: { readonly [T in ColumnType]: number | null } = {
  text: null,
  bigint: 8,
  numeric: null,
  integer: 4,
  boolean: 1,
  bytea: null,
  timestamptz: 8,
  date: 4,
};

const HEADER_BYTES = 20;
const EPOCH_2000_MS = 946_684_800_000;
const DAY_MS = 86_400_000;
const TWO_32 = 4_294_967_296;

const writeBigint = (buffer: Buffer, value: number, at: number): void => {
  const high = Math.floor(value / TWO_32);
  buffer.writeInt32BE(high, at);
  buffer.writeUInt32BE(value - high * TWO_32, at + 4);
};

/** Sign and groups of four digits, the first group worth the most. */
const numericOf = (value: bigint): Buffer => {
  const text = (value < 0n ? -value : value).toString();
  const groups = Math.ceil(text.length / 4);
  const digits = text.padStart(groups * 4, '0');
  const buffer = Buffer.alloc(8 + groups * 2);
  buffer.writeInt16BE(groups, 0);
  buffer.writeInt16BE(groups - 1, 2);
  buffer.writeUInt16BE(value < 0n ? 0x4000 : 0, 4);
  for (let i = 0; i < groups; i += 1) buffer.writeUInt16BE(Number(digits.slice(i * 4, i * 4 + 4)), 8 + i * 2);
  return buffer;
};

const header = (buffer: Buffer, type: ColumnType, count: number, hasNull: boolean): void => {
  buffer.writeInt32BE(1, 0);
  buffer.writeInt32BE(hasNull ? 1 : 0, 4);
  buffer.writeInt32BE(OIDS[type], 8);
  buffer.writeInt32BE(count, 12);
  buffer.writeInt32BE(1, 16);
};

const emptyArray = (type: ColumnType): Buffer => {
  const buffer = Buffer.alloc(12);
  buffer.writeInt32BE(OIDS[type], 8);
  return buffer;
};

const fixed = (type: ColumnType, size: number, values: readonly (number | boolean | null)[]): Buffer => {
  const nulls = values.reduce<number>((count, value) => (value === null ? count + 1 : count), 0);
  const buffer = Buffer.allocUnsafe(HEADER_BYTES + values.length * (4 + size) - nulls * size);
  header(buffer, type, values.length, nulls > 0);
  let at = HEADER_BYTES;
  for (const value of values) {
    buffer.writeInt32BE(value === null ? -1 : size, at);
    at += 4;
    if (value === null) continue;
    if (type === 'boolean') buffer[at] = value ? 1 : 0;
    else if (type === 'bigint') writeBigint(buffer, value as number, at);
    else if (type === 'timestamptz') writeBigint(buffer, ((value as number) - EPOCH_2000_MS) * 1000, at);
    else if (type === 'date') buffer.writeInt32BE(Math.floor(((value as number) - EPOCH_2000_MS) / DAY_MS), at);
    else buffer.writeInt32BE(value as number, at);
    at += size;
  }
  return buffer;
};

const varying = (type: ColumnType, values: readonly (string | Uint8Array | null)[]): Buffer => {
  let bytes = HEADER_BYTES;
  let hasNull = false;
  const lengths = values.map((value) => {
    if (value === null) hasNull = true;
    const length = value === null ? 0 : typeof value === 'string' ? Buffer.byteLength(value) : value.length;
    bytes += 4 + length;
    return length;
  });
  const buffer = Buffer.allocUnsafe(bytes);
  header(buffer, type, values.length, hasNull);
  let at = HEADER_BYTES;
  values.forEach((value, i) => {
    const length = lengths[i] as number;
    buffer.writeInt32BE(value === null ? -1 : length, at);
    at += 4;
    if (typeof value === 'string') buffer.write(value, at);
    else if (value !== null) buffer.set(value, at);
    at += length;
  });
  return buffer;
};

/** One column as a binary array; throws `RangeError` for an unsafe integer, which would be stored as another number. */
export const columnArray = <T extends ColumnType>(type: T, values: readonly Values[T][]): Buffer => {
  if (values.length === 0) return emptyArray(type);
  const size = SIZES[type];
  if (type === 'numeric') {
    const wholes = values as readonly (bigint | null)[];
    return varying(
      type,
      wholes.map((value) => (value === null ? null : numericOf(value))),
    );
  }
  if (size === null) return varying(type, values as readonly (string | Uint8Array | null)[]);
  for (const value of values) {
    if (typeof value === 'number' && !Number.isSafeInteger(value)) throw new RangeError(`${value} is no safe integer`);
  }
  return fixed(type, size, values as readonly (number | boolean | null)[]);
};

/**
 * The rows as a table `name (columns)` in a FROM clause whose parameters start at `$1`. Unnested in a SELECT list, because a
 * function in FROM first puts each column into a store of its own and reads it back.
 */
export const unnested = (columns: Columns, name: string): string => {
  const members = Object.entries(columns).map(([column, type], i) => `unnest($${i + 1}::${type}[]) AS ${column}`);
  return `(SELECT ${members.join(', ')}) AS ${name}`;
};

export const columnArrays = <C extends Columns>(columns: C, rows: readonly RowOf<C>[]): Buffer[] =>
  Object.entries(columns).map(([name, type]) =>
    columnArray(
      type,
      rows.map((row) => row[name] as Values[ColumnType]),
    ),
  );

/** Makes no statement of no rows. */
export type SetStatement<C extends Columns> = (rows: readonly RowOf<C>[]) => readonly Statement[];

/** A statement over rows, whose text may name them in FROM by `rows`. */
export const setStatement = <C extends Columns>(
  name: string,
  columns: C,
  text: (rows: string) => string,
): SetStatement<C> => {
  const sql = text(unnested(columns, 'u'));
  return (rows) => (rows.length === 0 ? [] : [{ name, text: sql, values: columnArrays(columns, rows) }]);
};

/** Inserts rows; `then` is what follows, such as `ON CONFLICT …`. */
export const insertInto = <C extends Columns>(table: string, columns: C, then = ''): SetStatement<C> =>
  setStatement(
    `${table}.insert`,
    columns,
    (rows) => `INSERT INTO ${table} (${Object.keys(columns).join(', ')}) SELECT * FROM ${rows} ${then}`,
  );

/** Updates rows by `keys`, a part of the columns; all others are set. */
export const updateBy = <C extends Columns>(
  table: string,
  columns: C,
  keys: readonly (keyof C & string)[],
): SetStatement<C> =>
  setStatement(`${table}.update`, columns, (rows) => {
    const set = Object.keys(columns).filter((name) => !keys.includes(name));
    return (
      `UPDATE ${table} t SET ${set.map((name) => `${name} = u.${name}`).join(', ')} FROM ${rows} ` +
      `WHERE ${keys.map((name) => `t.${name} = u.${name}`).join(' AND ')}`
    );
  });
