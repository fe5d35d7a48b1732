/** What this instance wrote a moment ago, so that who wrote it reads it (DECISIONS 36). */
import type { LedgerFact } from '#domain/ledger.js';
import type { Call } from '#platform/http/call.js';

/** Remembered at least so long, and at most twice as long. */
const REMEMBERED_MS = 5_000;

/** By whom lists are told whose writes they must show: a key, or an operator at a tenant. */
export const writerOf = ({ principal }: Call, tenantId: string): string => {
  if (principal === null) throw new TypeError('nobody in particular writes nothing');
  return principal.plane === 'tenant' ? principal.keyId : `${principal.operatorId}@${tenantId}`;
};

/** Two generations: the older is dropped whole, so that remembering costs no timers and no search. */
export class RecentWrites {
  private young = new Map<string, number>();
  private old = new Map<string, number>();
  private since = 0;

  /** `writer`: whose lists wait for it, by `writerOf`. */
  note(tenantId: string, writer: string, fact: LedgerFact, revision: number): void {
    const now = performance.now();
    if (now - this.since > REMEMBERED_MS) {
      this.old = this.young;
      this.young = new Map();
      this.since = now;
    }
    this.young.set(writer, revision);
    const { data } = fact;
    if ('transaction' in data) this.young.set(data.transaction.transaction_id, revision);
    if ('original' in data) this.young.set(data.original.transaction_id, revision);
    if ('card_transaction' in data) {
      this.young.set(data.card_transaction.card_transaction_id, revision);
      this.young.set(data.card_transaction.account_id, revision);
    }
    if ('entries' in data) for (const { account_id } of data.entries) this.young.set(account_id, revision);
    if ('account' in data) this.young.set(data.account.account_id, revision);
    if ('card' in data) this.young.set(data.card.card_id, revision);
    if ('api_key' in data) this.young.set(data.api_key.key_id, revision);
    if ('tenant' in data) this.young.set(tenantId, revision);
    if ('rules' in data) this.young.set(`${tenantId}/fees`, revision);
  }

  /** The revision that what is known by this id was last written at here; −1: not lately. */
  of(id: string): number {
    return this.young.get(id) ?? this.old.get(id) ?? -1;
  }
}
