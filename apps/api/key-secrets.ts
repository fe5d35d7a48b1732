import { KeyVerifiers, mintApiKey } from '#access/api-keys.js';
import { ApiKeyCredentials } from '#access/credentials.js';
import type { Installation } from '#installation/installation.js';
import type { Call } from '#platform/http/call.js';
import { OnceOnlySecrets, type SecretRequest } from '#vault/once-only.js';
import type { KeySecrets } from './api-keys/api-keys.js';

/** Whose idempotency keys the caller's are. */
const callerOf = ({ principal }: Call): string => {
  if (principal === null) throw new TypeError('an open operation makes no secret');
  return principal.plane === 'tenant' ? principal.tenantId : principal.operatorId;
};

/** The request that a replay repeats; null where it has no idempotency key, and so can't be repeated. */
export const secretRequest = (call: Call, tenantId: string, resourceId: string): SecretRequest | null =>
  call.idempotency === null
    ? null
    : { tenantId, resourceId, caller: callerOf(call), idempotencyKey: call.idempotency.sentKey };

/** Keys' secrets over an installation: verifiers in a table that no rebuild touches, shown secrets for a replay. */
export const keySecretsOver = (installation: Installation, verifiers: KeyVerifiers): KeySecrets => {
  const credentials = new ApiKeyCredentials(installation.pools.auth, verifiers);
  const onceOnly = new OnceOnlySecrets(installation.pools.auth, installation.masterKeys);
  return {
    mint: (environment) => mintApiKey(environment, Date.now()),
    reserve: (tenantId, fullKey) => credentials.reserve(tenantId, fullKey),
    settle: (tenantId, facts, revision) => credentials.settle(tenantId, facts, revision),
    restrict: (tenantId, keyId, to) => credentials.restrict(tenantId, keyId, to),
    discard: (tenantId, keyId) => credentials.discard(tenantId, keyId),
    lastUsed: (tenantId) => credentials.lastUsed(tenantId),
    keep: async (call, tenantId, keyId, fullKey) => {
      const kept = secretRequest(call, tenantId, keyId);
      if (kept !== null) await onceOnly.put(kept, fullKey);
    },
    kept: (call, tenantId, keyId) => {
      const kept = secretRequest(call, tenantId, keyId);
      return kept === null ? Promise.resolve(null) : onceOnly.get(kept);
    },
    forget: (tenantId, keyId) => onceOnly.drop(tenantId, keyId),
  };
};
