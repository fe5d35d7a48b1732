import type { LedgerFact } from '#domain/ledger.js';
import type { Call } from '#platform/http/call.js';
import type { Reads } from './reads.js';
import { Reading } from './reading.js';
import { RecentWrites } from './recent-writes.js';

const TENANT = 'tnt_1';
const opened = (account_id: string): LedgerFact =>
  ({ type: 'AccountOpened', data: { account: { account_id } } }) as never;
const blocked = (account_id: string, account_ids: readonly string[], count = account_ids.length): LedgerFact =>
  ({ type: 'AccountBlocked', data: { account: { account_id }, affected: { account_ids, count } } }) as never;

describe('recent writes', () => {
  let now = 100_000;
  let recent: RecentWrites;
  beforeEach(() => {
    recent = new RecentWrites(() => now);
  });
  const note = (fact: LedgerFact, revision: number): void => recent.note(TENANT, 'key_1', fact, revision);

  it('know the resource and the writer', () => {
    note(opened('acc_1'), 7);
    expect([recent.of('acc_1'), recent.of('key_1'), recent.of('acc_2'), recent.of('key_2')]).toEqual([7, 7, -1, -1]);
  });

  it('keep the highest revision, whatever comes last', () => {
    note(opened('acc_1'), 7);
    note(opened('acc_1'), 3);
    expect([recent.of('acc_1'), recent.of('key_1')]).toEqual([7, 7]);
  });

  it('keep it over both generations', () => {
    note(opened('acc_1'), 7);
    now += 5_001;
    note(opened('acc_1'), 3);
    expect([recent.of('acc_1'), recent.of('key_1')]).toEqual([7, 7]);
  });

  it('forget after two generations', () => {
    note(opened('acc_1'), 7);
    for (let i = 0; i < 2; i += 1) {
      now += 5_001;
      note(opened('acc_2'), 8);
    }
    expect(recent.of('acc_1')).toBe(-1);
  });

  it('know the accounts that a block takes with it', () => {
    note(blocked('acc_1', ['acc_2', 'acc_3']), 9);
    expect(['acc_1', 'acc_2', 'acc_3', 'acc_4'].map((id) => recent.ofAccount(TENANT, id))).toEqual([9, 9, 9, -1]);
  });

  it('take every account of the tenant for changed where a block does not name all', () => {
    note(opened('acc_4'), 12);
    note(blocked('acc_1', ['acc_2'], 1_001), 9);
    expect(['acc_2', 'acc_3', 'acc_4'].map((id) => recent.ofAccount(TENANT, id))).toEqual([9, 9, 12]);
    expect(recent.ofAccount('tnt_2', 'acc_3')).toBe(-1);
  });

  it('make a read of an account wait for what changed it, named or not', async () => {
    const waited: number[] = [];
    const waitFor = async (_tenantId: string, revision: number): Promise<boolean> => waited.push(revision) > 0;
    const reading = new Reading({ waitFor } as unknown as Reads, {} as never, recent);
    const read = (id: string): Promise<void> => reading.await({ minRevision: null } as Call, TENANT, id);
    note(blocked('acc_1', ['acc_2'], 1_001), 9);
    for (const id of ['acc_2', 'acc_3', 'card_1']) await read(id);
    expect(waited).toEqual([9, 9]);
  });
});
