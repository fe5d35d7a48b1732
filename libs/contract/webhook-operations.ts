/** The operations on webhook endpoints, on both planes: rows of `operations.ts`. */
import { admin, created, T, tenant, type Operation } from './operation-terms.js';
import { ENDPOINT_FILTERS, PAGING } from './query-parameters.js';

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
