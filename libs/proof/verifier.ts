/**
 * Verifies what a tenant's book says, event by event: all that an event claims against what the events before it come to. Two
 * folds run side by side, the domain's own and one that only adds up what is stated. How it is written, and what seals it, is
 * `chain.ts`'s.
 */
import { canonicalJson } from '#domain/canonical.js';
import { evolve, type LedgerEvent } from '#domain/ledger.js';
import type { MonthFacts } from '#domain/periods/month-report.js';
import { emptyState, type TenantState } from '#domain/state.js';
import { BEFORE_FIRST, follows, readEvent, type Place } from './envelope.js';
import { applyUses, isCounted, tierOf, usesOfEvent } from './limit-check.js';
import { MonthFigures } from './month-figures.js';
import { applyEntries, applyHolds } from './movements.js';
import { Outcomes } from './outcome-check.js';
import { purchaseStep } from './purchase-check.js';
import { checkReservation } from './reservation-check.js';
import { reversalStep } from './reversal-check.js';
import { followSettlement, type OpenSettlements } from './settlement-check.js';
import { accountOf, follow, nothing, type AccountStanding, type Standing } from './standing.js';
import { checkTransaction } from './transaction-check.js';
import { earlier, Successions, Uniqueness } from './uniqueness.js';
import { must, Wrong } from './wrong.js';

export interface TrialBalanceLine {
  readonly currency: string;
  readonly debits: bigint;
  readonly credits: bigint;
}

/** Who may hold what (DECISIONS 45) is judged of these. */
const isBounded = ({ type, data }: LedgerEvent): boolean =>
  type === 'ReservationCaptured' || (type === 'TransactionPosted' && data.transaction.type !== 'reversal');

export class Verifier {
  readonly state: TenantState = emptyState();
  readonly standing: Standing = nothing();
  private place: Place = BEFORE_FIRST;
  private readonly outcomes = new Outcomes();
  private readonly uniqueness = new Uniqueness();
  private readonly purchases = new Successions();
  private readonly reversals = new Successions();
  private readonly settlements: OpenSettlements = new Map();
  private readonly figures = new MonthFigures();
  /** What the reports of the months that the book closes say, but for a hash: who reads what is said knows none. */
  readonly months: MonthFacts[] = [];

  /** `eventAt` answers an event that was taken before, by its revision. */
  constructor(
    private readonly tenantId: string,
    private readonly eventAt: (revision: number) => LedgerEvent | null,
  ) {}

  get revision(): number {
    return this.place.revision;
  }

  /** Takes the next event, the first bytes of a line; throws `Wrong` naming its revision. */
  take(line: Buffer, openLength = line.length): void {
    const revision = this.place.revision + 1;
    try {
      const event = readEvent(line, openLength);
      must(event.revision === revision, () => `the file goes on with revision ${String(event.revision)}`);
      this.place = follows(this.place, event, this.tenantId);
      this.judge(event);
    } catch (error) {
      if (error instanceof Wrong) throw error;
      throw new Wrong(revision, error instanceof Error ? error.message : String(error));
    }
  }

  /** What only the whole book shows, and the earlier of that and `found`. Throws nothing. */
  conclude(found: Wrong | null): Wrong | null {
    const late = [
      this.uniqueness.first(),
      this.purchases.first('a card transaction'),
      this.reversals.first('a transaction that it reverses'),
      found === null ? this.cutOff() : null,
      found === null ? this.differences() : null,
    ];
    return late.reduce(earlier, found);
  }

  close(): void {
    this.uniqueness.close();
    this.purchases.close();
    this.reversals.close();
  }

  /** Σ of all balances by side and currency. */
  trialBalance(): TrialBalanceLine[] {
    const sums = new Map<string, { debits: bigint; credits: bigint }>();
    for (const { currency, normalSide, balance } of this.standing.accounts.values()) {
      const sum = sums.get(currency) ?? { debits: 0n, credits: 0n };
      sum[(normalSide === 'debit') === balance >= 0 ? 'debits' : 'credits'] += BigInt(Math.abs(balance));
      sums.set(currency, sum);
    }
    return [...sums].sort(([a], [b]) => (a < b ? -1 : 1)).map(([currency, sum]) => ({ currency, ...sum }));
  }

  private judge(event: LedgerEvent): void {
    const { standing } = this;
    const { data, revision } = event;
    must((event.type === 'TenantCreated') === (revision === 0), () => 'a book begins with TenantCreated, and only so');
    if ('tenant' in data) must(data.tenant.tenant_id === this.tenantId, () => `it is about ${data.tenant.tenant_id}`);
    const outcome = this.outcomes.take(event);
    if (outcome !== null) this.uniqueness.key(outcome.key, outcome.part, revision);
    const before = 'entries' in data ? applyEntries(standing, data.entries) : null;
    if ('holds' in data) applyHolds(standing, data.holds);
    follow(standing, event);
    checkTransaction(standing, event);
    checkReservation(standing, event);
    followSettlement(this.settlements, standing, event);
    this.count(event);
    if (before !== null && isBounded(event)) this.checkBounds(before);
    this.checkReference(event);
    this.followMonth(event);
    evolve(this.state, event);
  }

