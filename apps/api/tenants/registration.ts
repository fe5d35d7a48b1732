import { createHash } from 'node:crypto';
import { NEWEST_API_VERSION } from '#contract/api-versions.js';
import type { TenantResource } from '#contract/resources/tenant.js';
import type { TenantRegistry } from '#engine/tenant-registry.js';
import type { Call } from '#platform/http/call.js';
import { Problem } from '#platform/http/problem.js';
import { problemOfEngine } from '../commands.js';
import type { TenantRegistration, TenantTerms } from './tenant-registration.js';

const OPERATOR = { plane: 'admin', keyId: null, entitlement: null } as const;

/** An operator's registration of a tenant, over the platform's stream. */
export const registrationOver = (registry: TenantRegistry): TenantRegistration => ({
  register: (call: Call, { workspace_id, ...terms }) =>
    registry.register({
      terms: { ...terms, workspace_id },
      issuer: OPERATOR,
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
  sandboxOf: (call, live) => sandboxOf(registry, call, live as unknown as TenantResource),
});

/** Under a key that the live tenant's id makes, so that however often and wherever it is asked for, there is one. */
const sandboxOf = async (registry: TenantRegistry, call: Call, live: TenantResource): Promise<string> => {
  const known = (await registry.tenants()).find(({ twinOf }) => twinOf === live.id);
  if (known !== undefined) return known.tenantId;
  const own = createHash('sha256').update(`sandbox of ${live.id}`).digest('hex');
  const made = registry.register({
    terms: termsOfTwin(live),
    twinOf: live.id,
    issuer: OPERATOR,
    actor: call.operator.operatorId,
    requestId: call.requestId,
    apiVersion: call.version,
    ip: call.ip,
    idempotency: { key: own, request: own, operation: 'createTenant' },
  });
  const { tenantId, receipt } = await made.catch((error: unknown) => {
    throw problemOfEngine(error, call.idempotency !== null);
  });
  if (receipt.kind === 'committed') return tenantId;
  throw receipt.kind === 'refused'
    ? new Problem(receipt.refusal.code)
    : new TypeError(`a twin came to ${receipt.kind}`);
};

/** As the live tenant is called and kept now; what was erased of it is not made up. */
const termsOfTwin = ({ name, default_currency, timezone, workspace_id, partner }: TenantResource): TenantTerms => ({
  name: name ?? 'Sandbox',
  environment: 'sandbox',
  default_currency,
  timezone,
  workspace_id,
  api_version: NEWEST_API_VERSION,
  partner: { name: partner.name ?? 'Sandbox', email: partner.email ?? 'nobody@invalid', tier: partner.tier },
});
