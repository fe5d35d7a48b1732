/** What limits have to be judged by, counted again from the first event on: for the specs of the engine. */
import type { LedgerEvent } from '#domain/ledger.js';
import type { LimitUse } from '#domain/limits/limit-uses.js';
import type { LimitRule } from '#domain/limits/limits.js';

/** A naive tenant: what events say, and nothing of what they say about limits. */
export class LimitRecount {
  readonly uses: LimitUse[] = [];
  rules: readonly LimitRule[] = [];
  private zone = 'UTC';
  private today = '';
  private readonly accounts = new Map<string, { owner: string; currency: string; tier: string; counts: boolean }>();
  private readonly tiers = new Map<string, string>();
  private readonly balances = new Map<string, number>();
  private readonly usesOf = new Map<string, LimitUse[]>();

  dayAt(at: number): string {
    // Not how the engine asks.
    const day = new Date(at).toLocaleDateString('sv-SE', { timeZone: this.zone });
    return day < this.today ? this.today : day;
  }

  balance(id: string): number {
    return this.balances.get(id) ?? 0;
  }

  private key(id: string): string {
    const { owner, currency } = this.accounts.get(id)!;
    return `${owner} ${currency}`;
  }

  isOneCustomers(a: string, b: string): boolean {
    return a !== b && this.accounts.get(a)?.owner === this.accounts.get(b)?.owner;
  }

  used(id: string, direction: LimitUse['direction'], window: LimitRule['window'], day: string): number {
    const length = window === 'daily' ? 10 : 7;
    let sum = 0;
    for (const use of this.uses) {
      const isOwners = this.key(use.account_id) === this.key(id) && use.direction === direction;
      if (isOwners && use.counted_on.slice(0, length) === day.slice(0, length)) sum += use.amount;
    }
    return sum;
  }

  /** Ids of the limits that an amount would exceed, as a posting would name them. */
  exceeded(id: string, direction: LimitUse['direction'], amount: number, day: string): string[] {
    const account = this.accounts.get(id);
    if (account?.counts !== true) return [];
    const tier = this.tiers.get(account.owner) ?? account.tier;
    const asked = this.rules.filter(
      (rule) => rule.kyc_level === tier && rule.currency === account.currency && rule.direction === direction,
    );
    return (['daily', 'monthly'] as const).flatMap((window) =>
      asked
        .filter((rule) => rule.window === window && this.used(id, direction, window, day) + amount > rule.amount)
        .map((rule) => rule.limit_id),
    );
  }

  /** The rule that lets an account hold no more than so much. */
  fullAt(id: string, gained: number): string | undefined {
    const account = this.accounts.get(id);
    if (account?.counts !== true || gained <= 0) return undefined;
    const tier = this.tiers.get(account.owner) ?? account.tier;
    return this.rules.find(
      (rule) =>
        rule.max_balance !== null &&
        rule.kyc_level === tier &&
        rule.currency === account.currency &&
        this.balance(id) + gained > rule.max_balance,
    )?.limit_id;
  }

  follow(event: LedgerEvent): void {
    switch (event.type) {
      case 'TenantCreated':
      case 'TenantUpdated':
        this.zone = event.data.tenant.timezone;
        return;
      case 'CustomerCreated':
      case 'CustomerUpdated':
        this.tiers.set(event.data.customer.customer_id, event.data.customer.kyc_tier);
        return;
      case 'AccountOpened':
      case 'SystemAccountOpened': {
        const { account_id, customer_id, currency, kyc_tier, wallet_type } = event.data.account;
        const counts = wallet_type === 'customer';
        this.accounts.set(account_id, { owner: customer_id ?? account_id, currency, tier: kyc_tier, counts });
        return;
      }
      case 'LimitsReplaced':
        this.rules = event.data.limits;
        return;
      default:
        return this.count(event);
    }
  }

  private add(id: string, event: LedgerEvent, uses: readonly LimitUse[]): void {
    const counted = uses.filter(({ account_id, amount }) => amount !== 0 && this.accounts.get(account_id)!.counts);
    this.uses.push(...counted);
    this.usesOf.set(id, [...(this.usesOf.get(id) ?? []), ...counted]);
    const said = 'limit_uses' in event.data ? (event.data.limit_uses ?? []) : [];
    expect(said).toEqual(counted);
  }

  private count(event: LedgerEvent): void {
    const { data } = event;
    if (!('local_date' in data)) return;
    const day = this.dayAt(event.at);
    expect(data.local_date).toBe(day);
    this.today = day;
    const use = (account_id: string | null, direction: LimitUse['direction'], amount: number, counted_on = day) =>
      account_id === null ? [] : [{ account_id, direction, amount, counted_on }];
    switch (event.type) {
      case 'TransactionPosted': {
        const { type, source, destination, amount, destination_amount } = event.data.transaction;
        const isCounted = type !== 'journal' && !this.isOneCustomers(source!, destination!);
        const both = [...use(source, 'outbound', amount), ...use(destination, 'inbound', destination_amount ?? amount)];
        this.add(event.data.transaction.transaction_id, event, isCounted ? both : []);
        break;
      }
      case 'TransactionReversed':
        this.reverse(event);
        break;
      case 'FundsReserved': {
        const { reservation_id, account_id, amount } = event.data.reservation;
        this.add(reservation_id, event, use(account_id, 'outbound', amount));
        break;
      }
      case 'ReservationCaptured': {
        const { reservation, previous, transaction } = event.data;
        const held = this.usesOf.get(reservation.reservation_id) ?? [];
        const rest = previous.amounts.held - transaction.amount - reservation.amounts.held;
        const back = held.flatMap(({ account_id, counted_on }) => use(account_id, 'outbound', -rest, counted_on));
        const inbound = use(transaction.destination, 'inbound', transaction.amount);
        this.add(transaction.transaction_id, event, [...inbound, ...back.slice(0, 1)]);
        // What the hold counted is part of what a reversal gives back.
        const spent = held.slice(0, 1).map((one) => ({ ...one, amount: transaction.amount }));
        this.usesOf.set(transaction.transaction_id, [
          ...spent,
          ...inbound.filter(({ account_id }) => this.accounts.get(account_id)!.counts),
        ]);
        break;
      }
      case 'ReservationReleased':
      case 'ReservationExpired': {
        const { reservation, previous } = event.data;
        const held = (this.usesOf.get(reservation.reservation_id) ?? []).slice(0, 1);
        const back = held.map((one) => ({ ...one, amount: -previous.amounts.held }));
        this.add(reservation.reservation_id, event, back);
        break;
      }
      default:
        break;
    }
    if ('entries' in data) for (const one of data.entries) this.balances.set(one.account_id, one.balance_after);
  }

  private reverse(event: Extract<LedgerEvent, { type: 'TransactionReversed' }>): void {
    const { original, transaction } = event.data;
    const share = (whole: number, part: number): number => {
      const twice = 2 * whole * part;
      const floor = Math.floor(twice / (2 * original.amount));
      const rest = (whole * part) % original.amount;
      const isUp = 2 * rest > original.amount || (2 * rest === original.amount && floor % 2 === 1);
      return isUp ? floor + 1 : floor;
    };
    const after = original.reversed_amount;
    const before = after - transaction.amount;
    const back = (this.usesOf.get(original.transaction_id) ?? []).map((one) => ({
      ...one,
      amount: share(one.amount, before) - share(one.amount, after),
    }));
    this.add(transaction.transaction_id, event, back);
  }
}
