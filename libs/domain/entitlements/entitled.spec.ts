/** What a tenant that is not entitled to something can't do, and who is asked for entitlements at all (DECISIONS 54). */
import type { Command, Issuer } from '../commands.js';
import {
  account,
  card,
  deposit,
  given,
  named,
  OPERATOR,
  tenant,
  transfer,
  type Outcome,
  type Step,
} from '../spec-support.js';
import { outcome, post } from '../transactions/spec-commands.js';
import type { EntitlementKey } from './entitlements.js';

const keyed = (entitlement: EntitlementKey | null): Issuer => ({ plane: 'tenant', keyId: null, entitlement });
const SYSTEM: Issuer = { plane: 'system', keyId: null, entitlement: 'transactions.write' };
const change = (entitlements: object): Command =>
  ({ type: 'ChangeEntitlements', data: { entitlements } }) as unknown as Command;
const without = (key: EntitlementKey): Command => change({ [key]: { enabled: false } });
const most = (max_single_transaction: unknown): Command =>
  change({ 'transactions.write': { config: { max_single_transaction } } });

const two: readonly Step[] = [tenant(), account('ada'), account('bob'), deposit('ada', 1000)];

describe('an entitlement', () => {
  it.each<[string, Issuer, Command, string]>([
    ['its own', keyed('transactions.write'), transfer('ada', 'bob', 1), 'refused: entitlement_required'],
    ['another one', keyed('accounts.write'), transfer('ada', 'bob', 1), 'TransactionPosted'],
    ['none', keyed(null), transfer('ada', 'bob', 1), 'TransactionPosted'],
    [
      'what it would be refused for anyway',
      keyed('transactions.write'),
      post({ amount: 0 }),
      'refused: entitlement_required',
    ],
    [
      'an operator’s',
      { ...OPERATOR, entitlement: 'transactions.write' },
      transfer('ada', 'bob', 1),
      'TransactionPosted',
    ],
    ['the system’s', SYSTEM, transfer('ada', 'bob', 1), 'TransactionPosted'],
  ])('that was taken away stops a command that needs %s', (_whose, issuer, command, expected) => {
    const { decision, outcome: found } = given(...two, without('transactions.write')).when(command, issuer);
    expect(found).toBe(expected);
    if (decision.kind === 'refused') {
      expect(decision).toMatchObject({
        rule: 'transactions.write',
        message: 'The tenant is not entitled to transactions.write.',
      });
    }
  });

  it('is asked for after the tenant’s status', () => {
    const stop: Command = { type: 'ChangeTenantStatus', data: { status: 'suspended' } };
    const { when } = given(...two, without('transactions.write'), stop);
    expect(when(transfer('ada', 'bob', 1), keyed('transactions.write')).outcome).toBe('refused: tenant_suspended');
  });

  it('holds again from the next command on', () => {
    const { when } = given(...two, without('transactions.write'));
    when(change({ 'transactions.write': { enabled: true } }));
    expect(when(transfer('ada', 'bob', 1), keyed('transactions.write')).outcome).toBe('TransactionPosted');
  });
});

describe('cards that are tapped', () => {
  const entitled = change({ 'cards.nfc.manage': { enabled: true } });
  const issue = (type: 'nfc' | 'virtual'): Command => ({ type: 'IssueCard', data: { account_id: '@ada', type } });
  const suspend: Command = { type: 'ChangeCardStatus', data: { card_id: '@tap', action: 'suspend' } };
  const rename: Command = { type: 'UpdateCard', data: { card_id: '@tap', holder_name: 'Ada' } };

  it('need an entitlement of their own to be issued, others don’t', () => {
    const { when } = given(...two);
    expect(when(issue('nfc'), keyed(null)).decision).toMatchObject({
      code: 'entitlement_required',
      rule: 'cards.nfc.manage',
    });
    expect(when(issue('virtual'), keyed(null)).outcome).toBe('CardIssued');
    when(entitled);
    expect(when(issue('nfc'), keyed(null)).outcome).toBe('CardIssued');
  });

  it.each([
    ['changed', rename, 'CardUpdated'],
    ['suspended', suspend, 'CardStatusChanged'],
  ])('and to be %s', (_how, command, expected) => {
    const history = [...two, ...card('tap', 'ada', { type: 'nfc' })];
    expect(given(...history).when(command, keyed(null)).outcome).toBe('refused: entitlement_required');
    expect(given(...history, entitled).when(command, keyed(null)).outcome).toBe(expected);
  });

  it('are known to the network whatever the tenant is entitled to', () => {
    const merchant = { name: 'Shop', category_code: '5411' };
    const authorize: Command = {
      type: 'AuthorizeCard',
      data: { card_id: '@tap', amount: 1, currency: 'NGN', merchant, network_reference: 'n1' },
    };
    expect(given(...two, ...card('tap', 'ada', { type: 'nfc' })).when(authorize, keyed(null)).outcome).toBe(
      'CardAuthorized',
    );
  });
});

