/**
 * A naive ledger, written from the contract (docs/decisions.md, the operations' descriptions) and not from the product: it
 * imports nothing of it, keeps lists, and counts everything again whenever it is asked.
 */
import {
  blockAccount,
  closeAccount,
  createCustomer,
  openAccount,
  unblockAccount,
  updateAccount,
  updateCustomer,
} from './accounts.js';
import { emptyBooks, OutOfRange, type Books } from './books.js';
import {
  adjust,
  authorize,
  changeCardStatus,
  expire,
  expirePurchase,
  increment,
  issueCard,
  reverseHold,
  updateCard,
} from './cards.js';
import { capture, postCleared, refund, refundToCard } from './clearings.js';
import { replaceFees } from './fees.js';
import { evaluateLimits, replaceLimits } from './limits.js';
import { post, postBatch, reverse } from './postings.js';
import { captureReservation, createReservation, expireReservation, releaseReservation } from './reservations.js';
import type { Command, CommandType, DataOf, Now, Plane, Verdict } from './terms.js';

const DAY = 86_400_000;
const RETAINED = 90 * DAY;

/** What a tenant that is not active may still be asked for by anybody, and by operators only (DECISIONS 26). */
const ALWAYS: readonly CommandType[] = [
  'AuthorizeCard',
  'AdjustCardTransaction',
  'ReverseCardTransaction',
  'ExpireCardTransaction',
  'CaptureCardTransaction',
  'PostCardTransaction',
  'RefundCardTransaction',
  'RefundToCard',
  'ReleaseReservation',
  'EvaluateLimits',
];
const BY_OPERATORS: readonly CommandType[] = ['ChangeTenantStatus', 'BlockAccount', 'UnblockAccount'];

/** What a tenant must be entitled to, where its own key asks; cards need none but those that are tapped. */
export const ENTITLEMENT_OF: { readonly [T in CommandType]?: string } = {
  OpenAccount: 'accounts.write',
  UpdateAccount: 'accounts.write',
  BlockAccount: 'accounts.manage',
  UnblockAccount: 'accounts.manage',
  CloseAccount: 'accounts.manage',
  PostTransaction: 'transactions.write',
  PostBatch: 'transactions.write',
  ReverseTransaction: 'transactions.write',
  CreateReservation: 'reservations.write',
  CaptureReservation: 'reservations.write',
  ReleaseReservation: 'reservations.write',
};

/** Off until somebody switches it on; whatever else is named here is on until somebody switches it off. */
const TAPPED = 'cards.nfc.manage';

const NEXT = {
  active: ['suspended', 'inactive'],
  suspended: ['active', 'inactive'],
  inactive: ['active'],
};

const changeStatus = (books: Books, { status }: DataOf<'ChangeTenantStatus'>, now: Now): Verdict => {
  if (status === books.status) return 'unchanged';
  if (!NEXT[books.status].includes(status)) return 'refused: invalid_status_transition';
  if (books.status === 'inactive' && now.at >= books.inactiveSince + RETAINED) return 'refused: retention_expired';
  books.status = status;
  if (status === 'inactive') books.inactiveSince = now.at;
  return 'done';
};

const changeEntitlements = (books: Books, { entitlements }: DataOf<'ChangeEntitlements'>): Verdict => {
  let changed = false;
  for (const [key, { enabled, config = {} }] of Object.entries(entitlements)) {
    const known = books.entitlements[key] ?? { enabled: key !== TAPPED, config: {} };
    const merged = { enabled, config: { ...known.config, ...config } };
    if (JSON.stringify(merged) !== JSON.stringify(known)) changed = true;
    books.entitlements[key] = merged;
  }
  return changed ? 'done' : 'unchanged';
};

const closePeriod = (books: Books, { through }: DataOf<'ClosePeriod'>, now: Now): Verdict => {
  const time = Date.parse(through);
  if (time >= now.at) return 'refused: effective_at_out_of_range';
  if (books.closedThrough !== null && time < books.closedThrough) return 'refused: period_closed';
  if (time === books.closedThrough) return 'unchanged';
  books.closedThrough = time;
  return 'done';
};

