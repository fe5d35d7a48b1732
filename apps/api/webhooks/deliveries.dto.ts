import { EVENT_SELECTORS } from '#contract/public-events.js';
import { Flag, Optional, Says, Text, Timestamp, Whole, Words } from '#platform/validation/fields.js';

const STATUSES = ['pending', 'succeeded', 'failed', 'canceled'];

export class CreateReplayBody {
  @Says('Events recorded from this time on. Events of the last thirty days can be sent again.')
  @Timestamp()
  since: string;

  @Says('And before this time; now where it is left out.')
  @Optional()
  @Timestamp()
  until?: string;

  @Says('Exact types; all where it is left out.')
  @Optional()
  @Words(EVENT_SELECTORS.filter((name) => !name.includes('*')), 1, 200)
  types?: string[];

  @Says('Events whose live delivery has one of these; all where it is left out, also events there was none of.')
  @Optional()
  @Words(STATUSES, 1, 4)
  delivery_statuses?: string[];

  @Says('Events a second at most: 50 where it is left out.')
  @Optional()
  @Whole(1, 100)
  rate_per_second?: number;

  @Optional()
  @Flag()
  dry_run?: boolean;
}

export class TestWebhookBody {
  @Says('`webhook_endpoint.test` where it is left out.')
  @Optional()
  @Text(1, 64, /^[a-z_]+(\.[a-z_]+)+$/)
  event_type?: string;
}
