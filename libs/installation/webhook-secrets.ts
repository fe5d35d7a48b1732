import { decrypt, encrypt, owner } from '#vault/sealing.js';
import type { SecretBox } from '#webhooks/webhook-secrets.js';
import type { Installation } from './installation.js';

const PURPOSE = 'webhooks: signing secrets';

/** Seals webhook secrets under a key of the installation's own. */
export const webhookSecretBox = ({ masterKeys }: Pick<Installation, 'masterKeys'>): SecretBox => ({
  seal: (of, text) => {
    const { current } = masterKeys;
    return { sealed: encrypt(current.derive(PURPOSE), owner(...of), Buffer.from(text, 'utf8')), keyId: current.id };
  },
  open: (of, sealed, keyId) => {
    const key = masterKeys.find(keyId);
    return key === undefined ? null : (decrypt(key.derive(PURPOSE), owner(...of), sealed)?.toString('utf8') ?? null);
  },
});
