import { idOf } from '#domain/ids.js';
import type { Receipt, Engine, Clock } from '#engine/ports.js';
import { UlidSequence } from '#engine/identifiers.js';
import type { Installation } from '#installation/installation.js';
import type { TenantRegistration, TenantTerms } from './tenant-registration.js';

export interface Registered { readonly tenantId: string; readonly workspaceId: string; readonly receipt: Receipt }

export interface Registration extends TenantRegistration {
  create(engine: Engine, terms: TenantTerms): Promise<Registered>;
  finishHalfDone(): Promise<void>;
}

export const tenantRegistration = (_installation: Installation, engine: Engine, clock: Clock): Registration => {
  const ids = new UlidSequence();
  const create = async (through: Engine, { workspace_id, ...terms }: TenantTerms): Promise<Registered> => {
    const tenant_id = idOf('tenant', ids.next(clock.now()));
    const partner_id = idOf('partner', ids.next(clock.now()));
    const workspaceId = workspace_id ?? idOf('workspace', ids.next(clock.now()));
    const receipt = await through.execute({
      tenantId: tenant_id,
      command: { type: 'CreateTenant', data: { ...terms, tenant_id, partner_id, workspace_id: workspaceId } },
      issuer: { plane: 'admin', keyId: null }, actor: 'admin', requestId: null, apiVersion: null, ip: null, idempotency: null,
    });
    return { tenantId: tenant_id, workspaceId, receipt };
  };
  return { create, register: (_call, terms) => create(engine, terms), finishHalfDone: () => Promise.resolve() };
};
