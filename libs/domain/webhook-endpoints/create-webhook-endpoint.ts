import { clearOrNull } from '../customers/create-customer.js';
import { accept, clear, personalMetadata, refuse, type Decision, type Metadata, type Moment } from '../decision.js';
import type { LedgerDraft } from '../ledger.js';
import { cold, type TenantState } from '../state.js';
import type { Tenant } from '../tenants/tenants.js';
import { webhookEndpointKey, type WebhookOrdering, type WebhookPayload } from './webhook-endpoints.js';

/** Ids are given from outside: the secret is kept under them before the endpoint is known to exist. */
export interface CreateWebhookEndpoint {
  readonly type: 'CreateWebhookEndpoint';
  readonly data: {
    readonly endpoint_id: string;
    readonly secret_id: string;
    readonly url: string;
    readonly events: readonly string[];
    readonly description?: string | null;
    readonly api_version?: string | null;
    readonly ordering?: WebhookOrdering;
    readonly payload?: WebhookPayload;
    readonly headers?: Metadata;
    /** True where it is not given. */
    readonly is_active?: boolean;
    /** How many the tenant may have; as many as it likes where it is not given. */
    readonly most?: number;
  };
}

/** Refused: `invalid_state` (the id is taken), `too_many_webhook_endpoints`. */
export const createWebhookEndpoint = (
  { data }: CreateWebhookEndpoint,
  state: TenantState,
  moment: Moment,
): Decision<LedgerDraft> => {
  if (cold(state, webhookEndpointKey(data.endpoint_id)) !== null) {
    return refuse('invalid_state', 'endpoint_id', 'The endpoint exists already.');
  }
  if (data.most !== undefined && state.webhookEndpoints.size >= data.most) {
    return refuse('too_many_webhook_endpoints', undefined, `A tenant has at most ${data.most} webhook endpoints.`);
  }
  return accept({
    id: moment.nextUlid(),
    type: 'WebhookEndpointCreated',
    subject: (state.tenant.value as Tenant).id,
    data: {
      webhook_endpoint: {
        endpoint_id: data.endpoint_id,
        url: clear(data.url),
        events: sortedOnce(data.events),
        description: clearOrNull(data.description),
        status: data.is_active === false ? 'disabled' : 'enabled',
        api_version: data.api_version ?? null,
        ordering: data.ordering ?? 'none',
        payload: data.payload ?? 'snapshot',
        headers: personalMetadata(data.headers),
        secrets: [{ secret_id: data.secret_id, expires_at: null }],
      },
    },
  });
};

export const sortedOnce = (names: readonly string[]): string[] => [...new Set(names)].sort();
