import { DECLINE_REASONS, type DeclineReason } from '#domain/card-transactions/card-transactions.js';
import { FEE_CHANNELS, type FeeChannel } from '#domain/fees/fees.js';
import { idForm } from '#contract/forms.js';
import {
  Amount,
  CurrencyCode,
  Flag,
  Formed,
  FreeText,
  MetadataMap,
  Nullable,
  OneOf,
  Optional,
  Part,
  Says,
  Text,
  Timestamp,
} from '#platform/validation/fields.js';

const DRY_RUN = 'Answers 200 with what would come of it; nothing is kept.';
const REFERENCE = 'The network’s own number of the message: the same one again answers the first outcome.';
const CARD_ID = new RegExp(idForm('card'));

export class MerchantBody {
  @FreeText(1, 200)
  name: string;

  @Says('Four-digit ISO 18245 code.', '5411')
  @Formed(/^\d{4}$/)
  category_code: string;

  @Nullable()
  @FreeText(1, 100)
  city?: string | null;

  @Says('ISO 3166-1 alpha-2.', 'NG')
  @Nullable()
  @Formed(/^[A-Z]{2}$/)
  country?: string | null;
}

export class AuthorizeCardBody {
  @Formed(CARD_ID)
  card_id: string;

  @Amount()
  amount: number;

  @CurrencyCode()
  currency: string;

  @Part(() => MerchantBody)
  merchant: MerchantBody;

  @Says(REFERENCE)
  @Text(1, 255)
  network_reference: string;

  @Says('Whether less than the amount is welcome.')
  @Optional()
  @Flag()
  partial_approval?: boolean;

  @Says('When the hold ends by itself; by the merchant’s category where it is not given.')
  @Optional()
  @Timestamp()
  expires_at?: string;

  @Optional()
  @MetadataMap()
  metadata?: Record<string, string>;

  @Says(DRY_RUN)
  @Optional()
  @Flag()
  dry_run?: boolean;
}

export class PostCardTransactionBody {
  @Formed(CARD_ID)
  card_id: string;

  @Amount()
  amount: number;

  @CurrencyCode()
  currency: string;

  @Part(() => MerchantBody)
  merchant: MerchantBody;

  @Text(1, 255)
  network_reference: string;

  @Says('`debit` takes from the account, `credit` gives to it.')
  @OneOf(['debit', 'credit'])
  direction: 'debit' | 'credit';

  @Says('When the network posted it. One that lies ahead or in a closed period is moved, and flagged.')
  @Optional()
  @Timestamp()
  posted_at?: string;

  @Says('Which fee rule applies, where the message says more than the card does.')
  @Optional()
  @OneOf(FEE_CHANNELS)
  channel?: FeeChannel;

  @Optional()
  @MetadataMap()
  metadata?: Record<string, string>;

  @Says(DRY_RUN)
  @Optional()
  @Flag()
  dry_run?: boolean;
}

export class CaptureCardTransactionBody {
  @Says('Minor units: less than the hold, as much, or more.')
  @Amount()
  amount: number;

  @Says('Whether what is left of the hold is released: true where it is not given.')
  @Optional()
  @Flag()
  final?: boolean;

  @Text(1, 255)
  network_reference: string;

  @Optional()
  @MetadataMap()
  metadata?: Record<string, string>;

  @Says(DRY_RUN)
  @Optional()
  @Flag()
  dry_run?: boolean;
}

export class IncrementCardTransactionBody {
  @Says('Minor units: by how much the hold is to grow.')
  @Amount()
  amount: number;

  @Says(REFERENCE)
  @Optional()
  @Text(1, 255)
  network_reference?: string;

  @Says(DRY_RUN)
  @Optional()
  @Flag()
  dry_run?: boolean;
}

export class AdjustCardTransactionBody {
  @Says('Minor units: what the hold is to be.')
  @Amount()
  amount: number;

  @Says(REFERENCE)
  @Optional()
  @Text(1, 255)
  network_reference?: string;

  @Says(DRY_RUN)
  @Optional()
  @Flag()
  dry_run?: boolean;
}

export class ReverseCardTransactionBody {
  @Says('Minor units; all that is held where it is not given.')
  @Optional()
  @Amount()
  amount?: number;

  @Says(REFERENCE)
  @Optional()
  @Text(1, 255)
  network_reference?: string;

  @Says(DRY_RUN)
  @Optional()
  @Flag()
  dry_run?: boolean;
}

export class ExpireCardTransactionBody {
  @Says(DRY_RUN)
  @Optional()
  @Flag()
  dry_run?: boolean;
}

export class RefundCardTransactionBody {
  @Says('Minor units, also more than was captured.')
  @Amount()
  amount: number;

  @Says(REFERENCE)
  @Text(1, 255)
  network_reference: string;

  @Optional()
  @MetadataMap()
  metadata?: Record<string, string>;

  @Says(DRY_RUN)
  @Optional()
  @Flag()
  dry_run?: boolean;
}

export class RefundToCardBody {
  @Formed(CARD_ID)
  card_id: string;

  @Amount()
  amount: number;

  @Says('The account’s where it is not given.')
  @Optional()
  @CurrencyCode()
  currency?: string;

  @Optional()
  @Part(() => MerchantBody)
  merchant?: MerchantBody;

  @Says(REFERENCE)
  @Text(1, 255)
  network_reference: string;

  @Optional()
  @MetadataMap()
  metadata?: Record<string, string>;

  @Says(DRY_RUN)
  @Optional()
  @Flag()
  dry_run?: boolean;
}

export class SimulateAuthorizationBody {
  @Formed(CARD_ID)
  card_id: string;

  @Amount()
  amount: number;

  @Says('The account’s where it is not given.')
  @Optional()
  @CurrencyCode()
  currency?: string;

  @Says('A shop of category 5999 where it is not given.')
  @Optional()
  @Part(() => MerchantBody)
  merchant?: MerchantBody;

  @Says('Whether less than the amount is welcome.')
  @Optional()
  @Flag()
  partial_approval?: boolean;
}

export class SimulateDeclineBody {
  @Formed(CARD_ID)
  card_id: string;

  @Amount()
  amount: number;

  @OneOf(DECLINE_REASONS)
  reason: DeclineReason;

  @Says('The account’s where it is not given.')
  @Optional()
  @CurrencyCode()
  currency?: string;

  @Says('A shop of category 5999 where it is not given.')
  @Optional()
  @Part(() => MerchantBody)
  merchant?: MerchantBody;
}
