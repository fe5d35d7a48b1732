import { isEmpty, replaced } from '../changes.js';
import { clearOrNull } from '../customers/create-customer.js';
import {
  accept,
  clear,
  personalMetadata,
  refuse,
  unchanged,
  type Decision,
  type Metadata,
  type Moment,
} from '../decision.js';
import type { LedgerDraft } from '../ledger.js';
import type { TenantState } from '../state.js';
import type { Tenant } from '../tenants/tenants.js';
import { sortedOnce } from './create-webhook-endpoint.js';
import { isTaken, rotated, type SecretRotation } from './secrets.js';
import {
  webhookEndpointFacts,
  type WebhookEndpointFacts,
  type WebhookEndpointStatus,
  type WebhookOrdering,
  type WebhookPayload,
} from './webhook-endpoints.js';

/** What is not named stays; null takes a description or a version away. Deliveries that wait go by it too. */
export interface UpdateWebhookEndpoint {
  readonly type: 'UpdateWebhookEndpoint';
  readonly data: {
    readonly endpoint_id: string;
    readonly url?: string;
    readonly events?: readonly string[];
    readonly description?: string | null;
    readonly api_version?: string | null;
    readonly ordering?: WebhookOrdering;
    readonly payload?: WebhookPayload;
    /** All of them: those that are not named go. */
    readonly headers?: Metadata;
    readonly is_active?: boolean;
    /** Another secret at the same time. */
    readonly rotation?: SecretRotation;
  };
}

/** Refused, in this order: `webhook_endpoint_not_found`; `invalid_state` (the new secret's id is taken). */
export const updateWebhookEndpoint = (
  { data }: UpdateWebhookEndpoint,
  state: TenantState,
  moment: Moment,
): Decision<LedgerDraft> => {
  const before = webhookEndpointFacts(state, data.endpoint_id);
  if (before === null) return refuse('webhook_endpoint_not_found');
  const { rotation } = data;
  if (rotation !== undefined && isTaken(before.secrets, rotation.secret_id)) {
    return refuse('invalid_state', 'secret_id', 'The secret exists already.');
  }
  const endpoint = changed(before, data);
  const previous = replaced(before, endpoint);
  const isEnding = before.status === 'enabled' && endpoint.status !== 'enabled';
  const draft: LedgerDraft = {
    id: moment.nextUlid(),
    type: isEnding ? 'WebhookEndpointDisabled' : 'WebhookEndpointUpdated',
    subject: (state.tenant.value as Tenant).id,
    data: { webhook_endpoint: endpoint, previous },
  };
  return isEmpty(previous) ? unchanged(draft) : accept(draft);
};

const changed = (before: WebhookEndpointFacts, data: UpdateWebhookEndpoint['data']): WebhookEndpointFacts => ({
  ...before,
  url: data.url === undefined ? before.url : clear(data.url),
  events: data.events === undefined ? before.events : sortedOnce(data.events),
  description: data.description === undefined ? before.description : clearOrNull(data.description),
  status: statusAfter(before.status, data.is_active),
  api_version: data.api_version === undefined ? before.api_version : data.api_version,
  ordering: data.ordering ?? before.ordering,
  payload: data.payload ?? before.payload,
  headers: data.headers === undefined ? before.headers : personalMetadata(data.headers),
  secrets: data.rotation === undefined ? before.secrets : rotated(before.secrets, data.rotation),
});

/** One that died stays dead where it is only said to be out of use. */
const statusAfter = (before: WebhookEndpointStatus, isActive: boolean | undefined): WebhookEndpointStatus => {
  if (isActive === undefined) return before;
  if (isActive) return 'enabled';
  return before === 'enabled' ? 'disabled' : before;
};
