import type { Seal } from '#domain/codec.js';
import type { Sealed } from '#domain/decision.js';
import type { LimitEvaluation } from '#domain/limits/evaluate-limits.js';
import type { Command, Issuer } from '#domain/commands.js';
import type { IdempotencyRecord, LedgerDraft, LedgerEvent } from '#domain/ledger.js';
import type { Decision, Refusal } from '#domain/decision.js';

/** A command on its way to a tenant's writer. Personal data in it is in the clear; the writer seals it. */
export interface CommandRequest {
  readonly tenantId: string;
  readonly command: Command;
  readonly issuer: Issuer;
  /** Who did it, for the audit: a key, user or operator id. */
  readonly actor: string;
  readonly requestId: string | null;
  readonly apiVersion: string | null;
  readonly ip: string | null;
  /** `events` is filled in by the writer. */
  readonly idempotency: Omit<IdempotencyRecord, 'events'> | null;
  /** Decide and answer, append nothing. */
  readonly dryRun?: boolean;
  /** Ms since 1970: only where the resource that it changes was last changed at one of these times. */
  readonly ifLastChangedAt?: readonly number[] | null;
}

export type Receipt =
  /** Durable. `replayed`: it was so already, under this idempotency key, and these are the events of that time. */
  | {
      readonly kind: 'committed';
      readonly revision: number;
      readonly events: readonly LedgerEvent[];
      readonly replayed: boolean;
    }
  /** Nothing had to change; `standing` says how things stand. */
  | {
      readonly kind: 'unchanged';
      readonly revision: number;
      readonly standing: LedgerDraft;
      readonly duplicate?: 'same_body' | 'other_body';
    }
  /** What would happen. */
  | {
      readonly kind: 'dry_run';
      readonly revision: number;
      readonly events: readonly LedgerDraft[];
      /** Of a batch that is tried line by line: what each of them came to. */
      readonly lines?: readonly Decision<LedgerDraft>[];
      /** Of a question: its answer. */
      readonly answer?: LimitEvaluation;
    }
  | { readonly kind: 'refused'; readonly revision: number; readonly refusal: Refusal }
  /** It could have been done, but for `ifLastChangedAt`. */
  | { readonly kind: 'changed_since'; readonly revision: number }
  /** The idempotency key was used with another request. */
  | { readonly kind: 'key_reused'; readonly revision: number }
  /** What it would append does not fit into one append (`limit`, encoded bytes): 413. Nothing was appended. */
  | { readonly kind: 'too_large'; readonly revision: number; readonly bytes: number; readonly limit: number };

/** The command can't be taken now; nothing of it was or will be done. 503 with Retry-After. */
export class NotTaken extends Error {
  override readonly name = 'NotTaken';
  constructor(
    readonly reason: 'queue_full' | 'tenant_parked' | 'store_unavailable' | 'index_behind' | 'clock_ahead' | 'draining',
    readonly retryAfterMs: number,
    /** What an operator should read; never for a client. */
    cause?: unknown,
  ) {
    super(reason, { cause });
  }
}

/** An append of it is under way and its outcome is not known yet: it may still be done. Asking again with its key tells. */
export class OutcomePending extends Error {
  override readonly name = 'OutcomePending';
}

export interface Engine {
  execute(request: CommandRequest): Promise<Receipt>;
}

/** Where the latest event under a cold key stands. Kept by a projection, so it is complete only up to `revision`. */
export interface ColdIndex {
  lookUp(
    tenantId: string,
    keys: readonly string[],
  ): Promise<{ readonly revision: number; readonly found: ReadonlyMap<string, number> }>;
}

export interface KeyedOutcome {
  readonly request: string;
  readonly revision: number;
  readonly events: number;
  readonly operation: string;
}

/** Outcomes by idempotency key (`<key>` or `<key>#<i>` for a part); complete only up to `revision`. */
export interface IdempotencyIndex {
  lookUp(
    tenantId: string,
    keys: readonly string[],
  ): Promise<{ readonly revision: number; readonly found: ReadonlyMap<string, KeyedOutcome> }>;
}

export interface DueTenant {
  readonly tenantId: string;
  /** ms since 1970: since when. */
  readonly dueSince: number;
}

/** Whom to wake: tenants that hold money whose time is over, as far as a projection knows. Nothing is decided by it. */
export interface DueHolds {
  /**
   * Tenants that hold something which is due at `at` (ms since 1970), the longest due first and by id where two are as long;
   * those behind `after`, or from the first where it is null.
   */
  tenantsDue(at: number, limit: number, after: DueTenant | null): Promise<readonly DueTenant[]>;
}

export interface StoredSnapshot {
  readonly revision: number;
  readonly hash: Uint8Array;
  readonly parts: AsyncIterable<Uint8Array>;
}

export interface Snapshots {
  latest(tenantId: string, foldVersion: number): Promise<StoredSnapshot | null>;
  save(
    tenantId: string,
    foldVersion: number,
    revision: number,
    hash: Uint8Array,
    parts: Iterable<Uint8Array>,
  ): Promise<void>;
}

/** A subject whose key is not in memory was met while sealing; the batch is decided again after `load`. */
export class SubjectKeyMissing extends Error {
  override readonly name = 'SubjectKeyMissing';
  constructor(readonly subject: string) {
    super(subject);
  }
}

/** One batch's sealing. Keys of subjects that the batch itself makes are new, all others are loaded first. */
export interface SealingSession {
  /** Synchronous; throws `SubjectKeyMissing`. `isNew(subject)` tells which subjects this batch makes. */
  readonly seal: Seal;
  /** Writes the wrapped keys made in this session, in one statement; must be done before the append. */
  persist(): Promise<void>;
}

export interface SubjectVault {
  /** Loads, or makes where there is none yet, the keys of these subjects. One query for all. */
  load(tenantId: string, subjects: readonly string[]): Promise<void>;
  session(tenantId: string, isNew: (subject: string) => boolean): SealingSession;
  /** Opens what is sealed in these events: keys are loaded once, then each text is opened at once. Null: erased. */
  opener(tenantId: string, sealedTexts: Iterable<Sealed>): Promise<(sealed: Sealed) => string | null>;
}

/** Business time. `now` is the wall clock plus the installation's offset (DECISIONS 19). */
export interface Clock {
  now(): number;
}
