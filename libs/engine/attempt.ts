import { isUnstorable, NotCanonical } from '#domain/canonical.js';
import { decodeEvent, encodeEvent, type Seal } from '#domain/codec.js';
import type { Accepted, BusinessDay, Decision, Moment } from '#domain/decision.js';
import { expireFirstDue } from '#domain/holds/due-holds.js';
import { coldKeys } from '#domain/cold-keys.js';
import { IS_PUBLIC } from '#domain/is-public.js';
import { liquidityCrossings } from '#domain/liquidity/liquidity-crossings.js';
import { AmountOutOfRange } from '#domain/money.js';
import { decide } from '#domain/commands.js';
import { evolve, type EventMeta, type LedgerDraft, type LedgerEvent } from '#domain/ledger.js';
import type { Ulid } from '#domain/ids.js';
import { isChangedSince } from '#domain/preconditions.js';
import type { TenantState } from '#domain/state.js';
import type { Instant, LocalDate } from '#domain/time.js';
import { METADATA_BYTES } from '#event-store/check-appends.js';
import { MAX_APPEND_BYTES, type NewEvent } from '#event-store/event-store.js';
import { outcomeKey, type Books } from './books.js';
import { businessDateAt, businessDayAt, pastBusinessDate } from './business-days.js';
import { calendarOf } from './calendar.js';
import { chained } from './hash-chain.js';
import type { UlidSequence } from './identifiers.js';
import type { CommandRequest } from './ports.js';
import { sealedLike } from './sealed-like.js';
import { Slab } from './slab.js';
import type { Waiting } from './waiting.js';

/** Holds that end in one append at most; where more are due, commands wait for the next one (DECISIONS 48). */
export const MOST_EXPIRIES = 500;

/** Who an event is recorded of. */
type Origin = Pick<CommandRequest, 'tenantId' | 'actor' | 'requestId' | 'apiVersion' | 'ip' | 'idempotency'>;

/** An event that was encoded, read back and folded, and is not in the stream yet. */
export interface Written extends NewEvent {
  readonly event: LedgerEvent;
  readonly keys: readonly string[];
}

const payloadSlab = new Slab(64 * 1024);

const mustBeStorable = (text: string): void => {
  if (isUnstorable(text)) throw new NotCanonical('a personal text has a NUL or a lone surrogate');
};

const likeStorable: Seal = (text, subject) => {
  mustBeStorable(text);
  return sealedLike(text, subject);
};

/** Bytes that they take in an append. */
const sizeOf = (payloads: readonly Uint8Array[]): number =>
  payloads.reduce((sum, payload) => sum + payload.length + METADATA_BYTES, 0);

/** What a batch is decided at. The days are looked up only when a decision asks for them. */
class BatchMoment implements Moment {
  readonly nextUlid: () => Ulid;

  constructor(
    readonly at: Instant,
    private readonly state: TenantState,
    ids: UlidSequence,
  ) {
    this.nextUlid = () => ids.next(at);
  }

  get localDate(): LocalDate {
    return calendarOf(this.state.tenant.value?.timezone ?? 'UTC').localDate(this.at, this.state.localDate.value);
  }

  get businessDate(): LocalDate {
    return businessDateAt(this.state, this.at);
  }

  get businessDay(): BusinessDay {
    return businessDayAt(this.state, this.at);
  }

  readonly businessDateOf = (at: Instant): LocalDate => pastBusinessDate(this.state, at, this.at);
}

/** Also told by its name: the vault may not import the engine and throws one of its own. */
export const missingSubject = (error: unknown): string | null => {
  const { name, subject } = (error ?? {}) as { name?: unknown; subject?: unknown };
  return name === 'SubjectKeyMissing' && typeof subject === 'string' ? subject : null;
};

/**
 * One try at a batch: each command decided on the state as the ones before it left it, and what it decided encoded, read
 * back and folded, under the state's journal. Nothing of it is true before it is appended; `undo` takes all of it back.
 */
export class Attempt {
  /** What is to be appended, in order. */
  readonly written: Written[] = [];
  /** Subjects whose keys were not in memory, and the commands that met them. */
  readonly missing = new Map<string, Waiting[]>();
  #bytes = 0;
  #hash: Uint8Array;
  readonly #moment: Moment;
  readonly #firsts = new Map<string, Waiting>();
  readonly #addresses = new Map<string, string>();
  /** Subjects of the command at hand that could not be sealed for: all of them, so that one more try is enough. */
  readonly #unsealed = new Set<string>();

  /** Nothing undecided may be in the books' state. `at`: ms since 1970, not before the last event. */
  constructor(
    private readonly books: Books,
    ids: UlidSequence,
    private readonly seal: Seal,
    readonly at: Instant,
  ) {
    this.#hash = books.hash;
    this.#moment = new BatchMoment(at, books.state, ids);
  }

