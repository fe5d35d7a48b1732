/**
 * Given commands, when a command, this comes of it: how the specs of the domain are written.
 *
 * Every step runs as in production: needs are loaded and nothing else, the decision is encoded, read back and folded.
 * Ids, times and sealing are plain and repeatable. `@ada` anywhere in a command stands for the id of what was `named('ada', …)`.
 */
import type { WalletType } from './accounts/accounts.js';
import type { OpenAccount } from './accounts/open-account.js';
import type { IssueCard } from './cards/issue-card.js';
import type { CreateCustomer } from './customers/create-customer.js';
import { decodeEvent, encodeEvent, type Seal } from './codec.js';
import type { Decision, Moment } from './decision.js';
import type { Side } from './entries.js';
import { expireFirstDue } from './holds/due-holds.js';
import { idOf, ulidOf, type Ulid } from './ids.js';
import { coldKeys } from './cold-keys.js';
import { IS_PUBLIC } from './is-public.js';
import { decide, furtherNeeds, needs, type Command, type Issuer } from './commands.js';
import { evolve, type LedgerDraft, type LedgerEvent } from './ledger.js';
import type { LimitTerms } from './limits/replace-limits.js';
import { emptyState, type TenantState } from './state.js';
import type { CreateTenant } from './tenants/create-tenant.js';
import { dayAfter, formatInstant, parseInstant, type Instant } from './time.js';

/** When the first command of every spec is decided: 2026-01-05T09:00:00Z. */
export const START: Instant = 1_767_603_600_000;
export const SECOND = 1000;
export const DAY = 86_400_000;

export const OPERATOR: Issuer = { plane: 'admin', keyId: null, entitlement: null };

/** Shows whose key would seal a text: `s1.<subject>.<text>`. */
export const plainSeal: Seal = (text, subject) => `s1.${subject}.${text}`;

export interface Named {
  readonly name: string;
  readonly command: Command;
}

export interface Elapse {
  readonly elapse: number;
}

export type Step = Command | Named | Elapse;

/** One line of a spec's table: what is told, what was before, what is asked, what comes of it (see `outcomeOf`). */
export type Row = readonly [telling: string, history: readonly Step[], command: Command, outcome: string];

/** Gives what a command makes a name that later commands may use. */
export const named = (name: string, command: Command): Named => ({ name, command });

export const elapse = (ms: number): Elapse => ({ elapse: ms });

const DIGITS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

const base32 = (value: number, width: number): string => {
  let text = '';
  for (let rest = value; text.length < width; rest = Math.floor(rest / 32)) text = DIGITS.charAt(rest % 32) + text;
  return text;
};

/** The n-th ULID of a spec: two neighbours are 2^35 apart, as the engine keeps at least 2^32 between events. */
export const ulidAt = (at: Instant, n: number): Ulid => `${base32(at, 10)}${base32(n, 9)}0000000`;

const startOf = (date: string): Instant => parseInstant(`${date}T00:00:00Z`) as Instant;

const primaryId = ({ data }: LedgerEvent): string => {
  if ('settlement' in data) return data.settlement.settlement_id;
  if ('bank_statement' in data) return data.bank_statement.statement_id;
  if ('reservation' in data) return data.reservation.reservation_id;
  if ('card_transaction' in data) return data.card_transaction.card_transaction_id;
  if ('transaction' in data) return data.transaction.transaction_id;
  if ('account' in data) return data.account.account_id;
  if ('card' in data) return data.card.card_id;
  if ('api_key' in data) return data.api_key.key_id;
  if ('webhook_endpoint' in data) return data.webhook_endpoint.endpoint_id;
  if ('user' in data) return data.user.user_id;
  if ('tenant' in data) return data.tenant.tenant_id;
  if ('customer' in data) return data.customer.customer_id;
  if ('kyc_submission' in data) return data.kyc_submission.kyc_submission_id;
  return 'rules' in data ? (data.rules[0] ?? { rule_id: '' }).rule_id : '';
};

/**
 * What came of a command, in one line: the types of its events, `unchanged`, or `refused: <code>` and in brackets the
 * field at fault.
 */
export const outcomeOf = (decision: Decision<LedgerDraft>): string => {
  switch (decision.kind) {
    case 'accepted':
      return decision.events.map(({ type }) => type).join(' ');
    case 'unchanged':
      return decision.duplicate === undefined ? 'unchanged' : `unchanged: ${decision.duplicate}`;
    case 'refused':
      return `refused: ${decision.code}${decision.param === undefined ? '' : ` (${decision.param})`}`;
  }
};

