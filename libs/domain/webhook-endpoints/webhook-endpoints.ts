import type { Personal, PersonalMetadata } from '../decision.js';
import { LedgerInconsistent } from '../entries.js';
import { cold, type TenantState } from '../state.js';

/** `disabled`: by its owner; `dead`: by the system, after a delivery's last attempt failed. Both keep what is to be sent. */
export const WEBHOOK_ENDPOINT_STATUSES = ['enabled', 'disabled', 'dead'] as const;
export type WebhookEndpointStatus = (typeof WEBHOOK_ENDPOINT_STATUSES)[number];

/** `account`: what is about one account arrives in the order of the stream. */
export const WEBHOOK_ORDERINGS = ['none', 'account'] as const;
export type WebhookOrdering = (typeof WEBHOOK_ORDERINGS)[number];

/** `thin`: only which event it is, to be fetched. */
export const WEBHOOK_PAYLOADS = ['snapshot', 'thin'] as const;
export type WebhookPayload = (typeof WEBHOOK_PAYLOADS)[number];

/** Which secret, never what it is: that is in a table that no rebuild touches and no export holds (DECISIONS 8). */
export interface WebhookSecret {
  readonly secret_id: string;
  /** RFC 3339, real time: until when deliveries are signed with it too; null: the endpoint's present secret. */
  readonly expires_at: string | null;
}

/** The whole endpoint as an event leaves it. Its URL and headers may hold tokens, so they are sealed. */
export interface WebhookEndpointFacts {
  readonly endpoint_id: string;
  readonly url: Personal;
  /** Exact names of public types, `x.*` for all that begin so, `*` for all. */
  readonly events: readonly string[];
  readonly description: Personal | null;
  readonly status: WebhookEndpointStatus;
  /** Null: the tenant's pin. */
  readonly api_version: string | null;
  readonly ordering: WebhookOrdering;
  readonly payload: WebhookPayload;
  /** Sent with each delivery, beside the product's own. */
  readonly headers: PersonalMetadata;
  /** The present one, then those that it replaced, the latest first. */
  readonly secrets: readonly WebhookSecret[];
}

export type WebhookEndpointEvent =
  | { readonly type: 'WebhookEndpointCreated'; readonly data: { readonly webhook_endpoint: WebhookEndpointFacts } }
  | {
      readonly type:
        'WebhookEndpointUpdated' | 'WebhookSecretRotated' | 'WebhookEndpointDisabled' | 'WebhookEndpointDeleted';
      readonly data: {
        readonly webhook_endpoint: WebhookEndpointFacts;
        readonly previous: Partial<WebhookEndpointFacts>;
      };
    };

export const evolveWebhookEndpoint = (state: TenantState, { type, data }: WebhookEndpointEvent): void => {
  const { endpoint_id } = data.webhook_endpoint;
  if (type === 'WebhookEndpointDeleted') state.webhookEndpoints.delete(endpoint_id);
  else state.webhookEndpoints.set(endpoint_id, true);
};

export const webhookEndpointKey = (endpointId: string): string => `whk:${endpointId}`;

/**
 * The whole endpoint; null where none has this id, or it was deleted. No posting asks for endpoints, so none is kept in
 * memory: the command must have declared that it needs `whk:<id>`.
 */
export const webhookEndpointFacts = (state: TenantState, endpointId: string): WebhookEndpointFacts | null => {
  const event = cold(state, webhookEndpointKey(endpointId));
  if (event === null || event.type === 'WebhookEndpointDeleted') return null;
  if (!('webhook_endpoint' in event.data)) throw new LedgerInconsistent(`no event says what ${endpointId} is`);
  return event.data.webhook_endpoint;
};
