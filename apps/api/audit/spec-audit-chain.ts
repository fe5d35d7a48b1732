import { chainedEntry, entryText, NO_ENTRY, outcomeOf, PLATFORM } from '#access/audit/audit-entry.js';
import { newUlid } from '#access/users/secret-tokens.js';
import type { StoredAuditEntry } from '#contract/resources/audit-entry.js';
import type { AuditedCall } from '#platform/http/audited.js';
import type { AuditChain, ChainLink, ChainQuery } from './audit-chain.js';

/** Chains in memory, in which nothing is sealed. */
export class MemoryAuditChain implements AuditChain {
  private readonly chains = new Map<string, ChainLink[]>();

  readonly note = ({ tenantId, ...call }: AuditedCall): void => {
    const whose = tenantId ?? PLATFORM;
    const chain = this.chains.get(whose) ?? [];
    this.chains.set(whose, chain);
    const entry: StoredAuditEntry = {
      id: `aud_${newUlid(call.at)}`,
      tenant_id: whose,
      sequence: chain.length + 1,
      at: new Date(call.at).toISOString(),
      actor: call.actor,
      operation: call.operation,
      outcome: outcomeOf(call.status),
      status: call.status,
      code: call.code,
      count: 1,
      resource_id: call.resourceId,
      reason: null,
      request_id: call.requestId,
      api_version: call.apiVersion,
      ip: null,
    };
    chain.push({ entry, hash: chainedEntry(chain.at(-1)?.hash ?? NO_ENTRY, entryText(entry)) });
  };

  written(): Promise<void> {
    return Promise.resolve();
  }

  async links(tenantId: string | null, { filters, order, limit, after }: ChainQuery): Promise<readonly ChainLink[]> {
    const { from = 0, to = Infinity, ...equal } = filters;
    const sign = order === 'desc' ? -1 : 1;
    return [...(this.chains.get(tenantId ?? PLATFORM) ?? [])]
      .filter(({ entry }) =>
        Object.entries(equal).every(([name, value]) => entry[name as keyof StoredAuditEntry] === value),
      )
      .filter(({ entry }) => Date.parse(entry.at) >= from && Date.parse(entry.at) <= to)
      .sort((a, b) => sign * (a.entry.id < b.entry.id ? -1 : 1))
      .filter(({ entry }) => after === null || (order === 'desc' ? entry.id < after : entry.id > after))
      .slice(0, limit);
  }
}
