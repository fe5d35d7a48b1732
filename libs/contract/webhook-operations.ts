/** The operations on webhook endpoints, on both planes: rows of `operations.ts`. */
import { admin, created, T, tenant, type Operation } from './operation-terms.js';
import { DELIVERY_FILTERS, ENDPOINT_FILTERS, PAGING, STATS_WINDOW } from './query-parameters.js';

const E = '/v1/webhooks/endpoints';
const TE = `${T}/webhooks/endpoints`;
const TAG = 'Webhooks';
const ADMIN_TAG = 'Webhooks (admin)';
const SCOPE = 'webhooks:manage';
const MAY = 'manage_tenant_webhooks';

const CREATING = {
  ...created('CreateWebhookEndpointBody'),
  description:
    '`signing_secret` is shown in this answer only. `events` are exact types, `account.*` for all that begin so, or `*`. ' +
    'The URL is HTTPS, on port 443 or 8443, without credentials; the address behind its name is judged at each delivery.',
} as const;

const UPDATING = {
  body: 'UpdateWebhookEndpointBody',
  description:
    'What waits to be sent goes by it too. `rotate_secret` also makes another secret, which this answer shows; the one ' +
    'before signs beside it for a day.',
} as const;

const ROTATING = {
  body: 'RotateWebhookSecretBody',
  bodyOptional: true,
  description:
    'The secret before signs beside the new one for `overlap_seconds`, so that no delivery fails while consumers change ' +
    'over: a day where it is left out, a week at most.',
} as const;

const ENABLING = {
  body: 'NoBody',
  bodyOptional: true,
  description: 'What has gathered while it was disabled or dead is sent from now on.',
} as const;

const DISABLING = {
  body: 'NoBody',
  bodyOptional: true,
  description: 'Nothing is sent to it until it is enabled. What would have been sent is kept for thirty days.',
} as const;

const TESTING = {
  body: 'TestWebhookBody',
  bodyOptional: true,
  writes: false,
  description:
    'Sent at once and signed like any other, outside the stream: `sequence` is null. Its `data` is that of the newest event ' +
    'of the type, where there is one.',
} as const;

