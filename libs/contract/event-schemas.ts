/** Schemas of what is answered about events: rows of `resource-schemas.ts`. */
import { complete, flag, id, is, list, nullable, text, time, whole, type Schema } from './schema-words.js';

export const EVENT_SCHEMAS: Readonly<Record<string, Schema>> = {
  event: complete({
    object: is('event'),
    id: id('event'),
    type: text,
    created: time,
    tenant_id: id('tenant'),
    live_mode: flag,
    api_version: text,
    sequence: { ...nullable(whole), description: 'Gapless per tenant: a consumer can prove that it has all.' },
    data: { type: 'object' },
    previous_attributes: { type: ['object', 'null'] },
  }),
  event_type: complete({
    object: is('event_type'),
    type: { ...text, description: 'What `type` of an event and `events` of a webhook endpoint say.' },
    description: text,
    api_version: { ...text, description: 'The version in which the schema describes the event.' },
    schema: {
      type: 'object',
      description:
        'JSON Schema (2020-12) of an event of this type, complete in itself: no other document is referred to.',
    },
  }),
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
