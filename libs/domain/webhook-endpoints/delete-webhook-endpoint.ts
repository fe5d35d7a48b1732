import { accept, refuse, type Decision, type Moment } from '../decision.js';
import type { LedgerDraft } from '../ledger.js';
import type { TenantState } from '../state.js';
import type { Tenant } from '../tenants/tenants.js';
import { webhookEndpointFacts } from './webhook-endpoints.js';

/** Gone for good, and with it what it was still to be sent. */
export interface DeleteWebhookEndpoint {
  readonly type: 'DeleteWebhookEndpoint';
  readonly data: { readonly endpoint_id: string };
}

/** Refused: `webhook_endpoint_not_found`, also for one that was deleted. Open in every status of the tenant. */
export const deleteWebhookEndpoint = (
  { data }: DeleteWebhookEndpoint,
  state: TenantState,
  moment: Moment,
): Decision<LedgerDraft> => {
  const before = webhookEndpointFacts(state, data.endpoint_id);
  if (before === null) return refuse('webhook_endpoint_not_found');
  return accept({
    id: moment.nextUlid(),
    type: 'WebhookEndpointDeleted',
    subject: (state.tenant.value as Tenant).id,
    data: {
      webhook_endpoint: { ...before, status: 'disabled', secrets: [] },
      previous: { status: before.status, secrets: before.secrets },
    },
  });
};
