/** Plays a random history through the oracle and the product, and stops where the two differ. */
import { Calendar } from '#engine/calendar.js';
import fc from 'fast-check';
import type { Intent } from './choice.js';
import { intents } from './intents.js';
import { Oracle } from './oracle/oracle.js';
import { standingOf } from './oracle/standing.js';
import type { Command, Now, Plane } from './oracle/terms.js';
import { Product } from './product.js';
import { schedules } from './setting-intents.js';

const SECOND = 1000;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** Days on which something ends or begins: a month, a leap day, summer time, a year. */
const STARTS = ['2026-01-05', '2026-02-27', '2028-02-28', '2026-03-07', '2026-10-31', '2026-12-31'];
const ZONES = ['UTC', 'Africa/Lagos', 'America/New_York', 'Pacific/Apia', 'Asia/Kathmandu', 'Europe/London'];

/** How long nothing happens before a command. */
type Wait = (at: number) => number;

const wait: fc.Arbitrary<Wait> = fc.oneof(
  { weight: 30, arbitrary: fc.constant<Wait>(() => SECOND) },
  { weight: 6, arbitrary: fc.integer({ min: 1, max: 12 * 60 }).map((minutes) => () => minutes * 60 * SECOND) },
  // To the last millisecond of a day, and the first of the next.
  {
    weight: 2,
    arbitrary: fc.constantFrom<Wait>(
      (at) => DAY - (at % DAY) - 1 || SECOND,
      (at) => DAY - (at % DAY),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom<Wait>(
      () => 2 * DAY,
      () => 7 * DAY,
      () => 8 * DAY,
      () => 32 * DAY,
    ),
  },
);

interface Step {
  readonly wait: Wait;
  readonly plane: Plane;
  /** Moves the tenant to another time zone first. */
  readonly zone: string | undefined;
  /** Whether an operator first makes the tenant active again, where it is not: little happens until somebody does. */
  readonly wakes: boolean;
  readonly intent: Intent;
}

export interface History {
  readonly start: string;
  readonly zone: string;
  /** Fees and limits from the start, or none. */
  readonly schedules: readonly Intent[];
  readonly steps: readonly Step[];
}

export const histories = (longest: number, extremes = false): fc.Arbitrary<History> =>
  fc.record({
    start: fc.constantFrom(...STARTS),
    zone: fc.constantFrom(...ZONES),
    schedules,
    steps: fc.array(
      fc.record({
        wait,
        plane: fc.constantFrom<Plane>('tenant', 'tenant', 'admin'),
        zone: fc.option(fc.constantFrom(...ZONES), { freq: 150, nil: undefined }),
        wakes: fc.nat(3).map((n) => n === 3),
        intent: intents(extremes),
      }),
      { minLength: 1, maxLength: longest, size: 'max' },
    ),
  });

/** Who there is before anything random happens. */
const WORLD: readonly Command[] = [
  { type: 'CreateCustomer', data: { kind: 'person', name: 'Ada' } },
  { type: 'CreateCustomer', data: { kind: 'business', name: 'Bob and Co', kyc_tier: 'tier2' } },
  ...(['customer', 'customer', 'business', 'merchant', 'agent', 'customer', 'general', 'float'] as const).map(
    (wallet_type, i): Command => ({
      type: 'OpenAccount',
      data: {
        account_code: `w${i}`,
        account_name: 'Somebody',
        wallet_type,
        currency: i === 4 || i === 5 ? 'EUR' : 'NGN',
        ...(i === 2 ? { overdraft_limit: 300 } : {}),
        ...(i === 6 ? { allow_negative: true } : {}),
        ...(i === 3 ? { parent_account_id: 'acc3' } : {}),
        ...(i === 0 || i === 5 ? { customer_id: 'cust1' } : i === 2 ? { customer_id: 'cust2' } : {}),
      },
    }),
  ),
  // May spend what it does not have, and so is soon closed.
  {
    type: 'OpenAccount',
    data: { account_name: 'Somebody', wallet_type: 'customer', currency: 'NGN', overdraft_limit: 200 },
  },
  ...['acc1', 'acc3', 'acc5', 'acc9'].flatMap((account_id, i): Command[] => [
    { type: 'IssueCard', data: { account_id, type: i === 1 ? 'physical' : 'virtual' } },
    { type: 'ChangeCardStatus', data: { card_id: `card${i + 1}`, action: 'activate' } },
  ]),
  ...[1, 2, 3, 4, 5, 6].map((n): Command => ({
    type: 'PostTransaction',
    data: {
      type: 'deposit',
      amount: 900,
      currency: n === 5 || n === 6 ? 'EUR' : 'NGN',
      destination: `acc${n}`,
    },
  })),
];

const WAKING: Command = { type: 'ChangeTenantStatus', data: { status: 'active' } };

export interface Played {
  readonly plane: Plane;
  readonly at: string;
  readonly today: string;
  readonly command: Command;
  readonly verdict: string;
}

export interface Difference {
  readonly what: string;
  readonly oracle: string;
  readonly product: string;
}

export interface Outcome {
  readonly played: readonly Played[];
  /** In the last of them. */
  readonly difference: Difference | null;
}

/** The tenant's day as anybody can look it up, but none before one that was. */
const dayIn = (zone: string): Intl.DateTimeFormat =>
  new Intl.DateTimeFormat('en-CA', { timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit' });
const FORMATS = new Map(ZONES.map((zone) => [zone, dayIn(zone)]));
const CALENDARS = new Map(ZONES.map((zone) => [zone, new Calendar(zone)]));

class Game {
  readonly played: Played[] = [];
  readonly oracle: Oracle;
  private readonly product: Product;
  private at: number;
  private today: string;
  zone: string;

  constructor({ start, zone }: History, isCautious: boolean) {
    this.at = Date.parse(`${start}T09:00:00.000Z`);
    this.zone = zone;
    this.today = this.naiveDay();
    this.oracle = new Oracle('NGN', isCautious);
    this.product = new Product('NGN', this.now());
  }

  now(): Now {
    return { at: this.at, today: this.today };
  }

  elapse(ms: number): void {
    this.at += ms;
    const day = this.naiveDay();
    if (day > this.today) this.today = day;
  }

  private naiveDay(): string {
    return (FORMATS.get(this.zone) as Intl.DateTimeFormat).format(this.at);
  }

  /** The ledger throws only where its code has a defect: that differs from anything that the oracle says. */
  private productRuns(command: Command, plane: Plane, now: Now): string {
    try {
      return this.product.run(command, plane, now);
    } catch (error) {
      return `threw ${String(error)}`;
    }
  }

  /** Both decide; the first thing in which they differ. */
  move(command: Command, plane: Plane): Difference | null {
    const now = this.now();
    const today = (CALENDARS.get(this.zone) as Calendar).localDate(this.at, this.today);
    const oracle = this.oracle.run(command, plane, now);
    this.played.push({ plane, at: new Date(now.at).toISOString(), today, command, verdict: oracle });
    const product = this.productRuns(command, plane, { at: now.at, today });
    if (!isSame(oracle, product)) return { what: 'verdict', oracle, product };
    return differing(standingOf(this.oracle.books, now), this.product.standing(now));
  }
}

const isSame = (oracle: string, product: string): boolean =>
  oracle === product || (oracle === 'unchanged: either' && /^unchanged: (same|other)_body$/.test(product));

const differing = (oracle: Map<string, string>, product: Map<string, string>): Difference | null => {
  for (const [what, line] of oracle) {
    const other = product.get(what) ?? 'nothing';
    if (other !== line) return { what, oracle: line, product: other };
  }
  for (const [what, line] of product) if (!oracle.has(what)) return { what, oracle: 'nothing', product: line };
  return null;
};

/** Plays a history to its end, or to the first difference. */
export const play = (history: History, isCautious = false): Outcome => {
  const game = new Game(history, isCautious);
  for (const given of [...WORLD, ...history.schedules]) {
    game.elapse(SECOND);
    const command = typeof given === 'function' ? given(game.oracle.books, game.now()) : given;
    const difference = command && game.move(command, 'admin');
    if (difference) return { played: game.played, difference };
  }
  for (const { wait: pause, plane, zone, wakes, intent } of history.steps) {
    game.elapse(pause(game.now().at));
    if (zone !== undefined) game.zone = zone;
    game.elapse(0);
    const isWaking = wakes && game.oracle.books.status !== 'active';
    const command = isWaking ? WAKING : intent(game.oracle.books, game.now());
    if (command === null) continue;
    const difference = game.move(command, isWaking ? 'admin' : plane);
    if (difference) return { played: game.played, difference };
  }
  return { played: game.played, difference: null };
};

export const WORLD_SIZE = WORLD.length;
