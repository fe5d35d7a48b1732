/** What a tenant owes its customers against what it has to pay them with, and the alerts about it. */
import { systemKey } from '../accounts/accounts.js';
import { divideHalfEven } from '../money.js';
import type { TenantState } from '../state.js';
import { LIQUIDITY_KINDS } from './liquidity-sums.js';

/** Of one currency, minor units; ratios in hundredths of a percent. Liabilities are by wallet type. */
export interface LiquidityFacts {
  readonly currency: string;
  readonly customer: number;
  readonly business: number;
  readonly merchant: number;
  readonly agent: number;
  readonly total_customer_liabilities: number;
  readonly total_available_liquidity: number;
  /** Null: no liabilities, or no float account. */
  readonly coverage_ratio: number | null;
}

export type LiquidityEvent = {
  readonly type: 'LiquidityBreached' | 'LiquidityRestored';
  readonly data: {
    readonly liquidity: LiquidityFacts;
    /** The mark that was crossed, in hundredths of a percent. */
    readonly threshold: number;
  };
};

const HUNDREDTHS = 10_000n;
const LARGEST = BigInt(Number.MAX_SAFE_INTEGER);

/** Liquidity over liabilities in hundredths of a percent, half-even; null where nothing is owed. */
export const coverageRatio = (liquidity: bigint, liabilities: bigint): number | null => {
  if (liabilities <= 0n) return null;
  const ratio = divideHalfEven(liquidity * HUNDREDTHS, liabilities);
  return Number(ratio > LARGEST ? LARGEST : ratio < -LARGEST ? -LARGEST : ratio);
};

/** How a currency stands; null where a sum is beyond what an amount can say. */
export const liquidityOf = (state: TenantState, currency: string): LiquidityFacts | null => {
  const [customer, business, merchant, agent, liquidity] = LIQUIDITY_KINDS.map((kind) =>
    state.liquidity.of(currency, kind),
  ) as [bigint, bigint, bigint, bigint, bigint];
  const liabilities = customer + business + merchant + agent;
  const unsafe = [customer, business, merchant, agent, liabilities, liquidity].some(
    (sum) => sum > LARGEST || sum < -LARGEST,
  );
  if (unsafe) return null;
  const hasFloat = state.systemAccounts.has(systemKey('float', currency));
  return {
    currency,
    customer: Number(customer),
    business: Number(business),
    merchant: Number(merchant),
    agent: Number(agent),
    total_customer_liabilities: Number(liabilities),
    total_available_liquidity: Number(liquidity),
    coverage_ratio: hasFloat ? coverageRatio(liquidity, liabilities) : null,
  };
};

export const evolveLiquidity = (state: TenantState, { type, data }: LiquidityEvent): void => {
  if (type === 'LiquidityBreached') state.liquidityAlerts.set(data.liquidity.currency, data.threshold);
  else state.liquidityAlerts.delete(data.liquidity.currency);
};

/** Counts all accounts of a state that came from a snapshot. */
export const sumAllAccounts = (state: TenantState): void => {
  for (const { terms, balance } of state.accounts.values()) {
    state.liquidity.move(terms.walletType, terms.currency, balance);
  }
  state.liquidity.takeMoved();
};
