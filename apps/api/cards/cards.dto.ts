import { idForm } from '#contract/forms.js';
import {
  Amount,
  Codes,
  Formed,
  FreeText,
  MetadataMap,
  MetadataPatchMap,
  Nullable,
  OneOf,
  Optional,
  Part,
  Parts,
  Says,
  Whole,
} from '#platform/validation/fields.js';

const ACCOUNT_ID = new RegExp(idForm('account'));
const CATEGORY = /^\d{4}$/;
const INTERVALS = ['per_authorization', 'daily', 'monthly', 'all_time'] as const;

export class SpendingLimitBody {
  @Amount()
  amount: number;

  @Says(
    '`daily` and `monthly` are days and months in the tenant’s time zone; `per_authorization` is one purchase alone.',
  )
  @OneOf(INTERVALS)
  interval: (typeof INTERVALS)[number];
}

export class SpendingControlsBody {
  @Says('Merchant category codes that are declined: codes of ISO 18245, no others.', ['7995'])
  @Optional()
  @Codes(CATEGORY, 0, 2000)
  blocked_categories?: string[];

  @Optional()
  @Parts(() => SpendingLimitBody, 0, 20)
  limits?: SpendingLimitBody[];
}

export class IssueCardBody {
  @Says('The wallet that it spends from.')
  @Formed(ACCOUNT_ID)
  account_id: string;

  @OneOf(['virtual', 'physical', 'nfc'])
  type: 'virtual' | 'physical' | 'nfc';

  @Nullable()
  @FreeText(1, 200)
  holder_name?: string | null;

  @Says('Month and year in which it ends: good to the last day of that month. Both or neither.', 12)
  @Nullable()
  @Whole(1, 12)
  exp_month?: number | null;

  @Nullable()
  @Whole(2000, 2099)
  exp_year?: number | null;

  @Says('The last four digits, where the card has a number already. No more of it is taken.', '4242')
  @Optional()
  @Formed(/^\d{4}$/)
  last4?: string;

  @Optional()
  @Part(() => SpendingControlsBody)
  spending_controls?: SpendingControlsBody;

  @Optional()
  @MetadataMap()
  metadata?: Record<string, string>;
}

export class UpdateCardBody {
  @Says('Null takes the name away.')
  @Nullable()
  @FreeText(1, 200)
  holder_name?: string | null;

  @Says('Of a renewed card; null for both takes the end away.', 12)
  @Nullable()
  @Whole(1, 12)
  exp_month?: number | null;

  @Nullable()
  @Whole(2000, 2099)
  exp_year?: number | null;

  @Optional()
  @Part(() => SpendingControlsBody)
  spending_controls?: SpendingControlsBody;

  @Says('Merged; null takes a key away.')
  @Optional()
  @MetadataPatchMap()
  metadata?: Record<string, string | null>;
}

/** Of actions that need no word beside their path. */
export class NoBody {}
