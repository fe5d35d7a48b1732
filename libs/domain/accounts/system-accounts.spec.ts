import type { LedgerDraft } from '../ledger.js';
import { account, given, tenant } from '../spec-support.js';
import { isReservedCode, systemAccount } from './system-accounts.js';

describe('systemAccount', () => {
  it.each([
    ['network_payable', 'credit', true],
    ['processor_receivable', 'debit', true],
    ['fee_expense', 'debit', true],
    ['interchange', 'credit', true],
    ['suspense', 'credit', true],
    ['settlement_clearing', 'debit', true],
    ['fees:platform', 'credit', true],
    ['exchange:EUR-NGN', 'credit', true],
    ['receivable:acc_1', 'debit', false],
  ])('%s has normal side %s', (code, normal_side, allow_negative) => {
    const { book } = given(tenant());
    const drafts: LedgerDraft[] = [];
    const id = systemAccount(book.state, book.moment(), drafts, code, 'NGN');
    expect(isReservedCode(code)).toBe(true);
    expect(drafts).toMatchObject([
      {
        type: 'SystemAccountOpened',
        data: { account: { account_id: id, account_code: code, wallet_type: 'system', normal_side, allow_negative } },
      },
    ]);
  });

  it.each(['fees', 'receivable', 'exchange', 'wallet:1', 'toString', 'floats'])('%s is nobody’s code', (code) => {
    expect(isReservedCode(code)).toBe(false);
  });

  it('opens as an account without anything', () => {
    const { book } = given(tenant());
    const drafts: LedgerDraft[] = [];
    const account_id = systemAccount(book.state, book.moment(), drafts, 'fees:platform', 'NGN');
    expect(drafts[0]?.data).toEqual({
      account: {
        account_id,
        account_code: 'fees:platform',
        account_name: { clear: expect.stringMatching(/: platform$/) as unknown },
        wallet_type: 'system',
        currency: 'NGN',
        normal_side: 'credit',
        status: 'active',
        post_no_debit: false,
        post_no_credit: false,
        kyc_tier: 'tier1',
        parent_account_id: null,
        customer_id: null,
        overdraft_limit: 0,
        allow_negative: true,
        blocks: [],
        closure: null,
        balance: 0,
        held: 0,
        receivable: 0,
        metadata: [],
      },
    });
  });

  it('is not taken for the main float that the same decision opens', () => {
    const { book } = given(tenant());
    const drafts: LedgerDraft[] = [];
    const codes = ['float', 'suspense', 'network_payable', 'float', 'suspense', 'network_payable'];
    const ids = codes.map((code) => systemAccount(book.state, book.moment(), drafts, code, 'NGN'));
    expect(ids.slice(3)).toEqual(ids.slice(0, 3));
    expect(new Set(ids).size).toBe(3);
    expect(drafts[0]?.data).toMatchObject({
      account: {
        account_code: expect.stringMatching(/^FLT-/) as unknown,
        account_name: { clear: 'Main float NGN' },
        allow_negative: false,
      },
    });
  });

  it('is looked for among drafts that open no account, too', () => {
    const { book } = given(tenant());
    const drafts = [
      { type: 'PeriodClosed', data: { through: '2026-01-01T00:00:00.000Z' } },
    ] as unknown as LedgerDraft[];
    systemAccount(book.state, book.moment(), drafts, 'suspense', 'NGN');
    expect(drafts.map(({ type }) => type)).toEqual(['PeriodClosed', 'SystemAccountOpened']);
  });

  it('is opened once: in one decision, and ever', () => {
    const { book } = given(tenant());
    const drafts: LedgerDraft[] = [];
    const open = (currency: string): string => systemAccount(book.state, book.moment(), drafts, 'suspense', currency);
    const first = open('NGN');
    expect(open('NGN')).toBe(first);
    expect(open('EUR')).not.toBe(first);
    expect(drafts).toHaveLength(2);
    book.write(drafts);
    expect(open('NGN')).toBe(first);
    expect(drafts).toHaveLength(2);
  });

  it('makes a main float where the tenant has none, which shows as an account', () => {
    const { book } = given(tenant(), account('till', 'float', 'EUR'));
    const drafts: LedgerDraft[] = [];
    expect(systemAccount(book.state, book.moment(), drafts, 'float', 'EUR')).toBe(book.id('till'));
    const id = systemAccount(book.state, book.moment(), drafts, 'float', 'NGN');
    expect(systemAccount(book.state, book.moment(), drafts, 'float', 'NGN')).toBe(id);
    expect(drafts).toMatchObject([
      { type: 'AccountOpened', data: { account: { account_id: id, wallet_type: 'float', normal_side: 'debit' } } },
    ]);
  });

  it('knows no other codes', () => {
    const { book } = given(tenant());
    expect(() => systemAccount(book.state, book.moment(), [], 'slush', 'NGN')).toThrow(RangeError);
    expect(() => systemAccount(book.state, book.moment(), [], 'fees:', 'NGN')).toThrow(RangeError);
  });
});