/** A tenant's ledger as a spec drives it. */
export class Book {
  readonly state: TenantState = emptyState();
  readonly events: LedgerEvent[] = [];
  /** The stored envelopes, in order. */
  readonly stored: string[] = [];
  readonly ids = new Map<string, string>();
  at: Instant = START;
  private made = 0;
  private readonly latest = new Map<string, LedgerEvent>();

  /** Id of what was named so. */
  id(name: string): string {
    const id = this.ids.get(name);
    if (id === undefined) throw new RangeError(`nothing is named ${name}`);
    return id;
  }

  /** The day as the tenant's time zone has it; of UTC, unless a spec knows more of calendars. */
  dayOf = (at: Instant): string => formatInstant(at).slice(0, 10);

  moment(): Moment {
    const last = this.state.localDate.value;
    const now = this.dayOf(this.at);
    const day = now < last ? last : now;
    return {
      at: this.at,
      localDate: day,
      businessDate: day,
      get businessDay() {
        return { date: day, endsAt: startOf(dayAfter(day)), timezone: 'UTC', cutOffHour: 0 };
      },
      businessDateOf: this.dayOf,
      nextUlid: () => ulidAt(this.at, ++this.made),
    };
  }

  /** Decides on the state as it stands, with what the command declared that it needs and nothing else. */
  decide(command: Command, issuer: Issuer = OPERATOR): Decision<LedgerDraft> {
    const meant = this.resolve(command);
    this.state.cold.clear();
    for (const key of needs(meant)) this.state.cold.set(key, this.latest.get(key) ?? null);
    for (const key of furtherNeeds(meant, this.state)) this.state.cold.set(key, this.latest.get(key) ?? null);
    return decide(meant, issuer, this.state, this.moment());
  }

  /** Encodes, reads back and folds what was decided. */
  write(drafts: readonly LedgerDraft[]): readonly LedgerEvent[] {
    return drafts.map((draft) => {
      const { revision, sequence, lastId } = this.state.head.value;
      if (lastId !== null && draft.id <= lastId)
        throw new RangeError(`${draft.type} took its id before the event before it`);
      const meta = {
        tenant_id: this.state.tenant.value?.id ?? 'tnt_new',
        sequence: IS_PUBLIC[draft.type] ? sequence + 1 : null,
        actor: 'spec',
        request_id: null,
        api_version: null,
        ip: null,
        idempotency: null,
      };
      const text = encodeEvent(draft, revision + 1, this.at, meta, plainSeal);
      const event = decodeEvent(text);
      evolve(this.state, event);
      for (const key of coldKeys(event)) this.latest.set(key, event);
      this.stored.push(text);
      this.events.push(event);
      return event;
    });
  }

  /** Writes what ends the holds that are due, as the engine does before it decides anything. */
  expireDue(): readonly LedgerEvent[] {
    const written: LedgerEvent[] = [];
    for (;;) {
      const drafts = expireFirstDue(this.state, this.moment());
      if (drafts === null) return written;
      written.push(...this.write(drafts));
    }
  }

  /** Decides and, where it is accepted, writes. A second passes between two commands. */
  run(command: Command, issuer: Issuer = OPERATOR): Outcome {
    this.at += SECOND;
    this.expireDue();
    const decision = this.decide(command, issuer);
    return {
      decision,
      outcome: outcomeOf(decision),
      events: decision.kind === 'accepted' ? this.write(decision.events) : [],
    };
  }

  /** A step of the history. Throws where its command is refused: then the spec tells another story than it means to. */
  step(step: Step): void {
    if ('elapse' in step) {
      this.at += step.elapse;
      return;
    }
    const { name, command } = 'command' in step ? step : { name: undefined, command: step };
    const { outcome, events } = this.run(command);
    const last = events.at(-1);
    if (!last) throw new RangeError(`the history's ${command.type} came to nothing: ${outcome}`);
    if (name !== undefined) this.ids.set(name, primaryId(last));
  }

  /** The latest event that says how the named thing stands. */
  standing(name: string): LedgerEvent {
    const id = this.id(name);
    const event = this.events.findLast((one) => coldKeys(one).some((key) => key.slice(key.indexOf(':') + 1) === id));
    if (!event) throw new RangeError(`no event is about ${name}`);
    return event;
  }

