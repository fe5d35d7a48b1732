import { resourceId } from '../resource-id.js';
import { idOf, isId } from '#domain/ids.js';
import type { LedgerEvent } from '#domain/ledger.js';
import { formatInstant } from '#domain/time.js';
import type { Open } from './personal.js';

export type AuditOutcome = 'allowed' | 'refused' | 'failed';

export interface AuditEntryResource {
  readonly object: 'audit_entry';
  readonly id: string;
  readonly tenant_id: string | null;
  readonly created_at: string;
  readonly actor: { readonly type: 'api_key' | 'user' | 'operator' | 'system'; readonly id: string };
  readonly operation: string | null;
  readonly event_type: string | null;
  readonly outcome: AuditOutcome;
  readonly status: number | null;
  readonly code: string | null;
  readonly count: number;
  readonly reason: string | null;
  readonly resource_id: string | null;
  readonly request_id: string | null;
  readonly ip: string | null;
  readonly api_version: string | null;
  readonly chain: 'audit' | 'ledger';
  readonly sequence: number;
  readonly hash: string;
}

/** An entry of the audit chain, as it is stored. */
export interface StoredAuditEntry {
  readonly id: string;
  readonly tenant_id: string;
  readonly sequence: number;
  readonly at: string;
  readonly actor: string;
  readonly operation: string | null;
  readonly outcome: AuditOutcome;
  readonly status: number;
  readonly code: string | null;
  readonly count: number;
  readonly resource_id: string | null;
  readonly reason: string | null;
  readonly request_id: string;
  readonly api_version: string;
  readonly ip: string | null;
}

const actorOf = (id: string): AuditEntryResource['actor'] => {
  if (isId('api_key', id)) return { type: 'api_key', id };
  if (isId('user', id)) return { type: 'user', id };
  return { type: id === 'system' ? 'system' : 'operator', id };
};

/** `hash`: hexadecimal. */
export const renderAuditEntry = (
  { tenant_id, actor, at, ip, reason, ...stored }: StoredAuditEntry,
  hash: string,
  open: Open,
): AuditEntryResource => ({
  object: 'audit_entry',
  ...stored,
  tenant_id: isId('tenant', tenant_id) ? tenant_id : null,
  created_at: at,
  actor: actorOf(actor),
  event_type: null,
  reason: reason === null ? null : open(reason),
  ip: ip === null ? null : open(ip),
  chain: 'audit',
  hash,
});

/** The code that a recorded refusal says why with; null for what was done. */
export const refusalIn = (event: LedgerEvent): string | null => {
  if (event.type === 'TransactionFailed') return event.data.transaction.failure_code;
  if (event.type === 'CardDeclined') return event.data.card_transaction.decline_reason;
  if (event.type !== 'CardAuthorizationChanged') return null;
  return event.data.card_transaction.elements.at(-1)?.decline_reason ?? null;
};

/** What whoever did it gave as the reason, sealed. */
const reasonOf = ({ data }: LedgerEvent): string | null => {
  const { reason, account } = data as {
    readonly reason?: string | null;
    readonly account?: { readonly closure?: { readonly reason: string } | null };
  };
  return reason ?? account?.closure?.reason ?? null;
};

/** An accepted write, as its event tells it. */
export const renderAuditedWrite = (event: LedgerEvent, hash: string, open: Open): AuditEntryResource => {
  const { meta } = event;
  const code = refusalIn(event);
  const reason = reasonOf(event);
  return {
    object: 'audit_entry',
    id: idOf('audit_entry', event.id),
    tenant_id: meta.tenant_id,
    created_at: formatInstant(event.at),
    actor: actorOf(meta.actor),
    operation: meta.idempotency?.operation ?? null,
    event_type: event.type,
    outcome: code === null ? 'allowed' : 'refused',
    status: null,
    code,
    count: 1,
    reason: reason === null ? null : open(reason),
    resource_id: resourceId(event),
    request_id: meta.request_id,
    ip: meta.ip === null ? null : open(meta.ip),
    api_version: meta.api_version,
    chain: 'ledger',
    sequence: event.revision,
    hash,
  };
};

/** What is sealed of a write and shown here. */
export const sealedInWrite = (event: LedgerEvent): string[] =>
  [reasonOf(event), event.meta.ip].filter((text) => text !== null);
