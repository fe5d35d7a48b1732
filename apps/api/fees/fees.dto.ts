import { FEE_CHANNELS, FEE_PARTIES, type FeeChannel, type FeeParty } from '#domain/fees/fees.js';
import {
  Amount,
  AmountOrZero,
  CurrencyCode,
  Nullable,
  OneOf,
  Optional,
  Parts,
  Rate,
  Says,
  Timestamp,
} from '#platform/validation/fields.js';

export class FeeRuleBody {
  @OneOf(FEE_CHANNELS)
  channel: FeeChannel;

  @CurrencyCode()
  currency: string;

  @Says('Minor units.')
  @AmountOrZero()
  flat_amount: number;

  @Says('A fraction with at most six places: 0.015 is 1.5 %.', 0.015)
  @Rate()
  percentage_rate: number | string;

  @Says('The band of transaction amounts that the rule applies to, both ends included.')
  @Nullable()
  @AmountOrZero()
  min_amount?: number | null;

  @Nullable()
  @AmountOrZero()
  max_amount?: number | null;

  @Says('What the fee comes to at least, and at most.')
  @Nullable()
  @AmountOrZero()
  fee_floor?: number | null;

  @Nullable()
  @AmountOrZero()
  fee_cap?: number | null;

  @OneOf(FEE_PARTIES)
  who_pays: FeeParty;

  @Says('`platform` where it is not given.')
  @Optional()
  @OneOf(FEE_PARTIES)
  who_gets_paid?: FeeParty;

  @Says('RFC 3339; what lies in the past, and what is not given, means now.')
  @Optional()
  @Timestamp()
  effective_from?: string;
}

export const MAX_FEE_RULES = 500;

export class PreviewFeeBody {
  @Says('The channel that the transaction would name.', 'funds_transfer')
  @OneOf(FEE_CHANNELS)
  channel: FeeChannel;

  @Says('Minor units.', 250000)
  @Amount()
  amount: number;

  @CurrencyCode()
  currency: string;
}

export class ReplaceFeesBody {
  @Parts(() => FeeRuleBody, 0, MAX_FEE_RULES)
  rules: FeeRuleBody[];
}
