import { SCOPE_NAMES } from '#contract/scopes.js';
import {
  Flag,
  FreeText,
  Nullable,
  OneOf,
  Optional,
  Says,
  Timestamp,
  Whole,
  Words,
} from '#platform/validation/fields.js';

const MAX_CALLS = 1_000_000_000;

export class CreateApiKeyBody {
  @Words(SCOPE_NAMES, 1, 100)
  scopes: string[];

  @Says(
    'The environment: `live` or `prod`, `sandbox` or `test`. On a live tenant the latter two make a key of its sandbox ' +
      'twin; a sandbox tenant has no live keys.',
  )
  @Optional()
  @OneOf(['live', 'sandbox', 'prod', 'test'])
  prefix?: 'live' | 'sandbox' | 'prod' | 'test';

  @Nullable()
  @FreeText(1, 200)
  name?: string | null;

  @Says('Calls; the ceiling of the tenant’s tier where it is not given.')
  @Nullable()
  @Whole(1, MAX_CALLS)
  rate_limit_per_min?: number | null;

  @Nullable()
  @Whole(1, MAX_CALLS)
  rate_limit_per_day?: number | null;

  @Says('RFC 3339; never where it is not given.')
  @Nullable()
  @Timestamp()
  expires_at?: string | null;
}

export class RotateApiKeyBody {
  @Says('For how long both keys open; at most a day. The old one opens nothing from now on where it is 0 or left out.')
  @Optional()
  @Whole(0, 86_400)
  overlap_seconds?: number;
}

export class UpdateApiKeyBody {
  @Nullable()
  @Whole(1, MAX_CALLS)
  rate_limit_per_min?: number | null;

  @Nullable()
  @Whole(1, MAX_CALLS)
  rate_limit_per_day?: number | null;

  @Nullable()
  @Timestamp()
  expires_at?: string | null;

  @Optional()
  @Flag()
  is_active?: boolean;

  @Says('Can’t be changed: a key with other scopes is another key.')
  @Optional()
  @Words(SCOPE_NAMES, 0, 100)
  scopes?: string[];
}
