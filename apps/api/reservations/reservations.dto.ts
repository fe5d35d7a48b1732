import { idForm } from '#contract/forms.js';
import {
  Amount,
  CurrencyCode,
  Flag,
  Formed,
  MetadataMap,
  Optional,
  Says,
  Text,
  Timestamp,
} from '#platform/validation/fields.js';

const ACCOUNT_ID = new RegExp(idForm('account'));

export class CreateReservationBody {
  @Says('The account on which money is held.')
  @Formed(ACCOUNT_ID)
  account_id: string;

  @Says('Minor units.', 2500)
  @Amount()
  amount: number;

  @Says('ISO 4217 code: the account’s.', 'NGN')
  @CurrencyCode()
  currency: string;

  @Says('Where captures go that name no destination; without it to the tenant’s main float.')
  @Optional()
  @Formed(ACCOUNT_ID)
  destination?: string;

  @Says('Yours: unique among reservations and transactions that did not fail.')
  @Optional()
  @Text(1, 255)
  reference?: string;

  @Says('RFC 3339, at most 366 days on; 7 days on where it is not given.')
  @Optional()
  @Timestamp()
  expires_at?: string;

  @Optional()
  @MetadataMap()
  metadata?: Record<string, string>;

  @Says('Answers 200 with what would happen; appends nothing.')
  @Optional()
  @Flag()
  dry_run?: boolean;
}

export class CaptureReservationBody {
  @Says('Minor units; all that is held where it is not given.', 2500)
  @Optional()
  @Amount()
  amount?: number;

  @Says(
    'The account that gets it; the reservation’s own destination, else the tenant’s main float, where it is not given.',
  )
  @Optional()
  @Formed(ACCOUNT_ID)
  destination?: string;

  @Says('Whether nothing more is to come, so that the rest is given back. True where it is not given.')
  @Optional()
  @Flag()
  final?: boolean;

  @Says('Answers 200 with what would happen; appends nothing.')
  @Optional()
  @Flag()
  dry_run?: boolean;
}

export class ReleaseReservationBody {
  @Says('Answers 200 with what would happen; appends nothing.')
  @Optional()
  @Flag()
  dry_run?: boolean;
}
