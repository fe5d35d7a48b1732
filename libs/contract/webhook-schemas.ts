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
  whole,
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
  headers: { ...metadata, description: 'Sent with each delivery. A value is not told again: `****` stands for it.' },
  secret_masked: nullable(text),
  previous_secret_expires_at: { ...nullable(time), description: 'Until when the secret before signs too.' },
  created_at: time,
  updated_at: time,
};

const deliveryStatus = oneOf('pending', 'succeeded', 'failed', 'canceled');
const milliseconds = { type: ['number', 'null'] };
const headersSent = { type: 'object', additionalProperties: text };

const delivery = {
  object: is('delivery'),
  id: id('delivery'),
  tenant_id: id('tenant'),
  endpoint_id: id('webhook_endpoint'),
  event_id: id('event'),
  event_type: text,
  sequence: whole,
  replay_id: { ...nullable(id('replay')), description: 'The replay that asked for it; null: it is live.' },
  status: deliveryStatus,
  attempt_count: whole,
  next_attempt_at: nullable(time),
  waiting_because: {
    type: ['string', 'null'],
    enum: [
      'in_flight',
      'endpoint_disabled',
      'endpoint_dead',
      'circuit_open',
      'scheduled',
      'behind_earlier',
      'queued',
      null,
    ],
    description:
      'Null: it waits no more. `behind_earlier`: another of its account comes first. `queued`: it waits for its turn, as ' +
      'where as many as may be are under way to its endpoint, or its tenant was sent what it may be in a second.',
  },
  created_at: time,
  settled_at: nullable(time),
};

const attempt = complete({
  attempt: whole,
  at: time,
  outcome: oneOf('delivered', 'retry', 'refused'),
  http_status: nullable(whole),
  failure: nullable(text),
  detail: nullable(text),
  request: complete({ url: text, headers: headersSent, body: { ...text, description: 'Exactly what was signed.' } }),
  response: {
    ...complete({
      headers: headersSent,
      excerpt: { ...text, description: 'Its first 16 KiB.' },
      bytes: whole,
      is_cut: flag,
    }),
    type: ['object', 'null'],
  },
  address: nullable(text),
  timings: complete({
    dns_ms: milliseconds,
    connect_ms: milliseconds,
    tls_ms: milliseconds,
    first_byte_ms: milliseconds,
    total_ms: { type: 'number' },
  }),
});

export const WEBHOOK_SCHEMAS: Readonly<Record<string, Schema>> = {
  webhook_endpoint: complete(endpoint),
  delivery: complete(delivery),
  delivery_with_attempts: complete({ ...delivery, attempts: list(attempt) }),
  webhook_replay: complete({
    object: is('webhook_replay'),
    id: nullable(id('replay')),
    endpoint_id: id('webhook_endpoint'),
    since: time,
    until: time,
    types: { type: ['array', 'null'], items: text },
    delivery_statuses: { type: ['array', 'null'], items: deliveryStatus },
    rate_per_second: whole,
    status: { ...oneOf('dry_run', 'running', 'completed', 'canceled'), description: '`completed`: all are queued.' },
    total: { ...whole, description: 'Events that were found when it was asked for.' },
    progress: complete({ queued: whole, succeeded: whole, failed: whole, pending: whole, canceled: whole }),
    created_at: nullable(time),
    ended_at: nullable(time),
  }),
  webhook_stats: complete({
    object: is('webhook_stats'),
    endpoint_id: id('webhook_endpoint'),
    window: oneOf('1h', '24h', '7d', '30d'),
    total_deliveries: whole,
    success_count: whole,
    failure_count: whole,
    pending_count: whole,
    success_rate: { type: ['number', 'null'], description: 'Per cent of what is settled.' },
    avg_response_time_ms: nullable(whole),
    last_success: nullable(time),
    last_failure: nullable(time),
  }),
  webhook_test: complete({
    object: is('webhook_test'),
    test_event_id: id('event'),
    delivered: flag,
    http_status: nullable(whole),
    response_time_ms: whole,
    failure: nullable(text),
    message: text,
  }),
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