const DECIDE: { [T in CommandType]: (books: Books, data: DataOf<T>, now: Now) => Verdict } = {
  ChangeTenantStatus: changeStatus,
  OpenAccount: openAccount,
  UpdateAccount: updateAccount,
  BlockAccount: blockAccount,
  UnblockAccount: unblockAccount,
  CloseAccount: closeAccount,
  PostTransaction: post,
  PostBatch: postBatch,
  ReverseTransaction: reverse,
  ReplaceFeeRules: replaceFees,
  ReplaceLimits: replaceLimits,
  EvaluateLimits: evaluateLimits,
  CreateCustomer: createCustomer,
  UpdateCustomer: updateCustomer,
  ChangeEntitlements: changeEntitlements,
  ClosePeriod: closePeriod,
  IssueCard: issueCard,
  UpdateCard: updateCard,
  ChangeCardStatus: changeCardStatus,
  AuthorizeCard: authorize,
  IncrementCardTransaction: increment,
  AdjustCardTransaction: adjust,
  ReverseCardTransaction: reverseHold,
  ExpireCardTransaction: expire,
  CaptureCardTransaction: capture,
  PostCardTransaction: postCleared,
  RefundCardTransaction: refund,
  RefundToCard: refundToCard,
  CreateReservation: createReservation,
  CaptureReservation: captureReservation,
  ReleaseReservation: releaseReservation,
};

export class Oracle {
  readonly books: Books;

  /** Keeping the books aside before each command takes long: only where sums may leave the range of amounts. */
  constructor(
    defaultCurrency: string,
    private readonly isCautious: boolean,
  ) {
    this.books = emptyBooks(defaultCurrency);
  }

  /** What comes of a command at this moment; the books are then as it leaves them. */
  run({ type, data }: Command, plane: Plane, now: Now): Verdict {
    this.expireDue(now);
    const { status } = this.books;
    const isTaken = status === 'active' || ALWAYS.includes(type) || (plane === 'admin' && BY_OPERATORS.includes(type));
    if (!isTaken) return status === 'suspended' ? 'refused: tenant_suspended' : 'refused: tenant_inactive';
    const missing = plane === 'tenant' ? this.missingEntitlement({ type, data } as Command) : null;
    if (missing !== null) return `refused: entitlement_required by ${missing}`;
    const before = this.isCautious ? structuredClone(this.books) : this.books;
    try {
      return (DECIDE[type] as (books: Books, data: unknown, now: Now) => Verdict)(this.books, data, now);
    } catch (error) {
      if (!(error instanceof OutOfRange) || !this.isCautious) throw error;
      Object.assign(this.books, before);
      return 'refused: amount_out_of_range';
    }
  }

  private missingEntitlement({ type, data }: Command): string | null {
    const { entitlements, cards } = this.books;
    const asked = ENTITLEMENT_OF[type];
    if (asked !== undefined && entitlements[asked]?.enabled === false) return asked;
    const isTapped =
      type === 'IssueCard'
        ? data.type === 'nfc'
        : (type === 'UpdateCard' || type === 'ChangeCardStatus') && cards.get(data.card_id)?.type === 'nfc';
    return isTapped && entitlements[TAPPED]?.enabled !== true ? TAPPED : null;
  }

  /** Whatever is due is over before anything else is decided. */
  private expireDue({ at }: Now): void {
    for (const purchase of this.books.cardTransactions.values()) {
      const { expiresAt, amounts } = purchase;
      if (expiresAt !== null && expiresAt <= at && amounts.held > 0) expirePurchase(this.books, purchase);
    }
    for (const reservation of this.books.reservations.values()) {
      if (reservation.held > 0 && reservation.expiresAt <= at) expireReservation(this.books, reservation);
    }
  }
}
