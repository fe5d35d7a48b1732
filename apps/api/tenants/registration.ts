import type { Call } from '#platform/http/call.js';
import type { TenantRegistry } from '#engine/tenant-registry.js';
import type { TenantRegistration } from './tenant-registration.js';

/** An operator's registration of a tenant, over the platform's stream. */
export const registrationOver = (registry: TenantRegistry): TenantRegistration => ({
  register: (call: Call, { workspace_id, ...terms }) =>
    registry.register({
      terms: { ...terms, workspace_id },
      issuer: { plane: 'admin', keyId: null, entitlement: null },
      actor: call.operator.operatorId,
      requestId: call.requestId,
      apiVersion: call.version,
      ip: call.ip,
      idempotency:
        call.idempotency === null
          ? null
          : {
              key: call.idempotency.key,
              request: call.idempotency.request,
              operation: call.operationName ?? 'createTenant',
            },
    }),
});
