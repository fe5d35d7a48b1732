import { API_VERSIONS } from '#contract/api-versions.js';
import { EVENT_SELECTORS } from '#contract/public-events.js';
import {
  WEBHOOK_ORDERINGS,
  WEBHOOK_PAYLOADS,
  type WebhookOrdering,
  type WebhookPayload,
} from '#domain/webhook-endpoints/webhook-endpoints.js';
import {
  Flag,
  FreeText,
  MetadataMap,
  Nullable,
  OneOf,
  Optional,
  Says,
  Text,
  Whole,
  Words,
} from '#platform/validation/fields.js';
import { MAX_URL_BYTES } from '#webhooks/egress.js';

const MAX_SELECTORS = 200;
const WEEK_SECONDS = 604_800;
const VERSIONS = API_VERSIONS.map(({ date }) => date);

export class CreateWebhookEndpointBody {
  @Says('HTTPS, on port 443 or 8443, without credentials in it.', 'https://acme.example/hooks')
  @Text(1, MAX_URL_BYTES)
  url: string;

  @Says('Exact types, `account.*` for all that begin so, or `*`.')
  @Words(EVENT_SELECTORS, 1, MAX_SELECTORS)
  events: string[];

  @Nullable()
  @FreeText(1, 500)
  description?: string | null;

  @Says('In which version events are written; the tenant’s pin where it is not given.')
  @Nullable()
  @OneOf(VERSIONS)
  api_version?: string | null;

  @Says('`account`: what is about one account is sent in its order, one after the other. `none` unless given.')
  @Optional()
  @OneOf(WEBHOOK_ORDERINGS)
  ordering?: WebhookOrdering;

  @Says('`thin`: without `data`. `snapshot` unless given.')
  @Optional()
  @OneOf(WEBHOOK_PAYLOADS)
  payload?: WebhookPayload;

  @Says('Sent with each delivery: at most 20, none of HTTP’s own and none of the signature’s.')
  @Optional()
  @MetadataMap()
  headers?: Record<string, string>;

  @Says('False makes it disabled. True unless given.')
  @Optional()
  @Flag()
  is_active?: boolean;
}

export class UpdateWebhookEndpointBody {
  @Optional()
  @Text(1, MAX_URL_BYTES)
  url?: string;

  @Optional()
  @Words(EVENT_SELECTORS, 1, MAX_SELECTORS)
  events?: string[];

  @Nullable()
  @FreeText(1, 500)
  description?: string | null;

  @Nullable()
  @OneOf(VERSIONS)
  api_version?: string | null;

  @Optional()
  @OneOf(WEBHOOK_ORDERINGS)
  ordering?: WebhookOrdering;

  @Optional()
  @OneOf(WEBHOOK_PAYLOADS)
  payload?: WebhookPayload;

  @Says('All of them: those that are not named go.')
  @Optional()
  @MetadataMap()
  headers?: Record<string, string>;

  @Optional()
  @Flag()
  is_active?: boolean;

  @Says('True also makes another secret, which the answer shows.')
  @Optional()
  @Flag()
  rotate_secret?: boolean;
}

export class RotateWebhookSecretBody {
  @Says('For how long the secret before signs too: a day where it is left out, a week at most, 0 for not at all.')
  @Optional()
  @Whole(0, WEEK_SECONDS)
  overlap_seconds?: number;
}
