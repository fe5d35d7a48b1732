import type { Command } from '../commands.js';
import { given, tenant, type Row } from '../spec-support.js';
import type { EntitlementChange } from './change-entitlements.js';
import { ENTITLEMENT_KEYS, ENTITLEMENTS } from './entitlements.js';

const change = (entitlements: Readonly<Record<string, unknown>>): Command => ({
  type: 'ChangeEntitlements',
  data: { entitlements: entitlements as Readonly<Record<string, EntitlementChange>> },
});
const config = (key: string, values: object | null): Command => change({ [key]: { enabled: true, config: values } });
const most = (max_single_transaction: unknown): Command => config('transactions.write', { max_single_transaction });
const refusedMost =
  'refused: invalid_entitlement_config (entitlements.transactions.write.config.max_single_transaction)';
const refusedTerms = 'refused: invalid_entitlement_config (entitlements.transactions.write.config)';
const destinations = (allowed_destinations: unknown): Command => config('payouts.write', { allowed_destinations });
const refusedDestinations =
  'refused: invalid_entitlement_config (entitlements.payouts.write.config.allowed_destinations)';

const ROWS: readonly Row[] = [
  ['without a tenant', [], change({}), 'refused: tenant_not_found'],
  ['while suspended', [tenant({ status: 'suspended' })], change({}), 'refused: tenant_suspended'],
  [
    'a key that there is not',
    [tenant()],
    change({ 'pos.profiles': {} }),
    'refused: unknown_entitlement (entitlements.pos.profiles)',
  ],
  [
    'a word that every object knows',
    [tenant()],
    change({ constructor: {} }),
    'refused: unknown_entitlement (entitlements.constructor)',
  ],
  [
    'the unknown goes before what comes after it',
    [tenant()],
    change({ none: {}, 'transactions.write': { config: { max_single_transaction: -1 } } }),
    'refused: unknown_entitlement (entitlements.none)',
  ],
  [
    'terms of one that has none',
    [tenant()],
    config('accounts.read', { max: 1 }),
    'refused: invalid_entitlement_config (entitlements.accounts.read.config.max)',
  ],
  [
    'terms of another one',
    [tenant()],
    config('transactions.write', { max_terminals: 1 }),
    'refused: invalid_entitlement_config (entitlements.transactions.write.config.max_terminals)',
  ],
  [
    'a word that every object knows, as terms',
    [tenant()],
    config('transactions.write', { toString: 1 }),
    'refused: invalid_entitlement_config (entitlements.transactions.write.config.toString)',
  ],
  [
    'half a terminal',
    [tenant()],
    config('pos.terminals.manage', { max_terminals: 0.5 }),
    'refused: invalid_entitlement_config (entitlements.pos.terminals.manage.config.max_terminals)',
  ],
  [
    'as text',
    [tenant()],
    config('virtual_accounts.issue_dynamic', { max_daily_issuance: '9' }),
    'refused: invalid_entitlement_config (entitlements.virtual_accounts.issue_dynamic.config.max_daily_issuance)',
  ],
  ['less than nothing', [tenant()], most(-1), refusedMost],
  ['2^53', [tenant()], most(2 ** 53), refusedMost],
  ['of no currency', [tenant()], most({}), refusedMost],
  ['of a currency that there is not', [tenant()], most({ XXX: 1 }), refusedMost],
  ['half a kobo', [tenant()], most({ NGN: 0.5 }), refusedMost],
  ['half a kobo beside a cent', [tenant()], most({ USD: 1, NGN: 0.5 }), refusedMost],
  ['nothing that counts', [tenant()], most('5'), refusedMost],
  ['a list of amounts', [tenant()], most([1]), refusedMost],
  ['a text for a list', [tenant()], destinations('058'), refusedDestinations],
  ['a list of numbers', [tenant()], destinations([58]), refusedDestinations],
  ['a list with a number', [tenant()], destinations(['058', 58]), refusedDestinations],
  ['a text of 101', [tenant()], destinations(['x'.repeat(101)]), refusedDestinations],
  ['a text of 100', [tenant()], destinations(['x'.repeat(100)]), 'EntitlementsChanged'],
  ['100 texts', [tenant()], destinations(Array.from({ length: 100 }, (_, i) => `${i}`)), 'EntitlementsChanged'],
  ['a list as terms', [tenant()], config('transactions.write', []), refusedTerms],
  ['a text as terms', [tenant()], change({ 'transactions.write': { config: 'x' } }), refusedTerms],
  ['one twice', [tenant()], destinations(['058', '058']), refusedDestinations],
  ['an empty text', [tenant()], destinations(['']), refusedDestinations],
  ['a text that can’t be stored', [tenant()], destinations(['\u0000']), refusedDestinations],
  ['101 texts', [tenant()], destinations(Array.from({ length: 101 }, (_, i) => `${i}`)), refusedDestinations],
  ['an amount of the default currency', [tenant()], most(5), 'EntitlementsChanged'],
  ['an amount by currency', [tenant()], most({ NGN: 0, USD: 5 }), 'EntitlementsChanged'],
  ['a list of texts', [tenant()], destinations(['058', 'Wema Bank']), 'EntitlementsChanged'],
  ['nothing named', [tenant()], change({}), 'unchanged'],
  ['as it is', [tenant()], change({ 'accounts.read': { enabled: true, config: {} } }), 'unchanged'],
  ['nothing of one', [tenant()], change({ 'payouts.write': {} }), 'unchanged'],
  ['none where none is', [tenant()], most(null), 'unchanged'],
];

