/** Use of limits: what an event has to count (DECISIONS 43, 44), and whether that was within the limits in force (45). */
import type { LedgerEvent } from '#domain/ledger.js';
import type { LimitUse } from '#domain/limits/limit-uses.js';
import { accountOf, type AccountStanding, type Standing } from './standing.js';
import { must } from './wrong.js';

const COUNTED: readonly string[] = ['customer', 'business', 'merchant', 'agent'];

export const isCounted = ({ walletType }: AccountStanding): boolean => COUNTED.includes(walletType);

export const tierOf = (standing: Standing, { customerId, kycTier }: AccountStanding): string =>
  customerId === null ? kycTier : (standing.tiers.get(customerId) ?? kycTier);

export const use = (
  account: AccountStanding,
  direction: LimitUse['direction'],
  amount: number,
  day: string,
): LimitUse[] =>
  amount === 0 || !isCounted(account) ? [] : [{ account_id: account.id, direction, amount, counted_on: day }];

const counterKey = ({ id, customerId, currency }: AccountStanding, direction: string): string =>
  `${customerId === null ? id : `${customerId}|${currency}`}|${direction}`;

const monthOf = (day: string): string => day.slice(0, 7);

const usedOn = (standing: Standing, key: string, window: string, today: string): number => {
  const counter = standing.uses.get(key);
  if (counter === undefined || monthOf(counter.day) !== monthOf(today)) return 0;
  if (window === 'monthly') return counter.monthly;
  return counter.day === today ? counter.daily : 0;
};

/** What a month still takes of a clearing, which is never refused for what was used before (DECISIONS 66). */
export const roomOf = (standing: Standing, account: AccountStanding, day: string): number =>
  Number.MAX_SAFE_INTEGER - usedOn(standing, counterKey(account, 'outbound'), 'monthly', day);

/** That a use is within the limits of its owner's tier. To be asked before it is counted. */
const checkLimits = (standing: Standing, { account_id, direction }: LimitUse, amount: number, today: string): void => {
  const account = accountOf(standing, account_id);
  const tier = tierOf(standing, account);
  for (const rule of standing.limitRules) {
    if (rule.kyc_level !== tier || rule.direction !== direction || rule.currency !== account.currency) continue;
    const used = usedOn(standing, counterKey(account, direction), rule.window, today);
    must(
      used + amount <= rule.amount,
      () =>
        `${account_id} uses ${amount} on top of ${used}, its ${rule.window} limit ${rule.limit_id} is ${rule.amount}`,
    );
  }
};

const count = (standing: Standing, { account_id, direction, amount, counted_on }: LimitUse, today: string): void => {
  const key = counterKey(accountOf(standing, account_id), direction);
  let counter = standing.uses.get(key);
  if (counter === undefined) standing.uses.set(key, (counter = { day: today, daily: 0, monthly: 0 }));
  if (today > counter.day) {
    if (monthOf(today) !== monthOf(counter.day)) counter.monthly = 0;
    counter.daily = 0;
    counter.day = today;
  }
  if (counted_on === counter.day) counter.daily += amount;
  if (monthOf(counted_on) === monthOf(counter.day)) counter.monthly += amount;
  must(
    counter.daily >= 0 && counter.monthly >= 0,
    () => `more of the limits of ${account_id} is given back than was used`,
  );
};

/** Of a transfer, deposit, withdrawal or exchange, and of what reservations do. Card events and reversals say theirs. */
export const usesOfEvent = (standing: Standing, event: LedgerEvent): LimitUse[] => {
  switch (event.type) {
    case 'TransactionPosted': {
      const { type, source, destination, amount, destination_amount } = event.data.transaction;
      if (type === 'journal') return [];
      const [from, to] = [accountOf(standing, String(source)), accountOf(standing, String(destination))];
      if (from.customerId !== null && from.customerId === to.customerId) return [];
      const day = event.data.local_date;
      return [...use(from, 'outbound', amount, day), ...use(to, 'inbound', destination_amount ?? amount, day)];
    }
    case 'FundsReserved': {
      const { reservation, local_date } = event.data;
      return use(accountOf(standing, reservation.account_id), 'outbound', reservation.amount, local_date);
    }
    case 'ReservationCaptured': {
      const { reservation, transaction, holds, local_date } = event.data;
      const to = accountOf(standing, String(transaction.destination));
      const given = -(holds[0]?.amount ?? 0) - transaction.amount;
      const from = accountOf(standing, reservation.account_id);
      return [
        ...use(to, 'inbound', transaction.amount, local_date),
        ...use(from, 'outbound', -given, reservation.counted_on),
      ];
    }
    case 'ReservationReleased':
    case 'ReservationExpired': {
      const { reservation, holds } = event.data;
      return use(
        accountOf(standing, reservation.account_id),
        'outbound',
        holds[0]?.amount ?? 0,
        reservation.counted_on,
      );
    }
    default:
      return [];
  }
};

/** What of its uses an event was only allowed to make within limits; of a card that is what was asked for. */
const judgedAmount = (event: LedgerEvent, { amount }: LimitUse): number => {
  switch (event.type) {
    case 'TransactionPosted':
    case 'FundsReserved':
    case 'ReservationCaptured':
      return amount;
    case 'CardAuthorized':
      return event.data.card_transaction.requested_amount;
    case 'CardAuthorizationChanged':
      return event.data.card_transaction.elements.at(-1)?.type === 'increment' ? amount : 0;
    default:
      return 0;
  }
};

const told = (uses: readonly LimitUse[]): string =>
  uses
    .map(({ account_id, direction, amount, counted_on }) => `${amount} ${direction} of ${account_id} on ${counted_on}`)
    .join(', ') || 'nothing';

const isSame = (a: LimitUse, b: LimitUse | undefined): boolean =>
  b !== undefined &&
  a.account_id === b.account_id &&
  a.direction === b.direction &&
  a.amount === b.amount &&
  a.counted_on === b.counted_on;

/** That an event counts what it has to, and within the limits; then counts it. */
export const applyUses = (standing: Standing, event: LedgerEvent, expected: readonly LimitUse[]): void => {
  const { data } = event;
  if (!('local_date' in data)) return;
  const { local_date } = data;
  must(local_date >= standing.localDate, () => `its local date ${local_date} is before ${standing.localDate}`);
  standing.localDate = local_date;
  const stated = ('limit_uses' in data ? data.limit_uses : undefined) ?? [];
  must(
    stated.length === expected.length && stated.every((one, i) => isSame(one, expected[i])),
    () => `it counts ${told(stated)} towards limits, due is ${told(expected)}`,
  );
  for (const one of expected) {
    if (one.amount > 0) {
      const judged = judgedAmount(event, one);
      if (judged > 0) checkLimits(standing, one, judged, local_date);
    }
  }
  for (const one of expected) count(standing, one, local_date);
};
