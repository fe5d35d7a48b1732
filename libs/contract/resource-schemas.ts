/** JSON Schemas of what is answered, newest version. The specs check every answer against them. */
import { ERROR_TYPES, ERRORS } from './problems.js';
import { DECLINE_REASONS, ELEMENT_TYPES } from '#domain/card-transactions/card-transactions.js';
import {
  configTypesOf,
  ENTITLEMENT_KEYS,
  type ConfigType,
  type EntitlementKey,
} from '#domain/entitlements/entitlements.js';
import {
  amount,
  complete,
  currency,
  flag,
  id,
  is,
  list,
  mcc,
  metadata,
  nullable,
  oneOf,
  ref,
  text,
  time,
  whole,
  type Schema,
} from './schema-words.js';
import { withExpansions } from './expansions.js';
import { EVENT_SCHEMAS } from './event-schemas.js';
import { FINANCE_SCHEMAS } from './finance-schemas.js';
import { KYC_SCHEMAS } from './kyc-schemas.js';
import { AUDIT_SCHEMAS } from './audit-schemas.js';
import { HEALTH_SCHEMAS } from './health-operations.js';
import { PERIOD_SCHEMAS } from './period-operations.js';
import { USER_SCHEMAS } from './user-schemas.js';
import { VERSION_SCHEMAS } from './version-schemas.js';
import { WORKSPACE_SCHEMAS } from './workspace-schemas.js';
import { WEBHOOK_SCHEMAS } from './webhook-schemas.js';
import { RESERVATION_STATUSES } from '#domain/reservations/reservations.js';

const CONFIG_SCHEMAS: { readonly [T in ConfigType]: Schema } = {
  count: { ...whole, minimum: 0 },
  amount: {
    type: ['integer', 'object'],
    minimum: 0,
    additionalProperties: { ...amount, minimum: 0 },
    description: 'Minor units of the default currency, or of each currency that is named.',
  },
  texts: list(text),
};

const entitlement = (key: EntitlementKey): Schema => {
  const types = Object.entries(configTypesOf(key));
  const config = Object.fromEntries(types.map(([name, type]) => [name, CONFIG_SCHEMAS[type]]));
  return complete({ enabled: flag, config: { type: 'object', properties: config, additionalProperties: false } });
};

const side = oneOf('debit', 'credit');
const flow = oneOf('inbound', 'outbound');
const tier = oneOf('tier1', 'tier2', 'tier3');

const entryLine = {
  id: id('entry'),
  account_id: id('account'),
  direction: side,
  amount,
  currency,
  balance_after: { ...amount, description: 'The account’s balance after it, on its normal side, minor units.' },
};

