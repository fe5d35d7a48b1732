import { accept, refuse, type Decision, type Moment } from '../decision.js';
import type { LedgerDraft } from '../ledger.js';
import type { TenantState } from '../state.js';
import type { Tenant } from '../tenants/tenants.js';
import { isTaken, rotated, type SecretRotation } from './secrets.js';
import { webhookEndpointFacts } from './webhook-endpoints.js';

/** Another secret takes the place of the present one, which signs beside it for a while. */
export interface RotateWebhookSecret {
  readonly type: 'RotateWebhookSecret';
  readonly data: SecretRotation & { readonly endpoint_id: string };
}

/** Refused, in this order: `webhook_endpoint_not_found`; `invalid_state` (the secret's id is taken). */
export const rotateWebhookSecret = (
  { data }: RotateWebhookSecret,
  state: TenantState,
  moment: Moment,
): Decision<LedgerDraft> => {
  const before = webhookEndpointFacts(state, data.endpoint_id);
  if (before === null) return refuse('webhook_endpoint_not_found');
  const { secrets } = before;
  if (isTaken(secrets, data.secret_id)) return refuse('invalid_state', 'secret_id', 'The secret exists already.');
  return accept({
    id: moment.nextUlid(),
    type: 'WebhookSecretRotated',
    subject: (state.tenant.value as Tenant).id,
    data: { webhook_endpoint: { ...before, secrets: rotated(secrets, data) }, previous: { secrets } },
  });
};
