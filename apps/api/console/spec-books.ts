/** Books for the console to show, and people to show them to. */
import type { Smtp } from '../../../test/support/smtp.js';
import type { InstallationUnderTest } from '../spec-installation.js';
import type { Reply } from '../spec-support.js';

export const PASSWORD = 'correct horse battery';
export const MARKUP = `<img src=x onerror="alert('1')">`;

/** A tenant with a customer's money in it, and what its ids are. */
export interface Books {
  readonly tenant: { readonly id: string; readonly workspace_id: string };
  readonly key: string;
  /** A key that writes. */
  readonly writer: string;
  readonly account: string;
  readonly transaction: { readonly id: string; readonly revision: number };
  readonly card: string;
  readonly purchase: string;
  readonly settlement: string;
}

export const keyOf = async (
  at: InstallationUnderTest,
  tenantId: string,
  scopes: readonly string[],
  prefix = 'live',
): Promise<string> => {
  const made = await at.admin('POST', `/${tenantId}/api-keys`, { prefix, name: 'Reader', scopes });
  if (made.status !== 201) throw new Error(made.text);
  return made.body.full_key as string;
};

const READS = ['accounts', 'transactions', 'cards', 'settlements', 'liquidity', 'events'].map((one) => `${one}:read`);
const WRITES = ['accounts', 'transactions', 'cards', 'settlements'].map((one) => `${one}:write`);

export const booksOf = async (
  at: InstallationUnderTest,
  more: { readonly name: string; readonly environment?: 'sandbox' },
): Promise<Books> => {
  const tenant = await at.tenant({ timezone: 'Africa/Lagos', ...more });
  const prefix = more.environment === 'sandbox' ? 'test' : 'live';
  const writer = await keyOf(at, tenant.id, [...WRITES, ...READS], prefix);
  const key = await keyOf(at, tenant.id, [...READS, 'ledger:audit'], prefix);
  let keys = 0;
  const post = async (url: string, body?: object): Promise<Reply['body']> => {
    const reply = await at.send('POST', url, body, { as: writer, headers: { 'idempotency-key': `k${++keys}` } });
    if (reply.status >= 300) throw new Error(reply.text);
    return reply.body;
  };
  const account = await post('/v1/accounts', { account_name: MARKUP, wallet_type: 'customer', currency: 'NGN' });
  await post('/v1/accounts', { account_name: 'Float', wallet_type: 'float', currency: 'NGN' });
  const deposit = { type: 'deposit', amount: 1_234_567, currency: 'NGN', destination: account.id };
  const transaction = await post('/v1/transactions', { ...deposit, reference: `INV-1<b>`, narration: MARKUP });
  const card = await post('/v1/cards', { account_id: account.id, type: 'virtual', holder_name: MARKUP });
  await post(`/v1/cards/${card.id as string}/activate`);
  const purchase = await post('/v1/card_transactions/post', {
    card_id: card.id,
    amount: 5_005,
    currency: 'NGN',
    direction: 'debit',
    network_reference: 'net-1',
    merchant: { name: MARKUP, category_code: '5411' },
  });
  return {
    tenant,
    key,
    writer,
    account: account.id as string,
    transaction: transaction as unknown as Books['transaction'],
    card: card.id as string,
    purchase: purchase.id as string,
    settlement: purchase.settlement_id as string,
  };
};

/** Invites somebody, accepts for them with a password. */
export const joined = async (
  at: InstallationUnderTest,
  smtp: Smtp,
  tenantId: string,
  email: string,
  role: string,
): Promise<void> => {
  await at.admin('POST', `/${tenantId}/invitations`, { email, full_name: 'Jane <Smith>', role });
  const token = /Token: ([\w-]+)/.exec((await smtp.letterTo(email)).text)![1];
  const { status, text } = await at.send('POST', '/api/v1/auth/invitations/accept', { token, password: PASSWORD });
  if (status !== 200) throw new Error(text);
};
