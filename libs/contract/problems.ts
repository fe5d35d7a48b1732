/**
 * Every error of the contract: which type it is of, which status that has, what is said about it. From this one registry
 * come the answers, the reference and the tests. Both planes use it.
 */
import { REFUSALS, type RefusalCode } from '#domain/refusals.js';

/** Types of errors and their statuses. */
export const ERROR_TYPES = {
  invalid_parameter: 400,
  unauthenticated: 401,
  insufficient_scope: 403,
  not_found: 404,
  conflict: 409,
  idempotency_conflict: 409,
  idempotency_inflight: 409,
  version_retired: 410,
  precondition_failed: 412,
  validation_failed: 422,
  rate_limited: 429,
  internal: 500,
  unavailable: 503,
} as const;

export type ErrorType = keyof typeof ERROR_TYPES;

export interface ErrorTerms {
  readonly type: ErrorType;
  /** Where it is not the type's. */
  readonly status?: number;
  /** Said to a stranger: no personal data, nothing of what was sent. `{param}` is the field at fault. */
  readonly message: string;
}

const invalid = (message: string): ErrorTerms => ({ type: 'invalid_parameter', message });
const denied = (message: string): ErrorTerms => ({ type: 'unauthenticated', message });
const forbidden = (message: string): ErrorTerms => ({ type: 'insufficient_scope', message });
const missing = (message: string): ErrorTerms => ({ type: 'not_found', message });
const conflict = (message: string): ErrorTerms => ({ type: 'conflict', message });
const broken = (message: string): ErrorTerms => ({ type: 'validation_failed', message });
const later = (message: string): ErrorTerms => ({ type: 'unavailable', message });

/** Refusals of the domain. Its kinds decide the type, but for a key that was revoked while its command waited. */
const REFUSED: { readonly [C in RefusalCode]: ErrorTerms } = {
  amount_not_positive: invalid('{param} must be above zero.'),
  amount_out_of_range: invalid('{param} leaves the range of amounts, ±(2^53 − 1) minor units.'),
  invalid_parameter: invalid('{param} is not acceptable here.'),
  invalid_currency: invalid('{param} must be the code of a currency that is kept here (ISO 4217).'),
  missing_field: invalid('{param} is required.'),
  immutable_field: invalid('{param} can’t be changed.'),

  account_not_found: missing('There is no such account.'),
  customer_not_found: missing('There is no such customer.'),
  subject_not_found: missing('There is nobody with this id whose data could be erased.'),
  kyc_submission_not_found: missing('There is no such KYC submission.'),
  card_not_found: missing('There is no such card.'),
  card_transaction_not_found: missing('There is no such card transaction.'),
  reservation_not_found: missing('There is no such reservation.'),
  transaction_not_found: missing('There is no such transaction.'),
  settlement_not_found: missing('There is no such settlement.'),
  bank_statement_not_found: missing('There is no such bank statement, or no such line in it.'),
  api_key_not_found: missing('There is no such API key.'),
  webhook_endpoint_not_found: missing('There is no such webhook endpoint.'),
  user_not_found: missing('There is no such user.'),
  tenant_not_found: missing('There is no such tenant.'),

  tenant_suspended: forbidden('The tenant is suspended: it can be read, not written.'),
  tenant_inactive: forbidden('The tenant is inactive: it can be read, not written.'),
  entitlement_required: forbidden('The tenant is not entitled to this.'),
  revoked_key: denied('The API key was revoked.'),
  revoked_user: denied('The user has no access any more.'),

  duplicate_reference: conflict('Another transaction has this reference.'),
  duplicate_account_code: conflict('Another account has this code.'),
  already_reversed: conflict('No more than what is left of the transaction can be reversed.'),
  not_reversible: conflict('A transaction like this can’t be reversed.'),
  invalid_state: conflict('Its state does not allow this.'),
  invalid_status_transition: conflict('There is no way from the present status to this one.'),
  retention_expired: conflict('The time in which the tenant could be made active again has passed.'),
  account_is_closed: conflict('The account is closed.'),
  account_not_empty: conflict('The account’s balance is not zero.'),
  account_has_holds: conflict('Money is held on the account.'),
  account_has_open_children: conflict('The account has open accounts below it.'),
  account_owes: conflict('The account’s holder owes money.'),
  currency_in_use: conflict('Open accounts are kept in the present default currency.'),
  last_owner: conflict('The tenant would be left without an active owner.'),
  invitation_used: conflict('The invitation was accepted or taken back.'),
  invitation_expired: { ...conflict('The invitation has expired. Ask for another one.'), status: 410 },
  overlapping_fee_rules: conflict('Two rules of one channel, currency and time have bands that overlap.'),
  overlapping_limits: conflict('Two limits are for one tier, direction, window and currency.'),
  subject_erased: conflict('Their personal data was erased: nothing is told of them again.'),
  kyc_profile_exists: conflict('The customer has a KYC profile: submit that one again.'),
  kyc_incomplete: conflict(
    'The business’s details or its directors are missing: it must be submitted again with them.',
  ),
  period_closed: conflict('The books are closed through a later time already.'),
  transaction_reconciled: conflict('The transaction is another line of a bank statement already.'),
  hierarchy_too_deep: conflict('Accounts can stand in at most eight levels.'),

  insufficient_funds: broken('The available balance does not suffice.'),
  account_frozen: broken('The account, or the side of it that is needed, is blocked.'),
  account_closed: broken('The account is closed.'),
  currency_mismatch: broken('The currency is not the account’s.'),
  limit_exceeded: broken('A limit would be exceeded.'),
  max_balance_exceeded: broken('The account would hold more than it may.'),
  contradictory_max_balance: broken('{param} is not what another limit of the tier and currency says.'),
  max_single_transaction_exceeded: broken('The amount is above what the tenant may move at once.'),
  invalid_bank_statement: broken('The file is not a bank statement that can be taken.'),
  too_many_webhook_endpoints: broken('The tenant has as many webhook endpoints as it may have.'),
  unbalanced_entries: broken('Debits and credits differ.'),
  same_account: broken('Source and destination are the same account.'),
  effective_at_out_of_range: broken('effective_at lies ahead of now, or in a period that is closed.'),
  fee_payer_missing: broken('The fee’s payer takes no part in this transaction.'),
  card_inactive: broken('The card is not active.'),
  card_suspended: broken('The card is suspended.'),
  card_terminated: broken('The card is terminated.'),
  expired_card: broken('The card has expired.'),
  category_blocked: broken('The card is not to be used at merchants of this category.'),
  spending_limit_exceeded: broken('A spending limit of the card would be exceeded.'),
  contradictory_status: broken('status and is_active contradict each other.'),
  unknown_entitlement: broken('There is no such entitlement.'),
  invalid_entitlement_config: broken('The entitlement can’t be configured like this.'),
  expiry_in_the_past: broken('{param} lies in the past.'),
  expiry_too_late: broken('{param} lies further ahead than it may.'),
  amount_exceeds_reservation: broken('The amount is more than the reservation still holds.'),
  limit_above_tier: broken('{param} is above the ceiling of the tenant’s tier.'),
  confirmation_required: broken('{param} must read CLOSE_ACCOUNT.'),
};

