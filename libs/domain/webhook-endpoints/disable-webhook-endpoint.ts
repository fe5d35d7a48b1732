import { accept, refuse, unchanged, type Decision, type Moment } from '../decision.js';
import type { LedgerDraft } from '../ledger.js';
import type { TenantState } from '../state.js';
import type { Tenant } from '../tenants/tenants.js';
import { webhookEndpointFacts } from './webhook-endpoints.js';

/** Nothing is sent to it until it is enabled; what is to be sent is kept. */
export interface DisableWebhookEndpoint {
  readonly type: 'DisableWebhookEndpoint';
  readonly data: {
    readonly endpoint_id: string;
    /** `disabled`: its owner wants so; `dead`: a delivery's last attempt failed. */
    readonly as: 'disabled' | 'dead';
  };
}

/**
 * Refused: `webhook_endpoint_not_found`. One that is out of use already stays what it is. A safety measure, so open in
 * every status of the tenant.
 */
export const disableWebhookEndpoint = (
  { data }: DisableWebhookEndpoint,
  state: TenantState,
  moment: Moment,
): Decision<LedgerDraft> => {
  const before = webhookEndpointFacts(state, data.endpoint_id);
  if (before === null) return refuse('webhook_endpoint_not_found');
  const isOut = before.status !== 'enabled';
  const draft: LedgerDraft = {
    id: moment.nextUlid(),
    type: 'WebhookEndpointDisabled',
    subject: (state.tenant.value as Tenant).id,
    data: {
      webhook_endpoint: { ...before, status: isOut ? before.status : data.as },
      previous: { status: before.status },
    },
  };
  return isOut ? unchanged(draft) : accept(draft);
};
