/** What this instance wrote a moment ago, so that who wrote it reads it (DECISIONS 36). */
import type { LedgerFact } from '#domain/ledger.js';
import type { Call } from '#platform/http/call.js';

/** Remembered at least so long, and at most twice as long. */
const REMEMBERED_MS = 5_000;

/** By whom lists are told whose writes they must show: a key, a user, or an operator at a tenant. */
export const writerOf = ({ principal }: Call, tenantId: string): string => {
  if (principal === null) throw new TypeError('nobody in particular writes nothing');
  return principal.plane === 'tenant' ? principal.callerId : `${principal.operatorId}@${tenantId}`;
};

/** Two generations: the older is dropped whole, so that remembering costs no timers and no search. */
export class RecentWrites {
  private young = new Map<string, number>();
  private old = new Map<string, number>();
  private since = 0;

  constructor(private readonly now: () => number = () => performance.now()) {}

  /** `writer`: whose lists wait for it, by `writerOf`. */
  note(tenantId: string, writer: string, fact: LedgerFact, revision: number): void {
    const now = this.now();
    if (now - this.since > REMEMBERED_MS) {
      this.old = this.young;
      this.young = new Map();
      this.since = now;
    }
    this.keep(writer, revision);
    const { data } = fact;
    if ('transaction' in data) this.keep(data.transaction.transaction_id, revision);
    if ('reservation' in data) {
      this.keep(data.reservation.reservation_id, revision);
      this.keep(data.reservation.account_id, revision);
    }
    if ('original' in data) this.keep(data.original.transaction_id, revision);
    if ('card_transaction' in data) {
      this.keep(data.card_transaction.card_transaction_id, revision);
      this.keep(data.card_transaction.account_id, revision);
    }
    if ('purchase' in data && data.purchase !== undefined) this.keep(data.purchase.card_transaction_id, revision);
    if ('entries' in data) for (const { account_id } of data.entries) this.keep(account_id, revision);
    if ('account' in data) this.keep(data.account.account_id, revision);
    if ('affected' in data) {
      const { account_ids, count } = data.affected;
      for (const id of account_ids) this.keep(id, revision);
      if (count > account_ids.length) this.keep(allAccountsOf(tenantId), revision);
    }
    if ('card' in data) this.keep(data.card.card_id, revision);
    if ('api_key' in data) this.keep(data.api_key.key_id, revision);
    if ('webhook_endpoint' in data) this.keep(data.webhook_endpoint.endpoint_id, revision);
    if ('user' in data) this.keep(data.user.user_id, revision);
    if ('tenant' in data) this.keep(tenantId, revision);
    if ('rules' in data) this.keep(`${tenantId}/fees`, revision);
    if (fact.type === 'LimitsReplaced') this.keep(`${tenantId}/limits`, revision);
    if ('customer' in data) {
      this.keep(data.customer.customer_id, revision);
      // Its tier is that of accounts which the event does not name.
      if ('previous' in data && data.previous.kyc_tier !== undefined) this.keep(allAccountsOf(tenantId), revision);
    }
    if ('kyc_submission' in data) {
      this.keep(data.kyc_submission.kyc_submission_id, revision);
      this.keep(`${tenantId}/kyc`, revision);
    }
    if ('bank_statement' in data) this.keep(data.bank_statement.statement_id, revision);
    if ('settlement' in data) this.keep(data.settlement.settlement_id, revision);
    if ('settlement_line' in data && data.settlement_line !== undefined) {
      this.keep(data.settlement_line.settlement_id, revision);
    }
    if ('entitlements' in data) this.keep(`${tenantId}/entitlements`, revision);
  }

  /** The revision that what is known by this id was last written at here; −1: not lately. */
  of(id: string): number {
    return this.young.get(id) ?? this.old.get(id) ?? -1;
  }

  /** As `of`, for an account: it may have been changed with others that its event did not name. */
  ofAccount(tenantId: string, accountId: string): number {
    return Math.max(this.of(accountId), this.of(allAccountsOf(tenantId)));
  }

  /** Receipts come in any order, and a replay's is old: what was noted is never taken back. */
  private keep(id: string, revision: number): void {
    const known = this.of(id);
    this.young.set(id, known > revision ? known : revision);
  }
}

const allAccountsOf = (tenantId: string): string => `${tenantId}/accounts`;