  private followMonth(event: LedgerEvent): void {
    const facts = this.figures.take(event, '');
    if (facts !== null) this.months.push(facts);
  }

  /** What it counts towards limits, by what it is; purchases and reversals are followed on the way. */
  private count(event: LedgerEvent): void {
    const { standing } = this;
    const purchase = purchaseStep(standing, event);
    if (purchase !== null) {
      this.purchases.step(purchase.id, event.revision, purchase.before, purchase.after);
      if (purchase.message !== null) this.uniqueness.text("network's message", purchase.message, event.revision);
    }
    const reversal = reversalStep(event, this.eventAt);
    if (reversal !== null) {
      const { id, before, after } = reversal;
      this.reversals.step(id, event.revision, before === 0 ? null : { reversed: before }, { reversed: after });
    }
    const uses = reversal?.uses.filter(({ account_id }) => isCounted(accountOf(standing, account_id)));
    applyUses(standing, event, uses ?? purchase?.uses ?? usesOfEvent(standing, event));
  }

  /** Nobody whose balance it raised has more than the tier allows. */
  private checkBounds(before: ReadonlyMap<AccountStanding, number>): void {
    const { limitRules } = this.standing;
    if (limitRules.length === 0) return;
    for (const [account, balance] of before) {
      if (account.balance <= balance || !isCounted(account)) continue;
      const tier = tierOf(this.standing, account);
      const rule = limitRules.find(
        (one) => one.max_balance !== null && one.kyc_level === tier && one.currency === account.currency,
      );
      must(
        rule === undefined || account.balance <= rule.max_balance!,
        () => `${account.id} has ${account.balance}, more than the ${rule?.max_balance} that ${rule?.limit_id} allows`,
      );
    }
  }

  private checkReference(event: LedgerEvent): void {
    const { data } = event;
    const reference =
      event.type === 'TransactionPosted'
        ? event.data.transaction.reference
        : event.type === 'FundsReserved' && 'reservation' in data
          ? data.reservation.reference
          : null;
    if (reference !== null) this.uniqueness.text('reference', reference, event.revision);
  }

  private cutOff(): Wrong | null {
    const revision = this.outcomes.cutOff;
    return revision === null ? null : new Wrong(revision, 'its command made more events than the book has');
  }

  /** Where the two folds come to different ends, or money to different sums. */
  private differences(): Wrong | null {
    for (const { currency, debits, credits } of this.trialBalance()) {
      if (debits !== credits)
        return new Wrong(this.revision, `all debits in ${currency} come to ${debits}, all credits to ${credits}`);
    }
    const held = heldBy(this.state);
    for (const account of this.standing.accounts.values()) {
      const folded = this.state.accounts.get(account.id);
      if (folded?.balance !== account.balance || folded.held !== account.held) {
        return new Wrong(
          this.revision,
          `${account.id} has ${account.balance} by its entries, ${folded?.balance} by the fold`,
        );
      }
      const open = held.get(account.id) ?? 0;
      if (open !== account.held)
        return new Wrong(this.revision, `${account.id} holds ${account.held}, its open holds come to ${open}`);
    }
    return this.countersDiffer();
  }

  private countersDiffer(): Wrong | null {
    for (const [key, day, ...sums] of this.state.limitCounters.rows()) {
      const used = (['inbound', 'outbound'] as const).map((direction) => this.standing.uses.get(`${key}|${direction}`));
      const isThisMonth = (one: (typeof used)[number]) => one?.day.slice(0, 7) === this.state.limitCounters.month;
      const own = [
        ...used.map((one) => (isThisMonth(one) && Number(one!.day.slice(8)) === day ? one!.daily : 0)),
        ...used.map((one) => (isThisMonth(one) ? one!.monthly : 0)),
      ];
      if (canonicalJson(own) !== canonicalJson(sums)) {
        return new Wrong(
          this.revision,
          `${key} has used ${sums.join('/')} of its limits by the fold, ${own.join('/')} by the events`,
        );
      }
    }
    return null;
  }
}

const heldBy = (state: TenantState): Map<string, number> => {
  const held = new Map<string, number>();
  const add = (id: string, amount: number) => held.set(id, (held.get(id) ?? 0) + amount);
  for (const { account_id, amounts } of state.reservations.values()) add(account_id, amounts.held);
  for (const { account_id, amounts } of state.cardTransactions.values()) add(account_id, amounts.held);
  return held;
};