describe('ChangeEntitlements', () => {
  it.each(ROWS)('%s', (_telling, history, command, outcome) => {
    expect(given(...history).when(command).outcome).toBe(outcome);
  });

  it('says the whole map, and of what changed what was before', () => {
    const { when } = given(tenant());
    const [event] = when(change({ 'payouts.write': { enabled: true }, 'accounts.read': {} })).events;
    expect(event?.data).toMatchObject({
      entitlements: { 'payouts.write': { enabled: true, config: {} }, 'accounts.read': { enabled: true, config: {} } },
      previous: { 'payouts.write': { enabled: false, config: {} } },
    });
    const { entitlements, previous } = event?.data as Record<'entitlements' | 'previous', object>;
    expect(Object.keys(entitlements).sort()).toEqual([...ENTITLEMENT_KEYS].sort());
    expect(Object.keys(previous)).toEqual(['payouts.write']);
  });

  it('merges: what is not named stays, a named value is replaced, null takes it away', () => {
    const { book, when } = given(tenant());
    const standing = (): unknown => book.state.entitlements.value['transactions.write'];
    when(most({ NGN: 5, USD: 6 }));
    when(change({ 'transactions.write': { enabled: false }, 'payouts.write': { enabled: true } }));
    expect(standing()).toEqual({ enabled: false, config: { max_single_transaction: { NGN: 5, USD: 6 } } });
    when(most({ NGN: 7 }));
    expect(standing()).toEqual({ enabled: true, config: { max_single_transaction: { NGN: 7 } } });
    when(most(null));
    expect(standing()).toEqual({ enabled: true, config: {} });
    when(most(1));
    when(config('transactions.write', null));
    expect(standing()).toEqual({ enabled: true, config: {} });
    expect(book.state.entitlements.value['payouts.write']?.enabled).toBe(true);
  });

  it('has every key of the platform, switched on but for virtual accounts, POS, payouts and cards that are tapped', () => {
    const off = ENTITLEMENT_KEYS.filter((key) => !ENTITLEMENTS[key].enabled);
    const on = ENTITLEMENT_KEYS.filter((key) => ENTITLEMENTS[key].enabled);
    expect(off.every((key) => /^(virtual_accounts|pos|cards\.nfc)\.|^payouts\.write$/.test(key))).toBe(true);
    expect(on.some((key) => /^(virtual_accounts|pos|payouts|cards)\./.test(key))).toBe(false);
    expect(ENTITLEMENT_KEYS).toHaveLength(36);
  });
});
