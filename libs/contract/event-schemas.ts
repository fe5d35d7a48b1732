/** Schemas of what is answered about events: rows of `resource-schemas.ts`. */
import { complete, is, list, type Schema } from './schema-words.js';

export const EVENT_SCHEMAS: Readonly<Record<string, Schema>> = {
  webhook_keys: complete({
    keys: list(
      complete({
        kty: is('OKP'),
        crv: is('Ed25519'),
        alg: is('EdDSA'),
        use: is('sig'),
        x: { type: 'string', description: 'The key’s 32 bytes in base64url.' },
        public_key: { type: 'string', description: 'The same as Standard Webhooks has it: `whpk_` and base64.' },
      }),
    ),
  }),
};