  /**
   * Ends the holds that are due: to be asked first, so that whatever is decided sees them ended. No command did it, so no
   * answer to one tells of it. False: nothing else may be decided in this attempt, as more are due than fit here, or keys for
   * what is opened on the way are `missing`, which all of `waiting` then waits for.
   */
  expireDue(waiting: readonly Waiting[]): boolean {
    const { state } = this.books;
    for (let count = 0; ; count++) {
      const drafts = this.#firstDue();
      if (drafts === null) return true;
      if (count === MOST_EXPIRIES) return false;
      const texts = this.#encode(this.#system(), drafts);
      if (this.#unsealed.size > 0) return !this.#lacking(waiting);
      const payloads = texts.map((text) => payloadSlab.write(text, 'utf8'));
      // What can never be appended must not keep everything else from it: that hold stays until somebody ends it.
      if (sizeOf(payloads) > MAX_APPEND_BYTES) state.dueTimes.delete(state.dueTimes.first()!.id);
      else if (this.#keep(texts, payloads) === null) return false;
    }
  }

  /** What ends whatever is due first. A day whose sums no account can take stays as it is, and keeps nothing else from it. */
  #firstDue(): readonly LedgerDraft[] | null {
    const { state } = this.books;
    for (;;) {
      try {
        return expireFirstDue(state, this.#moment);
      } catch (error) {
        if (!(error instanceof AmountOutOfRange)) throw error;
        state.dueTimes.delete(state.dueTimes.first()!.id);
      }
    }
  }

  /**
   * Tells of what the latest command made of the tenant's liquidity, right behind it. Where there is no room, the next append
   * begins with it.
   */
  #watchLiquidity(): void {
    const { state } = this.books;
    const drafts = liquidityCrossings(state, this.#moment);
    if (drafts.length === 0) return;
    const texts = this.#encode(this.#system(), drafts);
    if (
      this.#keep(
        texts,
        texts.map((text) => payloadSlab.write(text, 'utf8')),
      ) === null
    )
      state.liquidity.touch();
  }

  #system(): Origin {
    const { tenantId } = this.books;
    return { tenantId, actor: 'system', requestId: null, apiVersion: null, ip: null, idempotency: null };
  }

  /**
   * Decides a command; what came of it stands in `waiting`. False: there is no room for it in this append, and nothing of
   * it was done. Whatever it throws is its own failure and leaves no trace in the state.
   */
  take(waiting: Waiting): boolean {
    const { state } = this.books;
    const { request } = waiting;
    if (request.idempotency !== null && request.dryRun !== true && this.#isTwin(waiting)) return true;
    const savepoint = state.journal.savepoint();
    const count = this.written.length;
    try {
      const decision = decide(request.command, request.issuer, state, this.#moment);
      // What a decision tried out on the state is not what it decided.
      state.journal.rollbackTo(savepoint);
      const { ifLastChangedAt = null } = request;
      // What can't be done at all is refused for that.
      if (ifLastChangedAt !== null && decision.kind !== 'refused') {
        if (isChangedSince(request.command, ifLastChangedAt, state)) {
          waiting.receipt = { kind: 'changed_since', revision: this.books.state.head.value.revision };
          return true;
        }
      }
      const settled = this.#settle(waiting, decision);
      if (this.written.length > count) this.#watchLiquidity();
      return settled;
    } catch (error) {
      state.journal.rollbackTo(savepoint);
      this.#forgetFrom(count);
      this.#unsealed.clear();
      waiting.failure = error;
      return true;
    }
  }

  undo(): void {
    this.books.state.journal.rollbackTo(0);
  }

  /** It is in the stream: what was tried is true now. */
  commit(): void {
    this.books.state.journal.commit();
    for (const { event, keys, hash, payload } of this.written) this.books.written(event, keys, hash, payload);
    this.books.trim();
  }

  #settle(waiting: Waiting, decision: Decision<LedgerDraft>): boolean {
    const { revision } = this.books.state.head.value;
    switch (decision.kind) {
      case 'refused':
        waiting.receipt = { kind: 'refused', revision, refusal: decision };
        return true;
      case 'unchanged': {
        const { standing, duplicate } = decision;
        waiting.receipt = { kind: 'unchanged', revision, standing, ...(duplicate === undefined ? {} : { duplicate }) };
        return true;
      }
      case 'accepted':
        return this.#settleAccepted(waiting, decision, revision);
    }
  }

  #settleAccepted(waiting: Waiting, { events, lines, answer }: Accepted<LedgerDraft>, revision: number): boolean {
    const { command, dryRun } = waiting.request;
    if (lines !== undefined || answer !== undefined) {
      if (dryRun !== true) throw new Error(`${command.type} can only be tried`);
      waiting.receipt =
        lines === undefined
          ? { kind: 'dry_run', revision, events, answer }
          : { kind: 'dry_run', revision, events, lines };
      return true;
    }
    if (events.length === 0) {
      if (command.type !== 'ExpireDueHolds') throw new Error(`${command.type} was accepted without an event`);
      waiting.receipt = { kind: 'committed', revision, events: [], replayed: false };
      return true;
    }
    if (dryRun !== true) return this.#write(waiting, events);
    const bytes = this.#sizeIfWritten(waiting.request, events);
    waiting.receipt =
      bytes > MAX_APPEND_BYTES
        ? { kind: 'too_large', revision, bytes, limit: MAX_APPEND_BYTES }
        : { kind: 'dry_run', revision, events };
    return true;
  }

