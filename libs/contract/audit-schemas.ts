/** Schemas of what is answered of audit: a part of `resource-schemas.ts`. */
import { STATEMENT_SCHEMAS } from './statement-schemas.js';
import { complete, id, is, nullable, oneOf, text, time, whole, type Schema } from './schema-words.js';

export const AUDIT_SCHEMAS: Readonly<Record<string, Schema>> = {
  audit_entry: complete({
    object: is('audit_entry'),
    id: id('audit_entry'),
    tenant_id: { ...nullable(text), description: 'Null: of no tenant.' },
    created_at: time,
    actor: complete({ type: oneOf('api_key', 'user', 'operator', 'system'), id: text }),
    operation: {
      ...nullable(text),
      description: 'As in the OpenAPI document; null on a write that had no idempotency key.',
    },
    event_type: { ...nullable(text), description: 'Of a write: what it appended.' },
    outcome: oneOf('allowed', 'refused', 'failed'),
    status: { ...nullable(whole), description: 'HTTP status; null on a write.' },
    code: { ...nullable(text), description: 'Of the refusal.' },
    count: { ...whole, description: 'How often: a refusal that is repeated at once is one entry.' },
    reason: nullable(text),
    resource_id: nullable(text),
    request_id: nullable(text),
    ip: { ...nullable(text), description: 'Null also where the user whose it was is erased.' },
    api_version: nullable(text),
    chain: oneOf('audit', 'ledger'),
    sequence: { ...whole, description: 'Place in the audit chain, or revision of the ledger’s stream.' },
    hash: text,
  }),
  ledger_event: {
    type: 'object',
    description: 'A stored event: `docs/export-format.md`.',
    properties: {
      revision: whole,
      id: text,
      type: text,
      v: whole,
      at: time,
      data: { type: 'object' },
      meta: { type: 'object' },
      hash: text,
    },
    required: ['revision', 'id', 'type', 'v', 'at', 'data', 'meta', 'hash'],
  },
  ...STATEMENT_SCHEMAS,
};