const RESOURCES: Readonly<Record<string, Schema>> = {
  account: complete({
    object: is('account'),
    id: id('account'),
    account_code: text,
    account_name: nullable(text),
    wallet_type: oneOf('customer', 'business', 'merchant', 'agent', 'float', 'general', 'system'),
    normal_side: side,
    status: oneOf('active', 'frozen', 'closed'),
    currency,
    balance: amount,
    held: amount,
    available_balance: { ...amount, description: 'balance − held + overdraft_limit, but no more than 2^53 − 1.' },
    overdraft_limit: amount,
    allow_negative: flag,
    receivable: { ...amount, description: 'What its holder owes after clearings beyond the balance.' },
    kyc_tier: tier,
    parent_account_id: nullable(id('account')),
    customer_id: nullable(id('customer')),
    post_no_debit: flag,
    post_no_credit: flag,
    blocks: list(
      complete({ source: text, reason: nullable(text), debits: flag, credits: flag, created_at: time, metadata }),
    ),
    closure: {
      ...complete({ source: text, reason: nullable(text), at: time, metadata }),
      type: ['object', 'null'],
    },
    metadata,
    created_at: time,
    updated_at: time,
  }),
  account_blocking: complete({
    account: ref('account'),
    child_accounts: {
      ...list(complete({ id: id('account') })),
      description: 'Accounts below it that go with it: the first 1,000.',
    },
    child_account_count: whole,
  }),
  balance: complete({
    object: is('balance'),
    account_id: id('account'),
    currency,
    balance: amount,
    held: nullable(amount),
    available_balance: nullable(amount),
    as_of: { ...nullable(text), description: 'The time that was asked for; null: now, or at a revision.' },
    revision: { ...whole, description: 'Of the tenant’s stream: where it is true.' },
  }),
  entry: complete({
    object: is('entry'),
    ...entryLine,
    transaction_id: nullable(id('transaction')),
    effective_at: time,
    created_at: time,
    revision: whole,
  }),
  transaction: complete({
    object: is('transaction'),
    id: id('transaction'),
    type: oneOf(
      'transfer',
      'deposit',
      'withdrawal',
      'journal',
      'exchange',
      'reversal',
      'card_capture',
      'card_credit',
      'card_refund',
      'reservation',
      'reservation_capture',
      'network_fee',
      'interchange',
      'settlement_adjustment',
      'settlement_netting',
      'settlement_payment',
    ),
    status: oneOf('completed', 'failed', 'reversed', 'partially_reversed'),
    channel: nullable(text),
    amount,
    currency,
    destination_amount: nullable(amount),
    rate: nullable(text),
    source: nullable(id('account')),
    destination: nullable(id('account')),
    entries: list(complete(entryLine)),
    fees: list(complete({ rule_id: id('fee_rule'), amount, payer: text, payee: text, account_id: id('account') })),
    fee_amount: amount,
    reference: nullable(text),
    narration: nullable(text),
    failure_code: nullable(text),
    failure_rule: nullable(text),
    reversal_of: nullable(id('transaction')),
    reversed_amount: amount,
    card_transaction_id: nullable(id('card_transaction')),
    reservation_id: nullable(id('reservation')),
    effective_at: time,
    metadata,
    created_at: time,
    updated_at: time,
    revision: { ...whole, description: 'Of the tenant’s stream at which it was recorded.' },
  }),
  entitlements: complete({
    object: is('entitlements'),
    tenant_id: id('tenant'),
    entitlements: {
      type: 'object',
      properties: Object.fromEntries(ENTITLEMENT_KEYS.map((key) => [key, entitlement(key)])),
      required: ENTITLEMENT_KEYS,
      additionalProperties: false,
    },
  }),
  fee_preview: complete({
    object: is('fee_preview'),
    channel: text,
    amount,
    currency,
    fee_amount: amount,
    payer: nullable(text),
    payee: nullable(text),
    rule: { anyOf: [ref('fee_rule'), { type: 'null' }] },
    calculation: {
      ...complete({
        exact: { ...text, description: 'Flat part and share together, before rounding: a decimal of minor units.' },
        rounded: amount,
        clamped_by: { type: ['string', 'null'], enum: ['fee_floor', 'fee_cap', null] },
      }),
      type: ['object', 'null'],
    },
    at: { ...time, description: 'When it would be charged.' },
  }),
  transaction_batch: complete({
    object: is('transaction_batch'),
    data: list(
      complete(
        {
          index: whole,
          status: { ...whole, description: 'HTTP status that it would have been answered with alone.' },
          transaction: ref('transaction'),
          error: ref('error_details'),
        },
        ['transaction', 'error'],
      ),
    ),
  }),
  card: complete({
    object: is('card'),
    id: id('card'),
    account_id: id('account'),
    type: oneOf('virtual', 'physical', 'nfc'),
    status: oneOf('inactive', 'active', 'suspended', 'terminated'),
    last4: { type: 'string', pattern: '^\\d{4}$' },
    holder_name: nullable(text),
    exp_month: nullable(whole),
    exp_year: { ...nullable(whole), description: 'Good to the end of that month, in the tenant’s time zone.' },
    spending_controls: complete({
      blocked_categories: list(mcc),
      limits: list(complete({ amount, interval: oneOf('per_authorization', 'daily', 'monthly', 'all_time') })),
    }),
    metadata,
    created_at: time,
    updated_at: time,
  }),
  reservation: complete({
    object: is('reservation'),
    id: id('reservation'),
    account_id: id('account'),
    amount,
    currency,
    destination: {
      ...nullable(id('account')),
      description: 'Where captures go that name none; null: to the main float.',
    },
    status: oneOf(...RESERVATION_STATUSES),
    amounts: complete({
      held: amount,
      captured: amount,
      released: { ...amount, description: 'On request, or by a final capture of less than was held.' },
      expired: amount,
    }),
    reference: nullable(text),
    transaction_id: { ...nullable(id('transaction')), description: 'Of the latest capture.' },
    expires_at: time,
    metadata,
    created_at: time,
    updated_at: time,
  }),
  reservation_outcome: {
    oneOf: [ref('reservation'), ref('transaction')],
    description: 'The reservation. Only a dry run answers with the failed transaction that would keep a refusal.',
  },
  clock: complete({
    object: is('clock'),
    now: { ...time, description: 'Business time.' },
    offset_ms: { ...whole, description: 'How far business time is ahead of the time of day, in milliseconds.' },
  }),
  card_transaction: complete({
    object: is('card_transaction'),
    id: id('card_transaction'),
    card_id: id('card'),
    account_id: id('account'),
    direction: side,
    status: oneOf(
      'authorized',
      'declined',
      'captured',
      'partially_captured',
      'reversed',
      'expired',
      'refunded',
      'partially_refunded',
    ),
    amount,
    requested_amount: amount,
    currency,
    amounts: complete({
      authorized: amount,
      incremented: { ...amount, description: 'By increments and by advices upward.' },
      reversed: { ...amount, description: 'By reversals and by advices downward.' },
      expired: amount,
      released: amount,
      captured: amount,
      over_captured: amount,
      refunded: amount,
      held: {
        ...amount,
        description: 'authorized + incremented − reversed − expired − released − (captured − over_captured)',
      },
      receivable: amount,
    }),
    merchant: nullable(complete({ name: text, category_code: mcc, city: nullable(text), country: nullable(text) })),
    decline_reason: { type: ['string', 'null'], enum: [...DECLINE_REASONS, null] },
    elements: list(
      complete(
        {
          type: oneOf(...ELEMENT_TYPES),
          amount,
          at: time,
          network_reference: nullable(text),
          transaction_id: nullable(id('transaction')),
          requested_amount: {
            ...nullable(amount),
            description: 'What was asked for, where that is another amount than `amount`; null: all there is.',
          },
          decline_reason: oneOf(...DECLINE_REASONS),
          decline_rule: { ...text, description: 'The limit (`lim_…`) that a decline is due to.' },
          exceeds_captured: { ...flag, description: 'A refund gave back more than was captured until then.' },
        },
        ['requested_amount', 'decline_reason', 'decline_rule', 'exceeds_captured'],
      ),
    ),
    expires_at: nullable(time),
    settlement_id: nullable(id('settlement')),
    posted_at_clamped: flag,
    metadata,
    created_at: time,
    updated_at: time,
  }),
  tenant: complete({
    object: is('tenant'),
    id: id('tenant'),
    workspace_id: id('workspace'),
    environment: oneOf('live', 'sandbox'),
    name: nullable(text),
    status: oneOf('active', 'suspended', 'inactive'),
    is_active: flag,
    tier: oneOf('free', 'paid', 'enterprise'),
    default_currency: currency,
    timezone: text,
    api_version: text,
    pinned_api_version: nullable(text),
    retention_ends_at: nullable(time),
    metadata,
    created_at: time,
    updated_at: time,
    partner: complete({
      id: id('partner'),
      name: nullable(text),
      email: nullable(text),
      tier: oneOf('free', 'paid', 'enterprise'),
      is_active: flag,
    }),
  }),
  fee_rule: complete({
    object: is('fee_rule'),
    id: id('fee_rule'),
    tenant_id: id('tenant'),
    channel: text,
    currency,
    flat_amount: amount,
    percentage_rate: { type: 'number', description: 'A fraction: 0.015 is 1.5 %.' },
    min_amount: nullable(amount),
    max_amount: nullable(amount),
    fee_floor: nullable(amount),
    fee_cap: nullable(amount),
    who_pays: text,
    who_gets_paid: text,
    effective_from: time,
    created_at: time,
  }),
  limit: complete({
    object: is('limit'),
    id: id('limit'),
    tenant_id: id('tenant'),
    kyc_level: tier,
    direction: flow,
    window: oneOf('daily', 'monthly'),
    amount,
    max_balance: { ...nullable(amount), description: 'What one account may hold, minor units; null: not said here.' },
    currency,
    created_at: time,
    updated_at: time,
  }),
  limits: complete({ limits: list(ref('limit')) }),
  limit_evaluation: complete({
    object: is('limit_evaluation'),
    account_id: id('account'),
    direction: flow,
    amount,
    currency,
    allowed: flag,
    violations: list(
      complete({
        rule: id('limit'),
        code: oneOf('limit_exceeded', 'max_balance_exceeded'),
        limit: amount,
        used: { ...amount, description: 'In the window until now; the account’s balance, where that is limited.' },
        remaining: {
          ...amount,
          description: 'The most that would be taken: of a balance, with what repays a debt first.',
        },
        resets_at: nullable(time),
      }),
    ),
  }),
  customer: complete({
    object: is('customer'),
    id: id('customer'),
    kind: oneOf('person', 'business'),
    name: nullable(text),
    email: nullable(text),
    phone: nullable(text),
    kyc_tier: tier,
    metadata,
    created_at: time,
    updated_at: time,
  }),
  fee_schedule: complete({ fees: list(ref('fee_rule')) }),
  ...PERIOD_SCHEMAS,
  ...USER_SCHEMAS,
  ...VERSION_SCHEMAS,
  ...WORKSPACE_SCHEMAS,
  ...WEBHOOK_SCHEMAS,
  ...AUDIT_SCHEMAS,
  ...HEALTH_SCHEMAS,
  ...KYC_SCHEMAS,
  ...FINANCE_SCHEMAS,
  ...EVENT_SCHEMAS,
  health: complete({ status: is('ok') }),
  readiness: complete({
    status: oneOf('ready', 'not_ready'),
    checks: list(
      complete({
        name: text,
        ok: { ...flag, description: 'Whether it keeps this process from serving.' },
        trouble: {
          ...nullable(text),
          description: 'What an operator should look at; also of what is `ok`, as a warning.',
        },
      }),
    ),
  }),
  error_details: complete(
    {
      type: { type: 'string', enum: Object.keys(ERROR_TYPES) },
      code: { type: 'string', enum: Object.keys(ERRORS) },
      message: text,
      param: { ...nullable(text), description: 'The field at fault, dotted: `entries[0].amount`; or a header’s name.' },
      request_id: id('request'),
      docs_url: text,
      retry_after_ms: whole,
      transaction_id: { ...id('transaction'), description: 'The failed transaction that keeps a refused posting.' },
      card_transaction_id: {
        ...id('card_transaction'),
        description: 'The card transaction that keeps a declined increment as an element.',
      },
      rule: { ...text, description: 'The limit, fee rule, scope or entitlement responsible.' },
    },
    ['retry_after_ms', 'transaction_id', 'card_transaction_id', 'rule'],
  ),
  error: complete({ error: ref('error_details') }),
};

