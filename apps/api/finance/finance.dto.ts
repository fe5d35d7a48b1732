import { idForm } from '#contract/forms.js';
import { NETWORK_ITEM_TYPES, type NetworkItemType } from '#domain/settlements/record-network-item.js';
import {
  Amount,
  AmountOrZero,
  CurrencyCode,
  Formed,
  FreeText,
  MetadataMap,
  Nullable,
  OneOf,
  Optional,
  Says,
  Text,
  Timestamp,
  Whole,
} from '#platform/validation/fields.js';

const ACCOUNT_ID = new RegExp(idForm('account'));
const SETTLEMENT_ID = new RegExp(idForm('settlement'));

export class CompleteSettlementBody {
  @Says('Minor units that were paid, in the direction of the settlement’s net; 0 only where nothing is owed.', 125000)
  @AmountOrZero()
  amount: number;

  @Says('The bank’s or the network’s: what its statement is matched by.', 'NSS-20260131')
  @Optional()
  @Text(1, 255)
  reference?: string;
}

export class FailSettlementBody {
  @Says('Why it could not be paid.', 'The bank’s window was closed')
  @FreeText(1, 500)
  reason: string;
}

export class RecordNetworkItemBody {
  @OneOf(NETWORK_ITEM_TYPES)
  type: NetworkItemType;

  @Says('Minor units.', 300)
  @Amount()
  amount: number;

  @Says('ISO 4217 code.', 'NGN')
  @CurrencyCode()
  currency: string;

  @Says('`credit` owes the network more, `debit` less. Required of an adjustment.')
  @Optional()
  @OneOf(['debit', 'credit'])
  direction?: 'debit' | 'credit';

  @Says('RFC 3339: when the network made it. Of an earlier business day the line is late.')
  @Optional()
  @Timestamp()
  posted_at?: string;

  @Says('The completed settlement that it puts right.')
  @Optional()
  @Formed(SETTLEMENT_ID)
  corrects?: string;

  @Says('Yours: unique among transactions that did not fail.')
  @Optional()
  @Text(1, 255)
  reference?: string;

  @Optional()
  @FreeText(1, 500)
  narration?: string;

  @Optional()
  @MetadataMap()
  metadata?: Record<string, string>;
}

export class UpdateFinanceSettingsBody {
  @Says('Local hour at which the next business day begins; 0: midnight.', 17)
  @Optional()
  @Whole(0, 23)
  cut_off_hour?: number;

  @Says('A float or general account; null: the main float of the settlement’s currency.')
  @Optional()
  @Nullable()
  @Formed(ACCOUNT_ID)
  settlement_account_id?: string | null;

  @Says('Below this coverage there is an alert; basis points, 10500 is 105 %.', 10500)
  @Optional()
  @Whole(0, 1_000_000)
  coverage_alert_bps?: number;

  @Says('At this coverage the alert is over; basis points, not below the other.', 10600)
  @Optional()
  @Whole(0, 1_000_000)
  coverage_restored_bps?: number;

  @Says('Minutes between snapshots: 5 to 1440, a whole number of them in a day and of five minutes in them.', 60)
  @Optional()
  @Whole(5, 1440)
  snapshot_minutes?: number;

  @Optional()
  @Whole(0, 10_000)
  webhook_failure_bps?: number;

  @Optional()
  @Whole(0, 10_000)
  kyc_rejection_bps?: number;

  @Optional()
  @Whole(0, 1_000_000_000)
  rate_limit_hits_per_day?: number;

  @Optional()
  @Whole(0, 1_000_000_000)
  blocked_accounts_per_day?: number;
}

export class SimulateLiquidityBody {
  @Says('ISO 4217 code.', 'NGN')
  @CurrencyCode()
  currency: string;

  @Says('Customers withdraw so much: liabilities and liquidity fall. Minor units.', 500000)
  @Optional()
  @AmountOrZero()
  withdraw?: number;

  @Says('Customers deposit so much: both rise.')
  @Optional()
  @AmountOrZero()
  deposit?: number;

  @Says('The tenant puts so much into its float accounts.')
  @Optional()
  @AmountOrZero()
  float_in?: number;

  @Says('The tenant takes so much out of them.')
  @Optional()
  @AmountOrZero()
  float_out?: number;
}
