/**
 * The real ledger behind the oracle's words: commands go in with names for ids, what comes of them and how everything
 * stands come out in the oracle's plain data. Decided, encoded, read back and folded as in production.
 */
import type { Account } from '#domain/accounts/accounts.js';
import { availableOf, effectiveBlock, receivableOf } from '#domain/accounts/standing.js';
import type { CardTransactionFacts } from '#domain/card-transactions/card-transactions.js';
import { spentAfter } from '#domain/cards/spending.js';
import type { Moment } from '#domain/decision.js';
import type { EntitlementKey } from '#domain/entitlements/entitlements.js';
import type { Command as RealCommand } from '#domain/commands.js';
import type { LedgerEvent } from '#domain/ledger.js';
import { counterOf, isCounted } from '#domain/limits/limit-uses.js';
import type { ReservationFacts } from '#domain/reservations/reservations.js';
import { Book, SECOND, tenant, type Outcome } from '#domain/spec-support.js';
import type { TransactionFacts } from '#domain/transactions/transactions.js';
import { ENTITLEMENT_OF } from './oracle/oracle.js';
import type { Standing } from './oracle/standing.js';
import type { Command, Now, Plane, Verdict } from './oracle/terms.js';

/** The fields of the contract's bodies that name what exists. */
const NAMING =
  /^(account_id|source|destination|account|parent_account_id|customer_id|card_id|card_transaction_id|transaction_id|reservation_id)$/;
/** An id of the right form that nothing has. */
const NOBODY = '01JGFJJZ00ZZZZZZZZZZZZZZZZ';
const PREFIX = { acc: 'acc', ltx: 'ltx', txn: 'txn', rsv: 'rsv', card: 'card', cust: 'cust' } as const;

class TimedBook extends Book {
  today = '';

  override moment(): Moment {
    const moment = super.moment();
    const { businessDay } = moment;
    return {
      ...moment,
      localDate: this.today,
      businessDate: this.today,
      // Its business days never end: what settlements come to has histories of its own.
      businessDay: { ...businessDay, date: this.today, endsAt: Date.parse('9999-01-01T00:00:00Z') },
    };
  }
}

export class Product {
  private readonly book = new TimedBook();
  private readonly names = new Map<string, string>();
  private readonly made: Record<string, number> = {};
  private readonly purchases = new Map<string, CardTransactionFacts>();
  private readonly transactions = new Map<string, TransactionFacts>();
  private readonly reservations = new Map<string, ReservationFacts>();

  constructor(defaultCurrency: string, now: Now) {
    this.turnTo(now);
    this.book.run(tenant({ default_currency: defaultCurrency }));
  }

  /** What comes of a command at this moment, in the oracle's words. */
  run(command: Command, plane: Plane, now: Now): Verdict {
    this.turnTo(now);
    const entitlement = (ENTITLEMENT_OF[command.type] ?? null) as EntitlementKey | null;
    const data = this.withIds(command.data, command.type === 'BlockAccount' || command.type === 'UnblockAccount');
    const known = this.book.events.length;
    const outcome = this.book.run({ type: command.type, data } as RealCommand, { plane, keyId: null, entitlement });
    for (const event of this.book.events.slice(known)) this.learn(event);
    return this.verdictOf(outcome);
  }

  standing(now: Now): Standing {
    const { state } = this.book;
    const lines: Standing = new Map([['tenant', state.tenant.value?.status ?? 'none']]);
    for (const account of state.accounts.values()) this.standingOf(account, now, lines);
    for (const { id, status, spent } of state.cards.values()) {
      const { daily, monthly, allTime } = spentAfter(spent, [], now.today);
      lines.set(this.nameOf(id), `${status} ${daily} ${monthly} ${allTime}`);
    }
    for (const one of this.purchases.values()) lines.set(this.nameOf(one.card_transaction_id), purchaseLine(one));
    for (const one of this.transactions.values()) lines.set(this.nameOf(one.transaction_id), this.transactionLine(one));
    for (const { reservation_id, status, amount, amounts } of this.reservations.values()) {
      lines.set(this.nameOf(reservation_id), `${status} ${amount} captured ${amounts.captured} held ${amounts.held}`);
    }
    return lines;
  }

  private turnTo({ at, today }: Now): void {
    this.book.at = at - SECOND;
    this.book.today = today;
  }

  private standingOf(account: Account, now: Now, lines: Standing): void {
    const { state } = this.book;
    const { id, balance, held, terms, extras } = account;
    const name = this.nameOf(id);
    if (terms.walletType === 'system') {
      lines.set(name, `${balance}`);
      return;
    }
    const blocked = effectiveBlock(state, account);
    const status = extras.closed ? 'closed' : blocked.debits && blocked.credits ? 'frozen' : 'active';
    const owes = receivableOf(state, account);
    lines.set(name, `${balance} held ${held} of ${availableOf(account)} owes ${owes} ${status}`);
    if (!isCounted(account)) return;
    const used = (['inbound', 'outbound'] as const).flatMap((direction) =>
      (['daily', 'monthly'] as const).map((window) =>
        state.limitCounters.used(counterOf(account), direction, window, now.today),
      ),
    );
    lines.set(`uses of ${name}`, used.join(' '));
  }