describe('the most that may be moved at once', () => {
  const rich: readonly Step[] = [
    ...two,
    account('eve', 'customer', 'USD'),
    account('till', 'float'),
    named('euro', {
      type: 'PostTransaction',
      data: { type: 'deposit', amount: 1000, currency: 'USD', destination: '@eve' },
    }),
  ];
  /** Without the accounts of the ledger's own that it may open. */
  const lastOf = (found: Outcome): string => outcome(found).replaceAll(/\w*AccountOpened /g, '');
  const TOO_MUCH = 'TransactionFailed: max_single_transaction_exceeded by rule';

  it.each<[string, unknown, Command, string]>([
    ['all of it', 100, post({ amount: 100 }), 'TransactionPosted'],
    ['one more', 100, post({ amount: 101 }), TOO_MUCH],
    ['nothing at all', 0, post({ amount: 1 }), TOO_MUCH],
    ['a deposit', 100, deposit('bob', 101), TOO_MUCH],
    ['a withdrawal', 100, post({ type: 'withdrawal', amount: 101, destination: undefined }), TOO_MUCH],
    ['another currency than the default one', 100, deposit('eve', 101, 'USD'), 'TransactionPosted'],
    ['a currency that is named', { USD: 100 }, deposit('eve', 101, 'USD'), TOO_MUCH],
    ['one that is not', { USD: 100 }, post({ amount: 999 }), 'TransactionPosted'],
    [
      'what an exchange takes',
      { NGN: 100 },
      post({ type: 'exchange', amount: 101, destination: '@eve', rate: '1', destination_amount: 101 }),
      TOO_MUCH,
    ],
    [
      'not what it gives',
      { USD: 100 },
      post({ type: 'exchange', amount: 101, destination: '@eve', rate: '1', destination_amount: 101 }),
      'TransactionPosted',
    ],
    [
      'not a journal',
      100,
      {
        type: 'PostTransaction',
        data: {
          type: 'journal',
          entries: [
            { account: '@ada', direction: 'debit', amount: 101, currency: 'NGN' },
            { account: '@bob', direction: 'credit', amount: 101, currency: 'NGN' },
          ],
        },
      },
      'TransactionPosted',
    ],
    ['before the legs', 100, post({ amount: 9_999_999 }), TOO_MUCH],
    [
      'after the time',
      100,
      post({ amount: 101, effective_at: '2999-01-01T00:00:00Z' }),
      'TransactionFailed: effective_at_out_of_range',
    ],
    ['none', null, post({ amount: 1000 }), 'TransactionPosted'],
  ])('bounds %s', (_what, bound, command, expected) => {
    const history = bound === null ? rich : [...rich, most(bound)];
    expect(lastOf(given(...history).when(command))).toBe(expected);
  });

  it('is told with the entitlement that says so', () => {
    const { when } = given(...rich, most(100));
    expect(when(post({ amount: 101 })).events.at(-1)?.data).toMatchObject({
      transaction: { failure_code: 'max_single_transaction_exceeded', failure_rule: 'transactions.write' },
    });
  });

  it('is of the currency that is the default one when money is moved', () => {
    const { when } = given(tenant(), account('eve', 'customer', 'USD'), most(100));
    expect(lastOf(when(deposit('eve', 101, 'USD')))).toBe('TransactionPosted');
    when({ type: 'UpdateTenant', data: { default_currency: 'USD' } });
    expect(outcome(when(deposit('eve', 101, 'USD')))).toBe(TOO_MUCH);
  });
});
