import { formatInstant, type Instant } from '#domain/time.js';
import type {
  WebhookEndpointFacts,
  WebhookEndpointStatus,
  WebhookOrdering,
  WebhookPayload,
} from '#domain/webhook-endpoints/webhook-endpoints.js';
import { createdAt, opened, type MetadataResource, type Open } from './personal.js';

/** Stands for the value of an endpoint's own header: such are secrets, and are not told again. */
export const MASKED_VALUE = '****';

/** Where events are sent. Its secret is shown once, when it is made or replaced. */
export interface WebhookEndpointResource {
  readonly object: 'webhook_endpoint';
  readonly id: string;
  readonly endpoint_id: string;
  readonly tenant_id: string;
  readonly url: string | null;
  readonly events: readonly string[];
  readonly description: string | null;
  readonly status: WebhookEndpointStatus;
  readonly is_active: boolean;
  /** Null: the tenant's pin. */
  readonly api_version: string | null;
  readonly ordering: WebhookOrdering;
  readonly payload: WebhookPayload;
  /** Each value is `MASKED_VALUE`. */
  readonly headers: MetadataResource;
  /** The last characters of the present secret; who keeps secrets puts it in. */
  readonly secret_masked: string | null;
  /** RFC 3339: until when the secret before signs too; null where none does. */
  readonly previous_secret_expires_at: string | null;
  readonly created_at: string;
  readonly updated_at: string;
}

/** `updatedAt`: time of the endpoint's last event. */
export const renderWebhookEndpoint = (
  facts: WebhookEndpointFacts,
  { tenantId, updatedAt }: { readonly tenantId: string; readonly updatedAt: Instant },
  open: Open,
): WebhookEndpointResource => ({
  object: 'webhook_endpoint',
  id: facts.endpoint_id,
  endpoint_id: facts.endpoint_id,
  tenant_id: tenantId,
  url: opened(facts.url, open),
  events: facts.events,
  description: opened(facts.description, open),
  status: facts.status,
  is_active: facts.status === 'enabled',
  api_version: facts.api_version,
  ordering: facts.ordering,
  payload: facts.payload,
  headers: Object.fromEntries(facts.headers.map(([name]) => [name, MASKED_VALUE])),
  secret_masked: null,
  previous_secret_expires_at: facts.secrets[1]?.expires_at ?? null,
  created_at: createdAt(facts.endpoint_id),
  updated_at: formatInstant(updatedAt),
});
