import { webhookKey, type WebhookKey } from '#webhooks/signing.js';
import type { Installation } from './installation.js';

/** The pair that signs deliveries of all tenants: made from the installation's own key, so it is stored nowhere. */
export const installationWebhookKey = ({ keyFor }: Pick<Installation, 'keyFor'>): WebhookKey =>
  webhookKey(keyFor('webhooks: ed25519 seed'));
