import pg from 'pg';
import { startPostgres, type TestPostgres } from '../../test/support/postgres.js';
import { columnArray, type ColumnType } from './columns.js';

let server: TestPostgres;
let client: pg.Client;
beforeAll(async () => {
  server = await startPostgres();
  client = new pg.Client({ connectionString: server.url });
  await client.connect();
});
afterAll(async () => {
  await client.end();
  await server.stop();
});

describe('a column', () => {
  it.each<
    [ColumnType, readonly (string | number | bigint | boolean | Uint8Array | null)[], readonly (string | null)[]]
  >([
    [
      'text',
      ['', 'a"b\\c,{}', 'ünïcode 👩‍👩‍👧 ', null, 'NULL', 'x'.repeat(100_000)],
      ['', 'a"b\\c,{}', 'ünïcode 👩‍👩‍👧 ', null, 'NULL', 'x'.repeat(100_000)],
    ],
    [
      'bigint',
      [0, -1, 1, 2 ** 53 - 1, -(2 ** 53 - 1), 2 ** 32, -(2 ** 32), -(2 ** 32) - 1, null],
      ['0', '-1', '1', '9007199254740991', '-9007199254740991', '4294967296', '-4294967296', '-4294967297', null],
    ],
    [
      'numeric',
      [0n, -1n, 9999n, 10_000n, -10_001n, 2n ** 64n, -(10n ** 40n), null],
      [
        '0',
        '-1',
        '9999',
        '10000',
        '-10001',
        '18446744073709551616',
        '-10000000000000000000000000000000000000000',
        null,
      ],
    ],
    ['integer', [0, -1, 2 ** 31 - 1, -(2 ** 31), null], ['0', '-1', '2147483647', '-2147483648', null]],
    ['boolean', [true, false, null], ['true', 'false', null]],
    ['bytea', [new Uint8Array([0, 255]), new Uint8Array(), null], ['\\x00ff', '\\x', null]],
    [
      'timestamptz',
      [0, 951_782_400_123, -1, 4_102_444_800_000, null],
      [
        '1970-01-01 00:00:00+00',
        '2000-02-29 00:00:00.123+00',
        '1969-12-31 23:59:59.999+00',
        '2100-01-01 00:00:00+00',
        null,
      ],
    ],
    ['date', [0, 951_782_400_000, -86_400_000, null], ['1970-01-01', '2000-02-29', '1969-12-31', null]],
    ['text', [], []],
    ['bigint', [], []],
    ['numeric', [], []],
  ])('of %s reaches the database as it is (%#)', async (type, values, told) => {
    await client.query(`SET timezone = 'UTC'`);
    const { rows } = await client.query<{ value: string | null }>(
      `SELECT u::text AS value FROM unnest($1::${type}[]) u`,
      [columnArray(type, values as never)],
    );
    expect(rows.map(({ value }) => value)).toEqual(told);
  });

  it('refuses what would be stored as another number', () => {
    for (const value of [2 ** 53, 0.5, Number.NaN])
      expect(() => columnArray('bigint', [value])).toThrow('is no safe integer');
    expect(() => columnArray('integer', [2 ** 31])).toThrow('out of range');
  });
});