export const WEBHOOK_OPERATIONS = {
  createWebhookEndpoint: tenant(
    TAG,
    SCOPE,
    [`POST ${E}`, 'shown_webhook_endpoint', 'Create a webhook endpoint'],
    CREATING,
  ),
  listWebhookEndpoints: tenant(TAG, SCOPE, [`GET ${E}`, 'list:webhook_endpoint', 'List webhook endpoints'], {
    query: { ...PAGING, ...ENDPOINT_FILTERS },
  }),
  getWebhookEndpoint: tenant(TAG, SCOPE, [`GET ${E}/{endpoint_id}`, 'webhook_endpoint', 'Get a webhook endpoint']),
  updateWebhookEndpoint: tenant(
    TAG,
    SCOPE,
    [`PATCH ${E}/{endpoint_id}`, 'shown_webhook_endpoint', 'Change a webhook endpoint'],
    UPDATING,
  ),
  rotateWebhookSecret: tenant(
    TAG,
    SCOPE,
    [`POST ${E}/{endpoint_id}/rotate_secret`, 'shown_webhook_endpoint', 'Replace an endpoint’s secret'],
    ROTATING,
  ),
  enableWebhookEndpoint: tenant(
    TAG,
    SCOPE,
    [`POST ${E}/{endpoint_id}/enable`, 'webhook_endpoint', 'Enable a webhook endpoint'],
    ENABLING,
  ),
  disableWebhookEndpoint: tenant(
    TAG,
    SCOPE,
    [`POST ${E}/{endpoint_id}/disable`, 'webhook_endpoint', 'Disable a webhook endpoint'],
    DISABLING,
  ),
  deleteWebhookEndpoint: tenant(
    TAG,
    SCOPE,
    [`DELETE ${E}/{endpoint_id}`, 'nothing', 'Delete an endpoint and what it was still to be sent'],
    { status: 204 },
  ),
  getWebhookStats: tenant(
    TAG,
    SCOPE,
    [`GET ${E}/{endpoint_id}/stats`, 'webhook_stats', 'How an endpoint’s deliveries went'],
    { query: STATS_WINDOW },
  ),
  testWebhookEndpoint: tenant(
    TAG,
    SCOPE,
    [`POST ${E}/{endpoint_id}/test`, 'webhook_test', 'Send a test event and say how it went'],
    TESTING,
  ),
  listDeliveries: tenant(
    TAG,
    SCOPE,
    [`GET ${E}/{endpoint_id}/deliveries`, 'list:delivery', 'List an endpoint’s deliveries'],
    { query: { ...PAGING, ...DELIVERY_FILTERS } },
  ),
  getDelivery: tenant(
    TAG,
    SCOPE,
    ['GET /v1/webhooks/deliveries/{delivery_id}', 'delivery_with_attempts', 'Get a delivery with its attempts'],
    { description: 'What was signed and sent, byte for byte, what was answered, and how long each part took.' },
  ),
  retryDelivery: tenant(
    TAG,
    SCOPE,
    ['POST /v1/webhooks/deliveries/{delivery_id}/retry', 'delivery_with_attempts', 'Try a delivery again now'],
    {
      body: 'NoBody',
      bodyOptional: true,
      writes: false,
      description: 'Its schedule begins anew. One that is under way at this moment is left alone.',
    },
  ),
  createReplay: tenant(
    TAG,
    SCOPE,
    [`POST ${E}/{endpoint_id}/replays`, 'webhook_replay', 'Send events of the past again'],
    {
      ...created('CreateReplayBody'),
      writes: false,
      description:
        'Each event once, under the same event id, beside what is live. With `dry_run: true` it answers 200 with how many ' +
        'events there are, and sends nothing.',
    },
  ),
  listReplays: tenant(TAG, SCOPE, [`GET ${E}/{endpoint_id}/replays`, 'list:webhook_replay', 'List replays'], {
    query: PAGING,
  }),
  getReplay: tenant(TAG, SCOPE, ['GET /v1/webhooks/replays/{replay_id}', 'webhook_replay', 'Get a replay']),
  cancelReplay: tenant(
    TAG,
    SCOPE,
    ['POST /v1/webhooks/replays/{replay_id}/cancel', 'webhook_replay', 'Send no more of a replay'],
    { body: 'NoBody', bodyOptional: true, writes: false },
  ),

  getTenantWebhookStats: admin(
    ADMIN_TAG,
    'view_tenants',
    [`GET ${TE}/{endpoint_id}/stats`, 'webhook_stats', 'How the deliveries of a tenant’s endpoint went'],
    { query: STATS_WINDOW },
  ),
  testTenantWebhookEndpoint: admin(
    ADMIN_TAG,
    MAY,
    [`POST ${TE}/{endpoint_id}/test`, 'webhook_test', 'Send a test event to a tenant’s endpoint'],
    TESTING,
  ),

  createTenantWebhookEndpoint: admin(
    ADMIN_TAG,
    MAY,
    [`POST ${TE}`, 'shown_webhook_endpoint', 'Create a webhook endpoint of a tenant'],
    CREATING,
  ),
  listTenantWebhookEndpoints: admin(ADMIN_TAG, 'view_tenants', [
    `GET ${TE}`,
    'webhook_endpoints',
    'List a tenant’s webhook endpoints',
  ]),
  getTenantWebhookEndpoint: admin(ADMIN_TAG, 'view_tenants', [
    `GET ${TE}/{endpoint_id}`,
    'webhook_endpoint',
    'Get a webhook endpoint of a tenant',
  ]),
  updateTenantWebhookEndpoint: admin(
    ADMIN_TAG,
    MAY,
    [`PATCH ${TE}/{endpoint_id}`, 'shown_webhook_endpoint', 'Change a webhook endpoint of a tenant'],
    UPDATING,
  ),
  rotateTenantWebhookSecret: admin(
    ADMIN_TAG,
    MAY,
    [`POST ${TE}/{endpoint_id}/rotate_secret`, 'shown_webhook_endpoint', 'Replace the secret of a tenant’s endpoint'],
    ROTATING,
  ),
  enableTenantWebhookEndpoint: admin(
    ADMIN_TAG,
    MAY,
    [`POST ${TE}/{endpoint_id}/enable`, 'webhook_endpoint', 'Enable a webhook endpoint of a tenant'],
    ENABLING,
  ),
  disableTenantWebhookEndpoint: admin(
    ADMIN_TAG,
    MAY,
    [`POST ${TE}/{endpoint_id}/disable`, 'webhook_endpoint', 'Disable a webhook endpoint of a tenant'],
    DISABLING,
  ),
  deleteTenantWebhookEndpoint: admin(
    ADMIN_TAG,
    MAY,
    [`DELETE ${TE}/{endpoint_id}`, 'nothing', 'Delete a tenant’s endpoint and what it was still to be sent'],
    { status: 204 },
  ),
} as const satisfies Record<string, Operation>;
