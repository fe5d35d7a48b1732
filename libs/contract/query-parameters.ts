/** Query parameters of the lists: each one's form, from which its check, its parsing and its documentation come. */
import { isCurrency } from '#domain/money.js';
import { isUnstorable } from '#domain/canonical.js';
import { isId, type Kind } from '#domain/ids.js';
import { parseInstant } from '#domain/time.js';
import { KYC_STATUSES } from '#domain/kyc/kyc.js';
import { LINE_STATUSES } from '#domain/reconciliation/reconciliation.js';
import { RESERVATION_STATUSES } from '#domain/reservations/reservations.js';
import { LINE_TYPES, SETTLEMENT_STATUSES } from '#domain/settlements/settlements.js';
import { ROLES } from '#domain/users/users.js';
import { WEBHOOK_ENDPOINT_STATUSES } from '#domain/webhook-endpoints/webhook-endpoints.js';
import { API_VERSIONS, isApiVersion } from './api-versions.js';
import { idForm } from './forms.js';
import type { ErrorCode } from './problems.js';

export type QueryValue = string | number | boolean;

export interface QueryParameter {
  readonly schema: Readonly<Record<string, unknown>>;
  readonly description: string;
  /** Nothing can be asked without it. */
  readonly isRequired?: true;
  /** May be repeated: its texts are parsed as one, with commas between them. */
  readonly isList?: true;
  /** The value that a text stands for, or what is wrong with it. */
  readonly parse: (text: string) => { readonly value: QueryValue } | { readonly wrong: ErrorCode };
}

const enumerated = (description: string, ...values: readonly string[]): QueryParameter => ({
  schema: { type: 'string', enum: values },
  description,
  parse: (text) => (values.includes(text) ? { value: text } : { wrong: 'invalid_enum' }),
});

const text = (description: string, maxLength: number): QueryParameter => ({
  schema: { type: 'string', minLength: 1, maxLength },
  description,
  parse: (value) => {
    if (value === '') return { wrong: 'too_short' };
    if ([...value].length > maxLength) return { wrong: 'too_long' };
    return isUnstorable(value) ? { wrong: 'pattern_mismatch' } : { value };
  },
});

const integer = (description: string, minimum: number, maximum: number, byDefault?: number): QueryParameter => ({
  schema: { type: 'integer', minimum, maximum, ...(byDefault === undefined ? {} : { default: byDefault }) },
  description,
  parse: (value) => {
    if (!/^-?\d{1,17}$/.test(value)) return { wrong: 'type_mismatch' };
    const number = Number(value);
    return number < minimum || number > maximum ? { wrong: 'out_of_range' } : { value: number };
  },
});

/** A malformed id can't name anything, and is told so: silence would look like an empty list. */
const id = (kind: Kind, description: string): QueryParameter => ({
  schema: { type: 'string', pattern: idForm(kind) },
  description,
  parse: (value) => (isId(kind, value) ? { value } : { wrong: 'pattern_mismatch' }),
});

/** Times are handed on as milliseconds since 1970. */
const instant = (description: string): QueryParameter => ({
  schema: { type: 'string', format: 'date-time' },
  description,
  parse: (value) => {
    const at = parseInstant(value);
    return at === undefined ? { wrong: 'pattern_mismatch' } : { value: at };
  },
});

const required = (parameter: QueryParameter): QueryParameter => ({ ...parameter, isRequired: true });

const currency: QueryParameter = {
  schema: { type: 'string', pattern: '^[A-Z]{3}$' },
  description: 'ISO 4217 code.',
  parse: (value) => (isCurrency(value) ? { value } : { wrong: 'invalid_currency' }),
};

const flag = (description: string): QueryParameter => ({
  schema: { type: 'boolean' },
  description,
  parse: (value) =>
    value === 'true' ? { value: true } : value === 'false' ? { value: false } : { wrong: 'type_mismatch' },
});

const cursor = (description: string): QueryParameter => text(description, 500);
const MAX = Number.MAX_SAFE_INTEGER;

export const PAGE_SIZE = 25;
export const ADMIN_PAGE_SIZE = 20;

/** How a list of the tenant plane is paged. */
export const PAGING = {
  limit: integer('How many at most.', 1, 100, PAGE_SIZE),
  starting_after: cursor('The `next_cursor` of the page before: what comes after it.'),
  ending_before: cursor('A cursor: what comes before it. Not together with `starting_after`.'),
  order: enumerated('Newest first, or oldest first.', 'desc', 'asc'),
} as const;

/** How a list of the admin plane is paged. A `cursor` keeps deep pages fast. */
export const ADMIN_PAGING = {
  limit: integer('How many at most.', 1, 100, ADMIN_PAGE_SIZE),
  offset: integer('How many to leave out. For what lies deeper, use the cursor.', 0, 10_000, 0),
  cursor: cursor('The `cursor` of the page before, instead of an offset.'),
} as const;

