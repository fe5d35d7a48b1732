/** The operations on public events: reading, following, and what there is to know of their types. Rows of `operations.ts`. */
import { open, tenant, type Operation } from './operation-terms.js';
import { EVENT_FILTERS, FOLLOWING, PAGING, STREAM_FROM } from './query-parameters.js';

export const EVENT_STREAM = 'text/event-stream';

export const EVENT_OPERATIONS = {
  listEvents: tenant('Events', 'events:read', ['GET /v1/events', 'list:event', 'List public events'], {
    query: { ...PAGING, ...EVENT_FILTERS, ...FOLLOWING },
    description:
      'Newest first. With `after_sequence` it is how a consumer catches up, or does without webhooks: the events after that ' +
      'one, oldest first, without a gap; then the next call names the `sequence` of the last one that came. `wait_ms` makes ' +
      'a call that finds nothing wait for the next event. Beside `after_sequence` there are only `limit` and `wait_ms`, and ' +
      '`next_cursor` is null.',
  }),
  streamEvents: tenant(
    'Events',
    'events:read',
    ['GET /v1/events/stream', 'event', 'Follow public events as they happen (Server-Sent Events)'],
    {
      query: STREAM_FROM,
      formats: [EVENT_STREAM],
      description:
        'Each message is an event as JSON, and its `id` is the event’s `sequence`. It begins after `Last-Event-ID`, which ' +
        'clients send by themselves when they connect again, else after `after_sequence`, else with what happens from now ' +
        'on. A comment is sent every 15 s while nothing happens. The stream ends by itself from time to time, and when its ' +
        'key loses the right to it: connect again. At most 50 callers of a tenant wait or follow at one instance.',
    },
  ),
  getEvent: tenant('Events', 'events:read', ['GET /v1/events/{event_id}', 'event', 'Get an event']),
  listEventTypes: tenant(
    'Events',
    null,
    ['GET /v1/event_types', 'list:event_type', 'Every type of event, with its JSON Schema'],
    { description: 'In the version of the call. The same for every tenant.' },
  ),
  getAsyncApi: open(['GET /asyncapi.json', 'openapi', 'The AsyncAPI document of events and webhooks']),
  getWebhookKeys: open(['GET /.well-known/webhook-keys', 'webhook_keys', 'The public keys of webhook signatures']),
} as const satisfies Record<string, Operation>;
