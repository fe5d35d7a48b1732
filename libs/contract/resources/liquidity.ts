import { idOf } from '#domain/ids.js';
import type { LedgerEvent } from '#domain/ledger.js';
import type { LiquidityFacts } from '#domain/liquidity/liquidity.js';
import { formatInstant, type Instant } from '#domain/time.js';

/** Hundredths of a percent as a percentage with two decimals: 10642 is 106.42. */
export const percent = (hundredths: number | null): number | null => (hundredths === null ? null : hundredths / 100);

export interface LiquidityStanding {
  readonly currency: string;
  readonly total_customer_liabilities: number;
  readonly total_available_liquidity: number;
  readonly liquidity_shortfall: number;
  readonly liquidity_surplus: number;
  readonly coverage_ratio: number | null;
  readonly buffer_percent: number | null;
}

export const renderStanding = (facts: LiquidityFacts): LiquidityStanding => {
  const { currency, total_customer_liabilities: owed, total_available_liquidity: there, coverage_ratio: ratio } = facts;
  return {
    currency,
    total_customer_liabilities: owed,
    total_available_liquidity: there,
    liquidity_shortfall: Math.max(0, owed - there),
    liquidity_surplus: Math.max(0, there - owed),
    coverage_ratio: percent(ratio),
    buffer_percent: ratio === null ? null : percent(ratio - 10_000),
  };
};

type AlertEvent = Extract<LedgerEvent, { type: 'LiquidityBreached' | 'LiquidityRestored' }>;

/** What an alert tells: how the currency stands, and which mark it crossed. */
export const renderLiquidityAlert = ({ type, data, at, revision }: AlertEvent) => ({
  object: 'liquidity',
  ...renderStanding(data.liquidity),
  status: type === 'LiquidityBreached' ? 'breached' : 'covered',
  threshold: percent(data.threshold),
  revision,
  at: formatInstant(at),
});

/** How a currency stood at a revision. Its id says which, so any of them can be asked for again. */
export interface LiquiditySnapshotResource extends LiquidityStanding {
  readonly object: 'liquidity_snapshot';
  readonly id: string;
  readonly snapshot_id: string;
  readonly revision: number;
  readonly snapshot_at: string;
  readonly created_at: string;
}

const DIGITS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

const base32 = (value: number, width: number): string => {
  let text = '';
  for (let rest = value; text.length < width; rest = Math.floor(rest / 32)) text = DIGITS.charAt(rest % 32) + text;
  return text;
};

const valueOf = (text: string): number => [...text].reduce((value, digit) => value * 32 + DIGITS.indexOf(digit), 0);

export interface SnapshotName {
  readonly at: Instant;
  readonly revision: number;
  readonly currency: string;
}

/** `liq_` and a ULID of the time (10 characters), the revision (11) and the currency (5). */
export const snapshotId = ({ at, revision, currency }: SnapshotName): string => {
  const code = [...currency].reduce((value, letter) => value * 26 + letter.charCodeAt(0) - 65, 0);
  return idOf('liquidity_snapshot', `${base32(at, 10)}${base32(revision, 11)}${base32(code, 5)}`);
};

/** What an id of the right form names; null where no snapshot can have it. */
export const snapshotNamed = (id: string): SnapshotName | null => {
  const ulid = id.slice(-26);
  const at = valueOf(ulid.slice(0, 10));
  const revision = valueOf(ulid.slice(10, 21));
  let code = valueOf(ulid.slice(21));
  let currency = '';
  for (let i = 0; i < 3; i++, code = Math.floor(code / 26)) currency = String.fromCharCode(65 + (code % 26)) + currency;
  return code === 0 && Number.isSafeInteger(revision) ? { at, revision, currency } : null;
};

export const renderLiquiditySnapshot = (
  facts: LiquidityFacts,
  { at, revision }: { readonly at: Instant; readonly revision: number },
): LiquiditySnapshotResource => {
  const id = snapshotId({ at, revision, currency: facts.currency });
  const time = formatInstant(at);
  return {
    object: 'liquidity_snapshot',
    id,
    snapshot_id: id,
    ...renderStanding(facts),
    revision,
    snapshot_at: time,
    created_at: time,
  };
};

export const renderBreakdown = ({ customer, business, merchant, agent }: LiquidityFacts) => ({
  by_wallet_type: { customer, business, merchant, agent },
});