  /** Names what an event brings into the world, in the order in which it comes. */
  private learn({ type, data }: LedgerEvent): void {
    if (type === 'AccountOpened') this.name('acc', data.account.account_id);
    if (type === 'SystemAccountOpened') {
      const { account_id, account_code, currency } = data.account;
      const [family, owner] = account_code.split(':');
      const code = owner?.startsWith('acc_') ? `${family}:${this.nameOf(owner)}` : account_code;
      this.names.set(account_id, `${code}|${currency}`);
    }
    if (type === 'CustomerCreated') this.name('cust', data.customer.customer_id);
    if (type === 'CardIssued') this.name('card', data.card.card_id);
    if (type === 'FeeRulesReplaced')
      this.nameRules(
        'fees',
        data.rules.map(({ rule_id }) => rule_id),
      );
    if (type === 'LimitsReplaced')
      this.nameRules(
        'limits',
        data.limits.map(({ limit_id }) => limit_id),
      );
    const facts = 'card_transaction' in data ? data.card_transaction : 'purchase' in data ? data.purchase : undefined;
    if (facts) {
      if (!this.purchases.has(facts.card_transaction_id)) this.name('txn', facts.card_transaction_id);
      this.purchases.set(facts.card_transaction_id, facts);
    }
    if ('reservation' in data) {
      const { reservation } = data;
      if (!this.reservations.has(reservation.reservation_id)) this.name('rsv', reservation.reservation_id);
      this.reservations.set(reservation.reservation_id, reservation);
    }
    if ('transaction' in data && data.transaction) {
      this.name('ltx', data.transaction.transaction_id);
      this.transactions.set(data.transaction.transaction_id, data.transaction);
    }
    if (type === 'TransactionReversed') this.transactions.set(data.original.transaction_id, data.original);
  }

  private name(kind: keyof typeof PREFIX, id: string): void {
    this.made[kind] = (this.made[kind] ?? 0) + 1;
    this.names.set(id, `${kind}${this.made[kind]}`);
    this.book.ids.set(`${kind}${this.made[kind]}`, id);
  }

  private nameRules(kind: string, ids: readonly string[]): void {
    this.made[kind] = (this.made[kind] ?? 0) + 1;
    for (const [i, id] of ids.entries()) this.names.set(id, `${kind}${this.made[kind]}.${i + 1}`);
  }

  private nameOf(id: string): string {
    return this.names.get(id) ?? id;
  }

  private idOf(name: string): string {
    const id = this.book.ids.get(name);
    if (id !== undefined) return id;
    const system = [...this.names].find(([, known]) => known === name);
    return system ? system[0] : `${PREFIX[name.replace(/\d+$/, '') as keyof typeof PREFIX] ?? 'acc'}_${NOBODY}`;
  }

  /** A body with ids for names; the `source` of a block is whoever blocks. */
  private withIds(body: object, isBlock: boolean): object {
    return Object.fromEntries(
      Object.entries(body).map(([key, value]: [string, unknown]) => {
        if (typeof value === 'string' && NAMING.test(key) && !(isBlock && key === 'source'))
          return [key, this.idOf(value)];
        if (Array.isArray(value)) {
          return [
            key,
            value.map((one: unknown) => (typeof one === 'object' ? this.withIds(one as object, isBlock) : one)),
          ];
        }
        return [key, value];
      }),
    );
  }

  private by(rule: string | null | undefined): string {
    return rule === null || rule === undefined ? '' : ` by ${this.nameOf(rule)}`;
  }

  private verdictOf({ decision, events }: Outcome): Verdict {
    if (decision.kind === 'refused') return `refused: ${decision.code}${this.by(decision.rule)}`;
    if (decision.kind === 'unchanged') {
      return decision.duplicate === undefined ? 'unchanged' : `unchanged: ${decision.duplicate}`;
    }
    if (decision.kind === 'accepted' && decision.answer !== undefined) {
      const { allowed, violations } = decision.answer;
      const told = violations.map(({ code, limit_id, used, remaining }) => {
        const what = code === 'limit_exceeded' ? 'used' : 'held';
        return `${this.nameOf(limit_id)} ${used} ${what} ${remaining} left`;
      });
      return allowed ? 'allowed' : `exceeds by ${told.join(', ')}`;
    }
    const last = events.at(-1);
    if (last?.type === 'TransactionFailed') {
      const { failure_code, failure_rule } = last.data.transaction;
      return `failed: ${failure_code}${this.by(failure_rule)}`;
    }
    if (last && 'card_transaction' in last.data && last.data.card_transaction) {
      const element = last.data.card_transaction.elements.at(-1);
      if (element?.type === 'decline' || element?.type === 'increment_declined') {
        return `declined: ${element.decline_reason}${this.by(element.decline_rule)}`;
      }
    }
    return 'done';
  }

  private transactionLine(facts: TransactionFacts): string {
    const { type, status, amount, currency, reversed_amount, fees, failure_code, failure_rule } = facts;
    if (status === 'failed') return `${type} failed ${failure_code}${this.by(failure_rule)}`;
    const charged = fees.map((fee) => `${fee.amount} ${fee.payer}-${fee.payee} by ${this.nameOf(fee.rule_id)}`);
    return `${type} ${status} ${amount} ${currency} reversed ${reversed_amount} fees ${charged.join(', ')}`;
  }
}

const purchaseLine = (facts: CardTransactionFacts): string => {
  const { authorized, incremented, reversed, expired, released, captured, over_captured, refunded, held, receivable } =
    facts.amounts;
  const sums = [
    authorized,
    incremented,
    reversed,
    expired,
    released,
    captured,
    over_captured,
    refunded,
    held,
    receivable,
  ];
  const elements = facts.elements.map(({ type }) => type).join(' ');
  const expires = facts.expires_at === null ? 'never' : Date.parse(facts.expires_at);
  return `${facts.status} ${facts.amount}/${facts.requested_amount} ${sums.join(' ')} [${elements}] ${expires}`;
};
