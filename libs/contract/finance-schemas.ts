/** Schemas of what is answered of settlements and liquidity: a part of `resource-schemas.ts`. */
import { LINE_TYPES, SETTLEMENT_STATUSES } from '#domain/settlements/settlements.js';
import {
  amount,
  complete,
  currency,
  flag,
  id,
  is,
  list,
  nullable,
  oneOf,
  ref,
  text,
  time,
  whole,
  type Schema,
} from './schema-words.js';

const date: Schema = { type: 'string', format: 'date' };
const percent: Schema = { type: 'number', description: 'Percent with two decimals.' };

const share: Schema = { ...whole, description: 'Basis points: 10500 is 105 %.' };

const standing = {
  currency,
  total_customer_liabilities: amount,
  total_available_liquidity: amount,
  liquidity_shortfall: amount,
  liquidity_surplus: amount,
  coverage_ratio: {
    ...nullable(percent),
    description: 'Liquidity in percent of liabilities; null without a float account or without liabilities.',
  },
  buffer_percent: nullable(percent),
};

const snapshot = {
  object: is('liquidity_snapshot'),
  id: id('liquidity_snapshot'),
  snapshot_id: id('liquidity_snapshot'),
  ...standing,
  revision: { ...whole, description: 'Of the tenant’s stream: folding it so far gives these figures again.' },
  snapshot_at: time,
  created_at: time,
};

export const FINANCE_SCHEMAS: Readonly<Record<string, Schema>> = {
  settlement: complete({
    object: is('settlement'),
    id: id('settlement'),
    business_date: date,
    currency,
    status: oneOf(...SETTLEMENT_STATUSES),
    gross: { ...amount, description: 'Captures and posts.' },
    fees: { ...amount, description: 'What the network charges, less the interchange that it pays.' },
    refunds: { ...amount, description: 'What the network gave back: refunds and posted credits.' },
    adjustments: amount,
    net: { ...amount, description: 'gross − refunds + fees + adjustments; above zero: owed to the network.' },
    line_count: whole,
    late_count: { ...whole, description: 'Lines of what happened on an earlier business day.' },
    timezone: text,
    cut_off_hour: whole,
    cut_off_at: time,
    netted_at: nullable(time),
    completed_at: nullable(time),
    paid_amount: nullable(amount),
    difference: { ...nullable(amount), description: '`paid_amount` less the size of `net`; it stands in `suspense`.' },
    payment_reference: nullable(text),
    payment_account_id: nullable(id('account')),
    failure_reason: nullable(text),
    failed_at: nullable(time),
    failures: whole,
    created_at: time,
    updated_at: time,
  }),
  settlement_line: complete({
    object: is('settlement_line'),
    id: id('settlement_line'),
    settlement_id: id('settlement'),
    type: oneOf(...LINE_TYPES),
    amount: { ...amount, description: 'Above zero: owed to the network.' },
    currency,
    event_id: id('event'),
    revision: whole,
    transaction_id: id('transaction'),
    card_transaction_id: nullable(id('card_transaction')),
    late: flag,
    late_for: nullable(date),
    corrects: nullable(id('settlement')),
    created_at: time,
  }),
  business_day: complete({
    object: is('business_day'),
    business_date: date,
    timezone: text,
    cut_off_hour: whole,
    settlements: list(ref('settlement')),
  }),
  finance_settings: complete({
    object: is('finance_settings'),
    cut_off_hour: { ...whole, description: 'Local hour at which the next business day begins; 0: midnight.' },
    settlement_account_id: nullable(id('account')),
    coverage_alert_bps: share,
    coverage_restored_bps: share,
    snapshot_minutes: whole,
    webhook_failure_bps: share,
    kyc_rejection_bps: share,
    rate_limit_hits_per_day: whole,
    blocked_accounts_per_day: whole,
  }),
  liquidity_standing: complete({
    ...standing,
    status: oneOf('covered', 'breached'),
    threshold_percent: {
      ...percent,
      description: 'Below it there is an alert; once breached, the mark at which it ends.',
    },
    revision: whole,
    at: time,
  }),
  liquidity: complete({ object: is('liquidity'), data: list(ref('liquidity_standing')) }),
  liquidity_curve: complete({
    object: is('liquidity_curve'),
    data: list(complete({ ...standing, revision: whole, at: time })),
  }),
  liquidity_simulation: complete({
    object: is('liquidity_simulation'),
    before: complete(standing),
    after: complete(standing),
    breaches: { ...flag, description: 'Whether it would raise an alert.' },
    revision: whole,
  }),
  liquidity_snapshot: complete(snapshot),
  liquidity_snapshot_page: complete({
    snapshots: list(ref('liquidity_snapshot')),
    pagination: complete({ limit: whole, offset: whole, total_count: whole, cursor: nullable(text) }),
  }),
  liquidity_snapshots: complete({ snapshots: list(ref('liquidity_snapshot')) }),
  liquidity_snapshot_detail: complete({
    snapshot: ref('liquidity_snapshot'),
    breakdown: complete({
      by_wallet_type: complete({ customer: amount, business: amount, merchant: amount, agent: amount }),
    }),
  }),
};
