/** A small book with something of everything, and what somebody does to it who wants to hide something. */
import { canonicalJson, type Json } from '#domain/canonical.js';
import type { Command } from '#domain/commands.js';
import {
  account,
  Book,
  card,
  customer,
  DAY,
  deposit,
  elapse,
  limit,
  named,
  replaceLimits,
  tenant,
  transfer,
  type Step,
} from '#domain/spec-support.js';
import { exportedBook } from '../support/books.js';

const command = (type: string, data: object): Command => ({ type, data }) as Command;
const post = (data: object): Command => command('PostTransaction', data);

const message = (type: string, amount: number | undefined, data: object = {}): Command =>
  command(type, { card_transaction_id: '@buy', ...(amount === undefined ? {} : { amount }), ...data });

const STEPS: readonly Step[] = [
  tenant(),
  customer('cyn'),
  account('ada', 'customer', 'NGN', { customer_id: '@cyn' }),
  account('bob', 'business'),
  account('eve', 'customer', 'EUR'),
  account('books', 'general', 'NGN', { allow_negative: true }),
  deposit('ada', 90_000),
  deposit('bob', 5_000),
  command('ReplaceFeeRules', {
    rules: [
      {
        channel: 'funds_transfer',
        currency: 'NGN',
        flat_amount: 10,
        percentage_rate: '0.015',
        fee_cap: 200,
        who_pays: 'customer',
        who_gets_paid: 'tenant',
        effective_from: '2026-01-01T00:00:00Z',
      },
    ],
  }),
  replaceLimits(limit(50_000), limit(200_000, { direction: 'inbound', max_balance: 500_000 })),
  named(
    'paid',
    post({
      type: 'transfer',
      amount: 1000,
      currency: 'NGN',
      source: '@ada',
      destination: '@bob',
      channel: 'funds_transfer',
      reference: 'inv-1',
    }),
  ),
  named('sent', { ...transfer('ada', 'bob', 700) }),
  post({
    type: 'exchange',
    amount: 101,
    currency: 'NGN',
    source: '@ada',
    destination: '@eve',
    rate: '0.5',
    destination_amount: 50,
  }),
  named(
    'book',
    post({
      type: 'journal',
      entries: [
        { account: '@books', direction: 'debit', amount: 300, currency: 'NGN' },
        { account: '@bob', direction: 'credit', amount: 200, currency: 'NGN' },
        { account: '@ada', direction: 'credit', amount: 100, currency: 'NGN' },
      ],
    }),
  ),
  command('ReverseTransaction', { transaction_id: '@paid', amount: 400 }),
  command('ReverseTransaction', { transaction_id: '@paid', amount: 600 }),
  command('ReverseTransaction', { transaction_id: '@book', amount: 100 }),
  named(
    'hold',
    command('CreateReservation', {
      account_id: '@ada',
      amount: 2000,
      currency: 'NGN',
      destination: '@bob',
      reference: 'rsv-1',
    }),
  ),
  command('CaptureReservation', { reservation_id: '@hold', amount: 500, final: false }),
  command('ReleaseReservation', { reservation_id: '@hold' }),
  ...card('visa', 'ada'),
  named(
    'buy',
    command('AuthorizeCard', {
      card_id: '@visa',
      amount: 3000,
      currency: 'NGN',
      merchant: { name: 'Shop', category_code: '5411' },
      network_reference: 'n-1',
    }),
  ),
  message('IncrementCardTransaction', 500, { network_reference: 'n-2' }),
  message('AdjustCardTransaction', 3200, { network_reference: 'n-3' }),
  message('ReverseCardTransaction', 200, { network_reference: 'n-4' }),
  message('CaptureCardTransaction', 1000, { network_reference: 'n-5', final: false }),
  message('CaptureCardTransaction', 2500, { network_reference: 'n-6' }),
  named('back', message('RefundCardTransaction', 300, { network_reference: 'n-7' })),
  command('PostCardTransaction', {
    card_id: '@visa',
    amount: 120_000,
    currency: 'NGN',
    merchant: { name: 'Hotel', category_code: '7011' },
    network_reference: 'n-8',
    direction: 'debit',
  }),
  deposit('ada', 60_000),
  command('ClosePeriod', { through: '2026-01-05T00:00:00Z' }),
  command('UpdateAccount', { account_id: '@bob', overdraft_limit: 100 }),
  command('BlockAccount', {
    account_id: '@eve',
    reason: 'odd',
    source: 'desk',
    block_debits: true,
    block_credits: true,
  }),
  named('kept', command('CreateReservation', { account_id: '@bob', amount: 10, currency: 'NGN' })),
  elapse(8 * DAY),
  command('CreateReservation', { account_id: '@bob', amount: 30, currency: 'NGN' }),
  transfer('bob', 'ada', 25),
];

/** The nth command with an idempotency key: two events where it opens an account first. */
const keyed = (envelope: Envelope, n: number, events: number): void => {
  const digest = (letter: string) => `${letter}${n.toString(16)}`.padEnd(64, '0');
  envelope.meta.idempotency = {
    events,
    key: digest('a'),
    operation: 'createTransaction',
    part: null,
    request: digest('b'),
  };
};

/* eslint-disable-next-line @typescript-eslint/no-explicit-any -- whatever an event says, somebody may change it */
type Changeable = any;

export interface Envelope {
  revision: number;
  id: string;
  type: string;
  v: number;
  at: string;
  data: Changeable;
  meta: Changeable;
}

/** The stored envelopes of the book, in order. */
export const honest = (): Envelope[] => {
  const book = new Book();
  for (const step of STEPS) book.step(step);
  const envelopes = book.stored.map((text) => JSON.parse(text) as Envelope);
  envelopes[0]!.meta.tenant_id = envelopes[0]!.data.tenant.tenant_id;
  for (const envelope of envelopes) envelope.meta.request_id = `req_${envelope.revision}`;
  const transfers = envelopes.filter(({ type }) => type === 'TransactionPosted');
  for (const [n, envelope] of transfers.entries()) keyed(envelope, n, 1);
  const opened = envelopes.findIndex(
    ({ type }, i) => type === 'SystemAccountOpened' && envelopes[i + 1]!.type === 'TransactionPosted',
  );
  keyed(envelopes[opened]!, 99, 2);
  envelopes[opened + 1]!.meta = {
    ...envelopes[opened]!.meta,
    idempotency: null,
    sequence: envelopes[opened + 1]!.meta.sequence,
  };
  return envelopes;
};

/** Lines of an export of these envelopes, all hashes, the tree and the checkpoint made anew. */
export const exported = (envelopes: readonly Envelope[], signer?: Parameters<typeof exportedBook>[1]): string[] =>
  exportedBook(
    envelopes.map((envelope) => canonicalJson(envelope as unknown as Json)),
    signer,
  );
