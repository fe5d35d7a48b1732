import type { TenantState } from '../state.js';

export const FEE_CHANNELS = [
  'va_wallet_funding',
  'va_payment',
  'va_pos_payment',
  'funds_transfer',
  'pos_card_present',
  'pos_nfc_card',
  'nin_lookup',
  'bvn_lookup',
] as const;
export type FeeChannel = (typeof FEE_CHANNELS)[number];

export const FEE_PARTIES = ['platform', 'merchant', 'customer', 'tenant', 'processor'] as const;
export type FeeParty = (typeof FEE_PARTIES)[number];

export interface FeeRule {
  readonly rule_id: string;
  readonly channel: FeeChannel;
  readonly currency: string;
  /** Minor units. */
  readonly flat_amount: number;
  /** A fraction (0.015 is 1.5 %) as a decimal string with at most 6 places, kept exactly. */
  readonly percentage_rate: string;
  /** The band of transaction amounts that the rule applies to, both ends included; null: open. */
  readonly min_amount: number | null;
  readonly max_amount: number | null;
  /** Clamp of the fee itself; null: none. */
  readonly fee_floor: number | null;
  readonly fee_cap: number | null;
  readonly who_pays: FeeParty;
  readonly who_gets_paid: FeeParty;
  /** RFC 3339. */
  readonly effective_from: string;
}

export interface FeeSchedule {
  readonly rules: readonly FeeRule[];
}

export type FeeEvent = { readonly type: 'FeeRulesReplaced'; readonly data: { readonly rules: readonly FeeRule[] } };

/** A fee as it was charged with a transaction. */
export interface ChargedFee {
  readonly rule_id: string;
  readonly amount: number;
  readonly payer: FeeParty;
  readonly payee: FeeParty;
  /** The account that was debited. */
  readonly account_id: string;
}

export const evolveFees = (state: TenantState, event: FeeEvent): void => {
  state.feeSchedule.set({ rules: event.data.rules });
};