/** `GET /v1/…`: `{data, has_more, next_cursor}`. */
const listOf = (name: string): Schema =>
  complete({ object: is('list'), data: list(ref(name)), has_more: flag, next_cursor: nullable(text) });

/** Lists of the admin plane are named after what they hold, as their document has it. */
const pageOf = (name: string): Schema =>
  complete({
    [`${name}s`]: list(ref(name)),
    pagination: complete({ limit: whole, offset: whole, total_count: whole, cursor: nullable(text) }),
  });

const isKnown = (name: string): boolean => Object.hasOwn(RESOURCES, name);

/** What is not JSON, and so has no schema. */
const OTHER: ReadonlySet<string> = new Set(['metrics', 'openapi', 'reference', 'atom', 'nothing']);

/** The schema of an operation's answer; null where the answer is no JSON of ours. Throws for a name that is none. */
export const answerSchema = (name: string): Schema | null => {
  if (OTHER.has(name)) return null;
  const [kind, of] = name.split(':') as [string, string | undefined];
  if (kind === 'list' && of !== undefined && isKnown(of)) return listOf(of);
  if (kind === 'page' && of !== undefined && isKnown(of)) return pageOf(of);
  if (!isKnown(name)) throw new RangeError(`${name} is no schema of an answer`);
  return ref(name);
};

const ALL = withExpansions(RESOURCES);

/** All schemas that others refer to. */
export const resourceSchemas = (): Readonly<Record<string, Schema>> => ALL;
