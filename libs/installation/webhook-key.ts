import { deriveKey } from '#platform/master-key.js';
import { webhookKey, type WebhookKey } from '#webhooks/signing.js';
import type { Installation } from './installation.js';

/** The pair that signs deliveries of all tenants: made from the installation's own key, so it is stored nowhere. */
export const installationWebhookKey = ({ masterKey }: Pick<Installation, 'masterKey'>): WebhookKey =>
  webhookKey(deriveKey(masterKey, 'webhooks: ed25519 seed'));
