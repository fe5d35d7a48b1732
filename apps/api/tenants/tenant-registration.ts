import type { CreateTenant } from '#domain/tenants/create-tenant.js';
import type { Receipt } from '#engine/ports.js';
import type { Call } from '#platform/http/call.js';
import type { Resource } from '../reads.js';

/** What a caller decides of a new tenant; its ids are made when it is registered. */
export type TenantTerms = Omit<CreateTenant['data'], 'tenant_id' | 'partner_id' | 'workspace_id'> & {
  readonly workspace_id?: string;
};

/** Registers a tenant in the platform's stream and creates it (DECISIONS 4). The same key gives the same tenant again. */
export interface TenantRegistration {
  /** The id of a live tenant's sandbox twin, which is made where there is none. */
  sandboxOf(call: Call, live: Resource): Promise<string>;
  register(call: Call, terms: TenantTerms): Promise<{ readonly tenantId: string; readonly receipt: Receipt }>;
}
