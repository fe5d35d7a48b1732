import { FEE_CHANNELS, type FeeChannel } from '#domain/fees/fees.js';
import { MAX_BATCH } from '#domain/transactions/post-batch.js';
import { MAX_JOURNAL_ENTRIES, MIN_JOURNAL_ENTRIES } from '#domain/transactions/post-transaction.js';
import { POSTABLE_TYPES, type PostableType } from '#domain/transactions/transactions.js';
import { idForm } from '#contract/forms.js';
import {
  Amount,
  CurrencyCode,
  Flag,
  Formed,
  FreeText,
  MetadataMap,
  OneOf,
  Optional,
  Parts,
  Says,
  Text,
  Timestamp,
} from '#platform/validation/fields.js';

const ACCOUNT_ID = new RegExp(idForm('account'));

export class JournalEntryBody {
  @Formed(ACCOUNT_ID)
  account: string;

  @OneOf(['debit', 'credit'])
  direction: 'debit' | 'credit';

  @Amount()
  amount: number;

  @CurrencyCode()
  currency: string;
}

/** One of a batch: the same without `dry_run`. */
export class BatchTransactionBody {
  @Says('What it posts.', 'transfer')
  @OneOf(POSTABLE_TYPES)
  type: PostableType;

  @Says('Which fee rule applies; without it no fee.')
  @Optional()
  @OneOf(FEE_CHANNELS)
  channel?: FeeChannel;

  @Says('Minor units. Required but for a journal.', 2500)
  @Optional()
  @Amount()
  amount?: number;

  @Says('ISO 4217 code. Required but for a journal.', 'NGN')
  @Optional()
  @CurrencyCode()
  currency?: string;

  @Says('The account that the money leaves. A deposit without it takes the tenant’s main float.')
  @Optional()
  @Formed(ACCOUNT_ID)
  source?: string;

  @Says('The account that the money reaches. A withdrawal without it uses the tenant’s main float.')
  @Optional()
  @Formed(ACCOUNT_ID)
  destination?: string;

  @Says('Of an exchange: minor units of the destination’s currency.')
  @Optional()
  @Amount()
  destination_amount?: number;

  @Says('Of an exchange: a decimal, minor units of the destination’s currency for one of the source’s.', '1.085')
  @Optional()
  @Formed(/^\d{1,18}(?:\.\d{1,18})?$/)
  rate?: string;

  @Says('Of a journal: balanced per currency.')
  @Optional()
  @Parts(() => JournalEntryBody, MIN_JOURNAL_ENTRIES, MAX_JOURNAL_ENTRIES)
  entries?: JournalEntryBody[];

  @Says('Yours: unique among the transactions that did not fail.')
  @Optional()
  @Text(1, 255)
  reference?: string;

  @Optional()
  @FreeText(1, 500)
  narration?: string;

  @Says('RFC 3339, never ahead of now. Moves balances as of a time, not the order of the ledger.')
  @Optional()
  @Timestamp()
  effective_at?: string;

  @Optional()
  @MetadataMap()
  metadata?: Record<string, string>;
}

export class PostTransactionBody extends BatchTransactionBody {
  @Says('Answers 200 with what would happen; appends nothing.')
  @Optional()
  @Flag()
  dry_run?: boolean;
}

export class PostBatchBody {
  @Parts(() => BatchTransactionBody, 1, MAX_BATCH)
  transactions: BatchTransactionBody[];

  @Says('All or none.')
  @Optional()
  @Flag()
  atomic?: boolean;

  @Says('Answers 200 with what would come of each, one after the other; appends nothing.')
  @Optional()
  @Flag()
  dry_run?: boolean;
}

export class ReverseTransactionBody {
  @Says('Minor units; all that is left where it is not given.')
  @Optional()
  @Amount()
  amount?: number;

  @Optional()
  @FreeText(1, 1000)
  reason?: string;

  @Says('Answers 200 with what would happen; appends nothing.')
  @Optional()
  @Flag()
  dry_run?: boolean;
}