const KYC_TIER = enumerated('KYC tier.', 'tier1', 'tier2', 'tier3');
const FROM = instant('From this time on.');
const TO = instant('Until this time.');

export const ACCOUNT_FILTERS = {
  status: enumerated('Status.', 'active', 'frozen', 'closed'),
  wallet_type: enumerated('Wallet type.', 'customer', 'business', 'merchant', 'agent', 'float', 'general', 'system'),
  currency,
  kyc_tier: KYC_TIER,
  parent_account_id: id('account', 'Accounts right below this one.'),
  account_code: text('The account with this code.', 64),
  customer_id: id('customer', 'Accounts of this customer.'),
} as const;

export const CUSTOMER_FILTERS = {
  kind: enumerated('Kind.', 'person', 'business'),
  kyc_tier: KYC_TIER,
  email: text('Customers with this e-mail address, in large or small letters.', 254),
  from: FROM,
  to: TO,
} as const;

const KYC_STATUS = enumerated('Status.', ...KYC_STATUSES);

export const KYC_FILTERS = {
  status: KYC_STATUS,
  kind: enumerated('Kind of the customer.', 'person', 'business'),
  customer_id: id('customer', 'The submission of this customer.'),
  submitted_from: instant('Submitted from this time on.'),
  submitted_to: instant('Submitted until this time.'),
} as const;

export const KYC_PROFILE_FILTERS = {
  tenant_id: id('tenant', 'Of this tenant.'),
  status: KYC_STATUS,
  search: text('A part of the name, e-mail or phone, in large or small letters.', 200),
  submitted_from: instant('Submitted from this time on.'),
  submitted_to: instant('Submitted until this time.'),
} as const;

export const ENTRY_FILTERS = {
  from: FROM,
  to: TO,
  direction: enumerated('Side.', 'debit', 'credit'),
  transaction_id: id('transaction', 'Entries of this transaction.'),
} as const;

/** Rows of a trial balance beside its sums. */
export const TRIAL_BALANCE_DETAIL = {
  detail: enumerated('`accounts`: also a page of the accounts that it is made of.', 'accounts'),
  limit: PAGING.limit,
  starting_after: PAGING.starting_after,
} as const;

/** What a statement is of. */
export const STATEMENT_PERIOD = {
  from: required(instant('The beginning of the period, included.')),
  to: required(instant('Its end, included; not ahead of now, and at most 366 days after `from`.')),
  revision: integer('As it was known at this revision of the stream; the newest where it is left out.', 0, MAX),
} as const;

export const RECEIPT_OF = { revision: required(integer('The revision of the event.', 0, MAX)) } as const;

