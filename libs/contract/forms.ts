/** Forms of values that stand in requests, as the ledger means them. */
import { isUnstorable } from '#domain/canonical.js';
import { isId, PREFIXES, type Kind } from '#domain/ids.js';
import { isCurrency } from '#domain/money.js';
import { parseInstant } from '#domain/time.js';

/** An ISO 4217 code of the frozen table. */
export const isCurrencyCode = (text: string): boolean => isCurrency(text);

/** RFC 3339. */
export const isTimestamp = (text: string): boolean => parseInstant(text) !== undefined;

/** Can be stored: no NUL, no half of a surrogate pair. */
export const isStorable = (text: string): boolean => !isUnstorable(text);

/** What a well-formed id of this kind looks like, as a regular expression's source. */
export const idForm = (kind: Kind): string => `^${PREFIXES[kind]}_[0-7][0-9A-HJKMNP-TV-Z]{25}$`;

/** Kinds of the ids that paths name, by the parameter. */
const PATH_KINDS: Readonly<Record<string, Kind>> = {
  tenant_id: 'tenant',
  workspace_id: 'workspace',
  account_id: 'account',
  transaction_id: 'transaction',
  reservation_id: 'reservation',
  settlement_id: 'settlement',
  liquidity_snapshot_id: 'liquidity_snapshot',
  bank_statement_id: 'bank_statement',
  bank_statement_line_id: 'bank_statement_line',
  card_id: 'card',
  card_transaction_id: 'card_transaction',
  event_id: 'event',
  key_id: 'api_key',
  user_id: 'user',
  endpoint_id: 'webhook_endpoint',
  delivery_id: 'delivery',
  replay_id: 'replay',
  customer_id: 'customer',
  kyc_submission_id: 'kyc_submission',
};

/** Whether a path's parameter can name anything at all. */
export const isPathId = (parameter: string, text: string): boolean => {
  const kind = PATH_KINDS[parameter];
  return kind === undefined || isId(kind, text);
};

const ANY_ID = new RegExp(`^(${Object.values(PREFIXES).join('|')})_[0-7][0-9A-HJKMNP-TV-Z]{25}$`);

/** Whether it is formed as an id of any kind: then it can be kept, and tells nothing but what it names. */
export const isAnyId = (text: string): boolean => ANY_ID.test(text);

/** The parameter's noun: `account_id` → `account`. */
export const nounOf = (parameter: string): string =>
  parameter.endsWith('api_version')
    ? 'api_version'
    : parameter === 'key_id'
      ? 'api_key'
      : parameter === 'endpoint_id'
        ? 'webhook_endpoint'
        : parameter.replace(/_id$/, '');
