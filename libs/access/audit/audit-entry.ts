/** What stands in a tenant's audit log beside its events, and how its chain is made. */
import { hash } from 'node:crypto';
import { canonicalJson, type Json } from '#domain/canonical.js';

/** Whose chain holds what operators do that belongs to no tenant. */
export const PLATFORM = 'platform';

/** A call, as it is noted when it has been answered. */
export interface NotedCall {
  /** `tnt_…`, or `PLATFORM`. */
  readonly tenantId: string;
  /** False where only an operator's path names the tenant: it may not exist. */
  readonly isProven: boolean;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** A key's, user's or operator's id. */
  readonly actor: string;
  readonly operation: string | null;
  readonly requestId: string;
  readonly apiVersion: string;
  readonly ip: string | null;
  readonly status: number;
  /** Of the refusal. */
  readonly code: string | null;
  /** The resource that the path names. */
  readonly resourceId: string | null;
  /** Why, as the caller said. */
  readonly reason: string | null;
}

export type Outcome = 'allowed' | 'refused' | 'failed';

/** An entry as it is stored and hashed. `ip` and `reason` are sealed. */
export interface AuditEntry {
  readonly id: string;
  readonly tenant_id: string;
  readonly sequence: number;
  /** RFC 3339. */
  readonly at: string;
  readonly actor: string;
  readonly operation: string | null;
  readonly outcome: Outcome;
  readonly status: number;
  readonly code: string | null;
  /** How often: the same refusal of the same caller within a tenth of a second is one entry. */
  readonly count: number;
  readonly resource_id: string | null;
  readonly reason: string | null;
  readonly request_id: string;
  readonly api_version: string;
  readonly ip: string | null;
}

/** What the first entry's hash goes on from. */
export const NO_ENTRY: Uint8Array = new Uint8Array(32);

export const entryText = (entry: AuditEntry): string => canonicalJson(entry as unknown as Json);

/** SHA-256(previous entry's hash ‖ entry), 32 bytes. */
export const chainedEntry = (previous: Uint8Array, text: string): Buffer =>
  hash('sha256', Buffer.concat([previous, Buffer.from(text, 'utf8')]), 'buffer');

export const outcomeOf = (status: number): Outcome => (status < 400 ? 'allowed' : status < 500 ? 'refused' : 'failed');