export const TRANSACTION_FILTERS = {
  account: id('account', 'Transactions with an entry on this account.'),
  type: enumerated(
    'Type.',
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
  status: enumerated('Status.', 'completed', 'failed', 'reversed', 'partially_reversed'),
  channel: text('Channel.', 64),
  reference: text('The transaction with this reference.', 255),
  from: FROM,
  to: TO,
  'amount[gte]': integer('Amount at least, in minor units.', 0, MAX),
  'amount[lte]': integer('Amount at most, in minor units.', 0, MAX),
  'metadata[*]': text('The metadata value under this key.', 500),
} as const;

export const RESERVATION_FILTERS = {
  account_id: id('account', 'Reservations on this account.'),
  status: enumerated('Status.', ...RESERVATION_STATUSES),
  reference: text('The reservation with this reference.', 255),
  from: FROM,
  to: TO,
} as const;

const LOCAL_DATE = (description: string): QueryParameter => ({
  schema: { type: 'string', format: 'date' },
  description,
  parse: (value) =>
    /^\d{4}-\d\d-\d\d$/.test(value) && parseInstant(`${value}T00:00:00Z`) !== undefined
      ? { value }
      : { wrong: 'pattern_mismatch' },
});

export const SETTLEMENT_FILTERS = {
  status: enumerated('Status.', ...SETTLEMENT_STATUSES),
  currency,
  from: LOCAL_DATE('Business days from this one on, `YYYY-MM-DD`.'),
  to: LOCAL_DATE('Business days until this one.'),
} as const;

export const SETTLEMENT_LINE_FILTERS = {
  type: enumerated('Type.', ...LINE_TYPES),
  late: flag('Only lines of what happened on an earlier business day, or only the others.'),
} as const;

export const BANK_STATEMENT_FILTERS = { account_id: id('account', 'Statements of this account.') } as const;

export const BANK_STATEMENT_LINE_FILTERS = { status: enumerated('Status.', ...LINE_STATUSES) } as const;

export const LIQUIDITY_FILTERS = { currency } as const;

export const LIQUIDITY_CURVE_FILTERS = { currency, from: FROM, to: TO } as const;

export const LIQUIDITY_SNAPSHOT_FILTERS = { currency, from: FROM, to: TO } as const;

export const CARD_FILTERS = {
  account_id: id('account', 'Cards of this account.'),
  status: enumerated('Status.', 'inactive', 'active', 'suspended', 'terminated'),
  type: enumerated('Type.', 'virtual', 'physical', 'nfc'),
} as const;

export const CARD_TRANSACTION_FILTERS = {
  card_id: id('card', 'Of this card.'),
  account_id: id('account', 'Of this account.'),
  status: enumerated(
    'Status.',
    'authorized',
    'declined',
    'captured',
    'partially_captured',
    'reversed',
    'expired',
    'refunded',
    'partially_refunded',
  ),
  from: FROM,
  to: TO,
} as const;

export const EVENT_FILTERS = {
  type: text('Public type, such as `transaction.completed`.', 64),
  resource_id: text('Events about the resource with this id.', 64),
  from: FROM,
  to: TO,
} as const;

export const STREAM_FROM = {
  after_sequence: integer('Events after the one with this `sequence`; 0: from the first on.', 0, MAX),
} as const;

/** How a consumer goes on where it stands. */
export const FOLLOWING = {
  ...STREAM_FROM,
  wait_ms: integer('How long to wait for an event where there is none, in ms.', 0, 20_000, 0),
} as const;

/** Any ULID: a request's id is no resource's. */
const requestId: QueryParameter = {
  schema: { type: 'string', pattern: '^req_[0-7][0-9A-HJKMNP-TV-Z]{25}$' },
  description: 'What the request with this id did.',
  parse: (value) => (/^req_[0-7][0-9A-HJKMNP-TV-Z]{25}$/.test(value) ? { value } : { wrong: 'pattern_mismatch' }),
};

export const AUDIT_FILTERS = {
  actor: text('What this key, user or operator did.', 255),
  operation: text('Calls of this operation, by its name in the OpenAPI document.', 64),
  outcome: enumerated('Outcome.', 'allowed', 'refused', 'failed'),
  request_id: requestId,
  resource_id: text('What was done to the resource with this id.', 64),
  from: FROM,
  to: TO,
} as const;

export const AUDIT_PAGING = {
  limit: PAGING.limit,
  starting_after: PAGING.starting_after,
  order: PAGING.order,
} as const;

/** Which part of a stream. */
export const STREAM_PART = {
  after_revision: integer('Events after this one; −1, from the first on.', -1, MAX, -1),
  limit: integer('How many at most; all that there are, where it is left out.', 1, 1_000_000),
} as const;

export const ENDPOINT_FILTERS = { status: enumerated('Status.', ...WEBHOOK_ENDPOINT_STATUSES) } as const;

/** Where a list of the admin plane can be turned round. */
export const ADMIN_ORDER = { order: PAGING.order } as const;

/** Reads row after row: for people who look for something, not for programs. */
export const ACCOUNT_SEARCH = {
  q: text('Accounts whose name or code holds this, in large or small letters.', 100),
} as const;

export const DELIVERY_FILTERS = {
  status: enumerated('Status.', 'pending', 'succeeded', 'failed', 'canceled'),
  event_type: text('Public type, such as `transaction.completed`.', 64),
  event_id: id('event', 'Deliveries of this event.'),
  replay_id: id('replay', 'Deliveries of this replay.'),
} as const;

export const STATS_WINDOW = {
  window: enumerated('Of how long ago: 30 days unless given.', '1h', '24h', '7d', '30d'),
} as const;

export const TENANT_FILTERS = {
  status: enumerated('Status.', 'active', 'suspended', 'inactive'),
  tier: enumerated('Tier.', 'free', 'paid', 'enterprise'),
  environment: enumerated('Environment.', 'live', 'sandbox'),
  workspace_id: id('workspace', 'Tenants of this workspace.'),
  q: text('A part of the name, or of the partner’s name or e-mail, in large or small letters.', 200),
} as const;

export const USER_FILTERS = {
  role: enumerated('Role.', ...ROLES),
  status: enumerated('Status.', 'invited', 'active', 'suspended', 'revoked'),
} as const;

export const KEY_FILTERS = { is_active: flag('Only keys that are, or are not, active.') } as const;

/** The schedule that stood then. */
export const FEES_AS_OF = { as_of: instant('The rules that stood at this time, instead of now.') } as const;

export const AS_OF = {
  as_of: text('A time (RFC 3339, inclusive) or `revision:<n>`.', 64),
} as const;

/** A version to compare with. */
export const TO_VERSION = {
  to: {
    schema: { type: 'string', enum: API_VERSIONS.map(({ date }) => date) },
    description: 'The version that is thought of; the newest where it is not given.',
    parse: (value) => (isApiVersion(value) ? { value } : { wrong: 'api_version_unknown' }),
  } satisfies QueryParameter,
} as const;