const OWN = {
  unknown_field: invalid('{param} is not known here.'),
  type_mismatch: invalid('{param} is of the wrong type.'),
  out_of_range: invalid('{param} is out of range.'),
  too_long: invalid('{param} is too long.'),
  too_short: invalid('{param} is too short.'),
  pattern_mismatch: invalid('{param} has the wrong form.'),
  invalid_enum: invalid('{param} is none of the values that are allowed.'),
  pan_not_allowed: invalid('{param} holds what looks like a card number. Card numbers are not taken anywhere.'),
  mutually_exclusive: invalid('{param} can’t be given together with what else was given.'),
  malformed_json: invalid('The body is not valid JSON in UTF-8.'),
  too_deeply_nested: invalid('The body is nested too deeply.'),
  too_many_members: invalid('The body has more fields and list items than any that is taken here.'),
  malformed_request: invalid('This is not a valid HTTP request.'),
  headers_too_large: { ...invalid('The headers are too large.'), status: 431 },
  expectation_failed: { ...invalid('No expectation but 100-continue is met here.'), status: 417 },
  malformed_url: invalid('The path or query is not valid percent-encoded UTF-8.'),
  invalid_cursor: invalid('{param} is no cursor of this list with these filters.'),
  api_version_unknown: invalid('There is no such API version.'),
  ambiguous_credentials: invalid('Give the key in Authorization or in X-API-Key, not in both.'),
  method_not_allowed: { ...invalid('This path does not take this method.'), status: 405 },
  body_too_large: { ...invalid('The body is too large.'), status: 413 },
  unsupported_media_type: {
    ...invalid('Send application/json in UTF-8, not compressed, and say so in one Content-Type.'),
    status: 415,
  },

  missing_auth: denied('Send a credential: Authorization: Bearer …'),
  malformed_authorization: denied('The Authorization header is not of the form Bearer <credential>.'),
  invalid_key: denied('The credential is not known.'),
  expired_key: denied('The API key has expired.'),
  expired_token: denied('The token has expired.'),
  session_ended: denied('The session has ended. Sign in again.'),
  invalid_credentials: denied('E-mail and password do not belong together, or the link opens nothing any more.'),
  invalid_refresh_token: denied('The refresh token is not good, or not any more. Sign in again.'),
  invalid_invitation: denied('The invitation is not known, or another one was sent since.'),
  scoped_to_other_env: denied('The key belongs to the other environment.'),

  missing_scope: forbidden('The key lacks the scope that this needs.'),
  missing_permission: forbidden('The token lacks the permission that this needs.'),

  too_many_attempts: {
    type: 'rate_limited',
    message: 'There were too many attempts to sign in. Wait, or ask for a link.',
  },
  key_limit: { type: 'rate_limited', message: 'This caller has made as many calls as it may for now.' },
  tenant_limit: {
    type: 'rate_limited',
    message: 'The tenant’s keys and users together have made as many calls as its tier allows for now.',
  },

  too_many_followers: {
    type: 'rate_limited',
    message: 'Too many of the tenant’s callers wait for events or follow them.',
  },

  user_exists: conflict('The tenant has a user, or an open invitation, with this address.'),
  user_required: forbidden('Only a user who signed in can do this.'),
  no_access_there: forbidden('The user has no access to that tenant.'),

  route_not_found: missing('There is nothing at this path.'),
  workspace_not_found: missing('There is no such workspace.'),
  event_not_found: missing('There is no such event.'),
  bank_statement_line_not_found: missing('There is no such line of a bank statement.'),
  month_not_found: missing('This month is not closed, or there is no such month.'),
  liquidity_snapshot_not_found: missing('There is no such liquidity snapshot.'),
  api_version_not_found: missing('There is no such API version.'),
  delivery_not_found: missing('There is no such delivery.'),
  replay_not_found: missing('There is no such replay.'),

  url_not_allowed: broken('Deliveries can’t be sent to this URL.'),

  key_reused: { type: 'idempotency_conflict', message: 'The Idempotency-Key was used with another request.' },
  request_in_flight: {
    type: 'idempotency_inflight',
    message: 'The first request with this Idempotency-Key is still under way. Ask again with the same key.',
  },
  precondition_failed: {
    type: 'precondition_failed',
    message: 'It was changed since: it is not what If-Match names. Read it again.',
  },
  version_retired: { type: 'version_retired', message: 'This API version is no longer served.' },
  internal_error: { type: 'internal', message: 'Something went wrong here. It was recorded under the request id.' },
  service_unavailable: later('This can’t be taken now. Nothing of it was done; ask again.'),
  outcome_pending: later('Whether it was done is not known yet. Ask again with the same Idempotency-Key.'),
  read_model_behind: later('What is asked for is not readable yet. Ask again.'),
} as const satisfies Record<string, ErrorTerms>;