  private resolve<T>(value: T): T {
    if (typeof value === 'string') return (value.startsWith('@') ? this.id(value.slice(1)) : value) as T;
    if (value === null || typeof value !== 'object') return value;
    if (Array.isArray(value)) return value.map((member: unknown) => this.resolve(member)) as T;
    return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, this.resolve(member)])) as T;
  }
}

export interface Outcome {
  readonly decision: Decision<LedgerDraft>;
  readonly outcome: string;
  readonly events: readonly LedgerEvent[];
}

export interface Given {
  readonly book: Book;
  readonly when: (command: Command, issuer?: Issuer) => Outcome;
}

/** A ledger after these steps; `when` decides one more command on it and writes what is accepted. */
export const given = (...history: readonly Step[]): Given => {
  const book = new Book();
  for (const step of history) book.step(step);
  return { book, when: (command, issuer) => book.run(command, issuer) };
};

/** The tenant of most specs: live, active, paid tier, NGN. */
export const tenant = (differing: Partial<CreateTenant['data']> = {}): CreateTenant => ({
  type: 'CreateTenant',
  data: {
    tenant_id: idOf('tenant', ulidAt(START, 1)),
    partner_id: idOf('partner', ulidAt(START, 2)),
    workspace_id: idOf('workspace', ulidAt(START, 3)),
    environment: 'live',
    name: 'Acme Payments',
    default_currency: 'NGN',
    timezone: 'UTC',
    api_version: '2026-05-19',
    partner: { name: 'Jo Doe', email: 'jo@acme.example', tier: 'paid' },
    ...differing,
  },
});

/** Opens an account and names it: `account('ada', 'customer', 'NGN')` is `@ada` from then on, and its code is `ada`. */
export const account = (
  name: string,
  walletType: Exclude<WalletType, 'system'> = 'customer',
  currency = 'NGN',
  differing: Partial<OpenAccount['data']> = {},
): Named =>
  named(name, {
    type: 'OpenAccount',
    data: { account_code: name, account_name: name, wallet_type: walletType, currency, ...differing },
  });

/** Creates a person as a customer and names it: its accounts are opened with `customer_id: '@ada'`. */
export const customer = (name: string, differing: Partial<CreateCustomer['data']> = {}): Named =>
  named(name, { type: 'CreateCustomer', data: { kind: 'person', name, ...differing } });

/** A limit of tier 1 on what is sent in a day, where nothing else is said. */
export const limit = (amount: number, differing: Partial<LimitTerms> = {}): LimitTerms => ({
  kyc_level: 'tier1',
  direction: 'outbound',
  window: 'daily',
  amount,
  ...differing,
});

export const replaceLimits = (...limits: readonly LimitTerms[]): Command => ({
  type: 'ReplaceLimits',
  data: { limits },
});

/** Issues a virtual card of a named account and activates it. */
export const card = (
  name: string,
  accountName: string,
  differing: Partial<IssueCard['data']> = {},
): readonly Step[] => [
  named(name, { type: 'IssueCard', data: { account_id: `@${accountName}`, type: 'virtual', ...differing } }),
  { type: 'ChangeCardStatus', data: { card_id: `@${name}`, action: 'activate' } },
];

/** Money from the tenant's main float to a named account. */
export const deposit = (to: string, amount: number, currency = 'NGN'): Command => ({
  type: 'PostTransaction',
  data: { type: 'deposit', amount, currency, destination: `@${to}` },
});

export const transfer = (from: string, to: string, amount: number, currency = 'NGN'): Command => ({
  type: 'PostTransaction',
  data: { type: 'transfer', amount, currency, source: `@${from}`, destination: `@${to}` },
});

/** Entries as `account direction amount balance_after`, with the names of the book where it has them. */
export const told = (
  book: Book,
  entries: readonly { account_id: string; direction: Side; amount: number; balance_after: number }[],
): string[] => {
  const names = new Map([...book.ids].map(([name, id]) => [id, name]));
  for (const [key, id] of book.state.systemAccounts.entries()) if (!names.has(id)) names.set(id, key);
  return entries.map(
    ({ account_id, direction, amount, balance_after }) =>
      `${names.get(account_id) ?? ulidOf(account_id)} ${direction} ${amount} ${balance_after}`,
  );
};
