import { accept, refuse, unchanged, type Decision, type Moment } from '../decision.js';
import type { LedgerDraft } from '../ledger.js';
import type { TenantState } from '../state.js';
import type { Tenant } from '../tenants/tenants.js';
import { webhookEndpointFacts } from './webhook-endpoints.js';

/** What has gathered since it was disabled, or died, is sent from now on. */
export interface EnableWebhookEndpoint {
  readonly type: 'EnableWebhookEndpoint';
  readonly data: { readonly endpoint_id: string };
}

/** Refused: `webhook_endpoint_not_found`. */
export const enableWebhookEndpoint = (
  { data }: EnableWebhookEndpoint,
  state: TenantState,
  moment: Moment,
): Decision<LedgerDraft> => {
  const before = webhookEndpointFacts(state, data.endpoint_id);
  if (before === null) return refuse('webhook_endpoint_not_found');
  const draft: LedgerDraft = {
    id: moment.nextUlid(),
    type: 'WebhookEndpointUpdated',
    subject: (state.tenant.value as Tenant).id,
    data: { webhook_endpoint: { ...before, status: 'enabled' }, previous: { status: before.status } },
  };
  return before.status === 'enabled' ? unchanged(draft) : accept(draft);
};