export const ERRORS = { ...REFUSED, ...OWN };

export type ErrorCode = keyof typeof ERRORS;

export const isErrorCode = (text: string): text is ErrorCode => Object.hasOwn(ERRORS, text);

/** Where each code is explained: a part of the reference. `base` is the installation's own address, without a slash. */
export const docsUrl = (base: string, code: string): string => `${base}/docs#error-${code}`;

export interface ErrorDetails {
  readonly param?: string | undefined;
  /** Instead of the registry's sentence. */
  readonly message?: string | undefined;
  /** The limit, fee rule or entitlement responsible. */
  readonly rule?: string | undefined;
  readonly retryAfterMs?: number | undefined;
  /** Of a posting that was recorded as failed. */
  readonly transactionId?: string | undefined;
  /** Of a card transaction that keeps what it declined as an element. */
  readonly cardTransactionId?: string | undefined;
  /** Of the request that was refused, where this one repeats it. */
  readonly requestId?: string | undefined;
}

export interface ErrorBody {
  readonly type: ErrorType;
  readonly code: string;
  readonly message: string;
  readonly param: string | null;
  readonly request_id: string;
  readonly docs_url: string;
  readonly retry_after_ms?: number;
  readonly transaction_id?: string;
  readonly card_transaction_id?: string;
  readonly rule?: string;
}

/** The type that a code has in an answer: what is missing is the request's fault where the request's body named it. */
export const typeOf = (code: ErrorCode, param: string | undefined): ErrorType => {
  const { type } = ERRORS[code];
  return type === 'not_found' && param !== undefined ? 'invalid_parameter' : type;
};

export const statusOf = (code: ErrorCode, param?: string): number => {
  const terms: ErrorTerms = ERRORS[code];
  return terms.status ?? ERROR_TYPES[typeOf(code, param)];
};

/** What stands under `error` in an answer. */
export const errorBody = (code: ErrorCode, details: ErrorDetails, requestId: string, base: string): ErrorBody => {
  const { param, message, rule, retryAfterMs, transactionId, cardTransactionId } = details;
  return {
    type: typeOf(code, param),
    code,
    message: message ?? ERRORS[code].message.replace('{param}', param ?? 'The value'),
    param: param ?? null,
    request_id: details.requestId ?? requestId,
    docs_url: docsUrl(base, code),
    ...(retryAfterMs === undefined ? {} : { retry_after_ms: retryAfterMs }),
    ...(transactionId === undefined ? {} : { transaction_id: transactionId }),
    ...(cardTransactionId === undefined ? {} : { card_transaction_id: cardTransactionId }),
    ...(rule === undefined ? {} : { rule }),
  };
};

/** The domain's kinds and the types that they become, for the test that holds the two tables together. */
export const TYPE_OF_KIND = {
  invalid: 'invalid_parameter',
  missing: 'not_found',
  conflict: 'conflict',
  state: 'insufficient_scope',
  business: 'validation_failed',
} as const satisfies Record<(typeof REFUSALS)[RefusalCode], ErrorType>;
