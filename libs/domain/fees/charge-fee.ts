import type { Account } from '../accounts/accounts.js';
import type { Moment } from '../decision.js';
import type { Minor } from '../money.js';
import type { Posting } from '../posting.js';
import type { TenantState } from '../state.js';
import { feeAmount, findRule } from './compute-fee.js';
import type { ChargedFee, FeeChannel, FeeRule } from './fees.js';

/** What a transaction costs beside its amount, and by which rule. */
export interface DueFee {
  readonly rule: FeeRule;
  /** Minor units, above zero, in the transaction's currency. */
  readonly amount: Minor;
}

/** The fee of the rule in force when it is recorded; null without a channel, without a rule, or where it comes to zero. */
export const dueFee = (
  state: TenantState,
  moment: Moment,
  channel: string | undefined,
  amount: Minor,
  currency: string,
): DueFee | null => {
  if (channel === undefined) return null;
  const rule = findRule(state.feeSchedule.value, channel as FeeChannel, currency, amount, moment.at);
  if (!rule) return null;
  const fee = feeAmount(rule, amount);
  return fee > 0 ? { rule, amount: fee } : null;
};

const isMerchant = ({ terms }: Account): boolean => terms.walletType === 'merchant' || terms.walletType === 'business';

/**
 * The account that a fee is debited to (DECISIONS 23); null where the customer is to pay and it is the tenant's own asset,
 * or the merchant is and the money goes to nobody's merchant or business account of that currency.
 */
export const feePayer = (
  posting: Posting,
  { who_pays, currency }: FeeRule,
  customer: Account,
  merchant: Account,
): Account | null => {
  switch (who_pays) {
    case 'customer':
      // On the debit side a debit gives it more: the tenant's own assets are no customer.
      return customer.terms.normalSide === 'credit' ? customer : null;
    case 'merchant':
      return isMerchant(merchant) && merchant.terms.currency === currency ? merchant : null;
    case 'platform':
    case 'tenant':
    case 'processor':
      return posting.system('fee_expense', currency);
  }
};

/** Credits a fee that was debited to an account, to the income account of who gets it, and says so for the record. */
export const creditFee = (posting: Posting, { rule, amount }: DueFee, payer: Account): ChargedFee => {
  const { rule_id, who_pays, who_gets_paid, currency } = rule;
  posting.post(posting.system(`fees:${who_gets_paid}`, currency), 'credit', amount);
  return { rule_id, amount, payer: who_pays, payee: who_gets_paid, account_id: payer.id };
};
