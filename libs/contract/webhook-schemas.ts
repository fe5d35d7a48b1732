/** Schemas of what is answered of webhooks: a part of `resource-schemas.ts`. */
import {
  WEBHOOK_ENDPOINT_STATUSES,
  WEBHOOK_ORDERINGS,
  WEBHOOK_PAYLOADS,
} from '#domain/webhook-endpoints/webhook-endpoints.js';
import {
  complete,
  flag,
  id,
  is,
  list,
  metadata,
  nullable,
  oneOf,
  ref,
  text,
  time,
  type Schema,
} from './schema-words.js';

const endpoint = {
  object: is('webhook_endpoint'),
  id: id('webhook_endpoint'),
  endpoint_id: id('webhook_endpoint'),
  tenant_id: id('tenant'),
  url: nullable(text),
  events: list(text),
  description: nullable(text),
  status: {
    ...oneOf(...WEBHOOK_ENDPOINT_STATUSES),
    description: '`dead`: a delivery’s last attempt failed. Neither `disabled` nor `dead` loses what is to be sent.',
  },
  is_active: flag,
  api_version: { ...nullable(text), description: 'In which version events are written; null: in the tenant’s pin.' },
  ordering: {
    ...oneOf(...WEBHOOK_ORDERINGS),
    description: '`account`: what is about one account is sent in its order, one after the other.',
  },
  payload: { ...oneOf(...WEBHOOK_PAYLOADS), description: '`thin`: without `data`, to be fetched by the event’s id.' },
  headers: metadata,
  secret_masked: nullable(text),
  previous_secret_expires_at: { ...nullable(time), description: 'Until when the secret before signs too.' },
  created_at: time,
  updated_at: time,
};

export const WEBHOOK_SCHEMAS: Readonly<Record<string, Schema>> = {
  webhook_endpoint: complete(endpoint),
  webhook_endpoints: complete({ endpoints: list(ref('webhook_endpoint')) }),
  shown_webhook_endpoint: complete(
    {
      ...endpoint,
      signing_secret: {
        ...nullable(text),
        description: 'Shown once, where it was made. Null where a replay asks too late.',
      },
    },
    ['signing_secret'],
  ),
};
