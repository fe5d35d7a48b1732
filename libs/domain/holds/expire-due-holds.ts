import { accept, type Decision } from '../decision.js';
import type { LedgerDraft } from '../ledger.js';

/**
 * The system's own command, for tenants at rest: it decides nothing itself. Whatever is due is expired before any command is
 * decided (`due-holds.ts`), so it is enough that there is one.
 */
export interface ExpireDueHolds {
  readonly type: 'ExpireDueHolds';
  readonly data: Readonly<Record<string, never>>;
}

/** Accepted without an event of its own. */
export const expireDueHolds = (): Decision<LedgerDraft> => accept<LedgerDraft>();
