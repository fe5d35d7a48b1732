import type { Environment } from '#domain/tenants/tenants.js';
import type { EventStore } from '#event-store/event-store.js';
import { PlatformStream, type PlatformFact } from './platform-stream.js';
import type { Clock, SubjectVault } from './ports.js';

/** A tenant whose stream came from elsewhere and is whole. */
export interface Adopted {
  readonly tenantId: string;
  readonly workspaceId: string;
  readonly environment: Environment;
  /** Of a sandbox the live tenant whose it is, where that is known. */
  readonly twinOf: string | null;
  readonly actor: string;
}

/** A tenant that an installation knows, as the platform's stream registered it. */
export type Registered = Pick<
  Extract<PlatformFact, { type: 'TenantRegistered' }>['data'],
  'tenant_id' | 'workspace_id' | 'environment' | 'twin_of'
>;

/** All tenants that are registered. Rejects with `NotTaken`, or `StreamUnreadable`. */
export const registeredTenants = async (store: EventStore, clock: Clock): Promise<readonly Registered[]> => {
  const found: Registered[] = [];
  const platform = new PlatformStream(store, clock, (event) => {
    if (event.type === 'TenantRegistered') found.push(event.data);
  });
  await platform.refresh();
  return found;
};

/**
 * Registers a tenant whose stream stands already, with its workspace where that is unknown. The same again changes nothing.
 * Rejects with `NotTaken`.
 */
export const adoptTenant = async (
  store: EventStore,
  vault: SubjectVault,
  clock: Clock,
  tenant: Adopted,
): Promise<void> => {
  const { tenantId: tenant_id, workspaceId: workspace_id, environment, twinOf: twin_of, actor } = tenant;
  const known = new Set<string>();
  const platform = new PlatformStream(store, clock, (event) =>
    known.add(event.type === 'TenantRegistered' ? event.data.tenant_id : event.data.workspace_id),
  );
  // Nobody needs it: it finishes what was registered and never began.
  await vault.load(tenant_id, [tenant_id]);
  const session = vault.session(tenant_id, () => false);
  const creation = session.seal('{}', tenant_id);
  await session.persist();
  const made = { key: null, request: null };
  await platform.write({ actor, request_id: null }, () => {
    const facts: PlatformFact[] = [];
    if (!known.has(workspace_id)) facts.push({ type: 'WorkspaceCreated', data: { ...made, workspace_id, name: null } });
    if (!known.has(tenant_id)) {
      const data = { ...made, tenant_id, workspace_id, environment, twin_of, creation };
      facts.push({ type: 'TenantRegistered', data });
    }
    return facts;
  });
};