  /** Bytes that an append of these would take. Nothing is sealed for it, and no key made. */
  #sizeIfWritten(request: Origin, drafts: readonly LedgerDraft[]): number {
    return sizeOf(this.#encode(request, drafts, likeStorable).map((text) => Buffer.from(text, 'utf8')));
  }

  #write(waiting: Waiting, drafts: readonly LedgerDraft[]): boolean {
    const texts = this.#encode(waiting.request, drafts);
    if (this.#unsealed.size > 0) return this.#lacking([waiting]);
    const payloads = texts.map((text) => payloadSlab.write(text, 'utf8'));
    const bytes = sizeOf(payloads);
    if (bytes > MAX_APPEND_BYTES) {
      const { revision } = this.books.state.head.value;
      waiting.receipt = { kind: 'too_large', revision, bytes, limit: MAX_APPEND_BYTES };
      return true;
    }
    const events = this.#keep(texts, payloads);
    if (events === null) return false;
    waiting.receipt = { kind: 'committed', revision: events.at(-1)!.revision, events, replayed: false };
    const { idempotency } = waiting.request;
    if (idempotency !== null) {
      this.#firsts.set(outcomeKey(idempotency), waiting);
      if (idempotency.part !== null) this.#firsts.set(idempotency.key, waiting);
    }
    return true;
  }

  /** Folds what was encoded, so that it is appended with the rest; null: there is no room for it. */
  #keep(texts: readonly string[], payloads: readonly Uint8Array[]): readonly LedgerEvent[] | null {
    const bytes = sizeOf(payloads);
    if (this.#bytes + bytes > MAX_APPEND_BYTES) return null;
    const events = payloads.map((payload, i) => this.#fold(texts[i]!, payload));
    this.#bytes += bytes;
    for (const { event, keys } of this.written.slice(-events.length)) {
      for (const key of keys) this.books.state.cold.set(key, event);
    }
    return events;
  }

  #lacking(waiting: readonly Waiting[]): true {
    for (const subject of this.#unsealed) this.missing.set(subject, [...(this.missing.get(subject) ?? []), ...waiting]);
    this.#unsealed.clear();
    return true;
  }

  #encode(request: Origin, drafts: readonly LedgerDraft[], seal: Seal = this.#sealStorable): string[] {
    let { revision, sequence } = this.books.state.head.value;
    const ip = request.ip === null ? null : this.#sealedAddress(request, request.ip, seal);
    return drafts.map((draft, i) => {
      revision += 1;
      if (IS_PUBLIC[draft.type]) sequence += 1;
      const meta: EventMeta = {
        tenant_id: request.tenantId,
        sequence: IS_PUBLIC[draft.type] ? sequence : null,
        actor: request.actor,
        request_id: request.requestId,
        api_version: request.apiVersion,
        ip,
        idempotency: i > 0 || request.idempotency === null ? null : { ...request.idempotency, events: drafts.length },
      };
      return encodeEvent(draft, revision, this.at, meta, seal);
    });
  }

  /** Reads back what was encoded and folds that: nothing is appended that could not be folded again. */
  #fold(text: string, payload: Uint8Array): LedgerEvent {
    const event = decodeEvent(text);
    evolve(this.books.state, event);
    this.#hash = chained(this.#hash, payload);
    this.written.push({ id: event.id, type: event.type, payload, hash: this.#hash, event, keys: coldKeys(event) });
    return event;
  }

  #forgetFrom(count: number): void {
    if (this.written.length === count) return;
    this.written.length = count;
    this.#hash = this.written.at(-1)?.hash ?? this.books.hash;
  }

  // What is sealed can't be looked into later, and the read models could not store it.
  readonly #sealStorable: Seal = (text, subject) => {
    mustBeStorable(text);
    try {
      return this.seal(text, subject);
    } catch (error) {
      if (missingSubject(error) === null) throw error;
      this.#unsealed.add(subject);
      return '';
    }
  };

  /** A user's address is the user's and goes with their key; any other belongs to the tenant. */
  #sealedAddress({ actor, tenantId }: Origin, ip: string, seal: Seal): string {
    const subject = actor.startsWith('usr_') ? actor : tenantId;
    if (seal !== this.#sealStorable) return seal(ip, subject);
    const name = `${subject} ${ip}`;
    let sealed = this.#addresses.get(name);
    if (sealed === undefined) {
      sealed = seal(ip, subject);
      this.#addresses.set(name, sealed);
    }
    return sealed;
  }

  /** Whether an earlier command of this attempt has the same key: then its answer is this one's, or this one is a 409. */
  #isTwin(waiting: Waiting): boolean {
    const record = waiting.request.idempotency!;
    const first = this.#firsts.get(outcomeKey(record)) ?? this.#firsts.get(record.key);
    if (!first) return false;
    const other = first.request.idempotency!;
    if (other.request !== record.request) {
      waiting.receipt = { kind: 'key_reused', revision: this.books.state.head.value.revision };
      return true;
    }
    if (outcomeKey(other) !== outcomeKey(record)) return false;
    waiting.twin = first;
    return true;
  }
}
