/** Which calls a tenant's audit log tells of, and what of them. */
import { isAnyId, isPathId } from '#contract/forms.js';
import type { CallRequest } from './call.js';

/** A call, as it is noted once it was answered. The path and the query are left out: both may name a person. */
export interface AuditedCall {
  /** Null: of no tenant in particular. */
  readonly tenantId: string | null;
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
  /** What a body that was taken gives as `reason`. */
  readonly reason: string | null;
}

/**
 * Null: nothing to tell. Of a tenant's own callers what was refused or failed, and signing in; of operators all they do. What
 * was appended to the tenant's stream is not told twice: its events say who did it.
 */
export const auditedCall = ({ call, params }: CallRequest, status: number): AuditedCall | null => {
  if (call === undefined || call === null) return null;
  const { principal, known } = call;
  if (principal?.plane === 'admin') {
    const named = (params as Readonly<Record<string, string>>).tenant_id;
    const tenantId = named !== undefined && isPathId('tenant_id', named) ? named : null;
    if (call.refused === 'tenant_not_found' || (tenantId !== null && call.recordedIn === tenantId)) return null;
    return told(call, params, status, { tenantId, isProven: false, actor: principal.operatorId });
  }
  const caller = principal?.plane === 'tenant' && status >= 400 ? principal : known;
  if (caller === null || call.recordedIn === caller.tenantId) return null;
  return told(call, params, status, { tenantId: caller.tenantId, isProven: true, actor: caller.callerId });
};

const told = (
  { operationName, requestId, version, ip, refused, body, isLifted }: CallRequest['call'],
  params: unknown,
  status: number,
  who: Pick<AuditedCall, 'tenantId' | 'isProven' | 'actor'>,
): AuditedCall => ({
  ...who,
  at: Date.now(),
  operation: operationName,
  requestId,
  apiVersion: version,
  ip,
  status,
  code: refused,
  resourceId: resourceIn(params as Readonly<Record<string, string>>),
  // Of a body that was refused it may be anything, and as long as a body may be.
  reason: isLifted ? reasonIn(body) : null,
});

/** The last one of the path that is an id, which is what the operation is about. What is none may be anything, a card's number too. */
const resourceIn = (params: Readonly<Record<string, string>>): string | null => {
  let found: string | null = null;
  for (const name in params) if (isAnyId(params[name] as string)) found = params[name] as string;
  return found;
};

const reasonIn = (body: unknown): string | null => {
  const { reason } = (body ?? {}) as { readonly reason?: unknown };
  return typeof reason === 'string' ? reason : null;
};
