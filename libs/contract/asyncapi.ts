/** The AsyncAPI document of what is told by webhooks and by the stream of events. */
import { EVENT_TYPES, eventSchema, type Schemas } from './event-types.js';
import { PUBLIC_EVENT_TYPES } from './public-events.js';
import type { Schema } from './schema-words.js';
import { reachable } from './versions/tags.js';
import { signatureHeader } from './versions/webhooks.js';

export interface AsyncApiOptions {
  readonly version: string;
  /** Of that version. */
  readonly schemas: Schemas;
  readonly versionHeader: string;
  readonly baseUrl: string;
}

/** Keys of AsyncAPI are letters, digits, dots and dashes; message names are the types themselves. */
const MESSAGES = Object.fromEntries(
  PUBLIC_EVENT_TYPES.map((type) => [type, { $ref: `#/components/messages/${type}` }]),
) as Schema;

const headersOf = (version: string): Schema => ({
  type: 'object',
  required: ['webhook-id', 'webhook-timestamp', 'webhook-signature', signatureHeader(version)],
  properties: {
    'webhook-id': { type: 'string', description: 'The event’s id: the same for every attempt.' },
    'webhook-timestamp': { type: 'string', description: 'Of this attempt, in seconds since 1970.' },
    'webhook-signature': {
      type: 'string',
      description:
        'Standard Webhooks: `v1,<base64>` for each secret in force, and `v1a,<base64>` by the published key.',
    },
    [signatureHeader(version)]: { type: 'string', description: '`t=<seconds>,v1=<hex>`, one `v1` for each secret.' },
  },
});

const servers = (baseUrl: string): Schema => {
  const at = /^(https?):\/\/([^/]+)/.exec(baseUrl);
  if (at === null) return {};
  return { api: { host: at[2], protocol: at[1], description: 'Serves the stream of events.' } };
};

const channels = (): Schema => ({
  webhooks: {
    address: null,
    title: 'Webhooks',
    description: 'POST requests to the URL of each webhook endpoint that asks for the type.',
    messages: MESSAGES,
  },
  stream: {
    address: '/v1/events/stream',
    title: 'Stream of events',
    description: 'Server-sent events; `GET /v1/events?after_sequence=` tells the same, page by page.',
    messages: MESSAGES,
  },
});

const operations = (): Schema => ({
  deliverWebhook: {
    action: 'send',
    channel: { $ref: '#/channels/webhooks' },
    title: 'Deliver to a webhook endpoint',
    bindings: { http: { method: 'POST', bindingVersion: '0.3.0' } },
  },
  tellFollowers: {
    action: 'send',
    channel: { $ref: '#/channels/stream' },
    title: 'Tell who follows the stream',
    bindings: { http: { method: 'GET', bindingVersion: '0.3.0' } },
  },
});

/** AsyncAPI 3.0, told from this side: the installation sends. */
export const asyncApiDocument = ({ version, schemas, versionHeader, baseUrl }: AsyncApiOptions): Schema => {
  const payloads = PUBLIC_EVENT_TYPES.map((type) => [type, eventSchema(type, version, schemas)] as const);
  const used = new Set(payloads.flatMap(([, schema]) => [...reachable(schema, schemas)]));
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Daybook: events',
      version,
      description:
        `What happened to a tenant, one message an event, in API version ${version}: ask for another with the header ` +
        `\`${versionHeader}\`. \`sequence\` has no gap, so that a consumer can prove that it has all.`,
      license: { name: 'Apache-2.0' },
    },
    defaultContentType: 'application/json',
    servers: servers(baseUrl),
    channels: channels(),
    operations: operations(),
    components: {
      messages: Object.fromEntries(
        payloads.map(([type, payload]) => [
          type,
          { name: type, title: type, summary: EVENT_TYPES[type], headers: headersOf(version), payload },
        ]),
      ),
      schemas: Object.fromEntries(
        [...used]
          .filter((name) => schemas[name] !== undefined)
          .sort()
          .map((name) => [name, schemas[name]]),
      ),
    },
  };
};
