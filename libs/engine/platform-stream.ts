import { canonicalJson, type Json } from '#domain/canonical.js';
import { LedgerInconsistent } from '#domain/entries.js';
import type { Environment } from '#domain/tenants/tenants.js';
import type { Sealed } from '#domain/decision.js';
import type { Ulid } from '#domain/ids.js';
import { formatInstant, parseInstant, type Instant } from '#domain/time.js';
import { NO_STREAM, type EventStore, type NewEvent, type RecordedEvent } from '#event-store/event-store.js';
import { StreamUnreadable } from './books.js';
import { chained, NO_HASH, sameHash } from './hash-chain.js';
import { UlidSequence } from './identifiers.js';
import { NotTaken, type Clock } from './ports.js';

/** What belongs to no tenant: the workspaces, and which tenants there are (DECISIONS 4). */
export const PLATFORM_STREAM = 'platform-0';

const SHAPE = 1;
const RESEND_MIN_MS = 20;
const RESEND_MAX_MS = 2_000;

/** Under which key of a client something was made, so that the same key makes it only once. */
export interface MadeUnder {
  /** Hex: SHA-256 over plane, operator and key; null where none was given. */
  readonly key: string | null;
  /** Hex: HMAC over method, path and the canonical body. */
  readonly request: string | null;
}

export type PlatformFact =
  | {
      readonly type: 'WorkspaceCreated';
      /** The name is sealed under the workspace. */
      readonly data: MadeUnder & { readonly workspace_id: string; readonly name: Sealed | null };
    }
  | {
      /** Comes before the tenant's own stream begins. */
      readonly type: 'TenantRegistered';
      readonly data: MadeUnder & {
        readonly tenant_id: string;
        readonly workspace_id: string;
        readonly environment: Environment;
        /** The live tenant whose sandbox it is. */
        readonly twin_of: string | null;
        /** The request that creates the tenant, sealed under its partner: what the sweep needs to finish it. */
        readonly creation: Sealed;
      };
    };

export interface PlatformMeta {
  readonly actor: string;
  readonly request_id: string | null;
}

export type PlatformEvent = PlatformFact & {
  readonly revision: number;
  readonly id: Ulid;
  readonly at: Instant;
  readonly meta: PlatformMeta;
};

const KNOWN: { readonly [T in PlatformFact['type']]: true } = { WorkspaceCreated: true, TenantRegistered: true };

const encode = (fact: PlatformFact, revision: number, id: Ulid, at: Instant, meta: PlatformMeta): Uint8Array =>
  Buffer.from(
    canonicalJson({
      revision,
      id,
      type: fact.type,
      v: SHAPE,
      at: formatInstant(at),
      data: fact.data as unknown as Json,
      meta: meta as unknown as Json,
    }),
  );

/** Reads an envelope back. Throws `LedgerInconsistent` where it is none that this version of the code knows. */
export const decodePlatformEvent = (payload: Uint8Array): PlatformEvent => {
  const { at, v, ...rest } = JSON.parse(Buffer.from(payload).toString()) as { at: string; v: number } & PlatformEvent;
  const instant = parseInstant(at);
  if (!Object.hasOwn(KNOWN, rest.type) || v !== SHAPE || instant === undefined) {
    throw new LedgerInconsistent(`platform event ${rest.type} v${v} is unknown to this version`);
  }
  return { ...rest, at: instant } as PlatformEvent;
};

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * The platform's stream, followed and written by this process and others: a few events a day, so each is an append of its
 * own. Same envelope and same hash chain as a tenant's.
 */
export class PlatformStream {
  #revision = NO_STREAM;
  #hash: Uint8Array = NO_HASH;
  #at: Instant = 0;
  readonly #ids = new UlidSequence();
  #turn: Promise<unknown> = Promise.resolve();

  /** `fold` gets every event once, in order. */
  constructor(
    private readonly store: EventStore,
    private readonly clock: Clock,
    private readonly fold: (event: PlatformEvent) => void,
  ) {}

  /** An id for something that is to be told of here. */
  nextUlid(): Ulid {
    return this.#ids.next(Math.max(this.clock.now(), this.#at));
  }

  /** Reads what others wrote. Rejects with `NotTaken`, or `StreamUnreadable` where the stream was altered. */
  refresh(): Promise<void> {
    return this.#inTurn(() => this.#readOn());
  }

  /**
   * Appends what `decide` says, decided on the newest state; null: nothing. It is asked again when somebody else was
   * first, and never before it is known that what it said was not written.
   */
  write(meta: PlatformMeta, decide: () => readonly PlatformFact[] | null): Promise<void> {
    return this.#inTurn(async () => {
      await this.#readOn();
      for (let facts = decide(); facts !== null && facts.length > 0; facts = decide()) {
        if (await this.#append(facts, meta)) return;
        await this.#readOn();
      }
    });
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => undefined);
    return done;
  }

  async #readOn(): Promise<void> {
    try {
      for await (const page of this.store.read(PLATFORM_STREAM, this.#revision + 1))
        page.forEach((one) => this.#follow(one));
    } catch (error) {
      throw error instanceof StreamUnreadable ? error : new NotTaken('store_unavailable', 1000, error);
    }
  }

  #follow(recorded: RecordedEvent): void {
    try {
      const hash = chained(this.#hash, recorded.payload);
      if (!sameHash(hash, recorded.hash)) throw new LedgerInconsistent('the hash chain is broken');
      const event = decodePlatformEvent(recorded.payload);
      if (event.revision !== this.#revision + 1 || recorded.revision !== event.revision) {
        throw new LedgerInconsistent(`${this.#revision + 1} is missing`);
      }
      this.#take(event, hash);
    } catch (error) {
      throw new StreamUnreadable(PLATFORM_STREAM, recorded.revision, error);
    }
  }

  #take(event: PlatformEvent, hash: Uint8Array): void {
    this.fold(event);
    this.#revision = event.revision;
    this.#hash = hash;
    this.#at = event.at;
    this.#ids.follow(event.id);
  }

  /** False: somebody else was first. Goes on asking until it is known. */
  async #append(facts: readonly PlatformFact[], meta: PlatformMeta): Promise<boolean> {
    const at = Math.max(this.clock.now(), this.#at);
    let hash = this.#hash;
    const events = facts.map((fact, i): NewEvent => {
      const id = this.#ids.next(at);
      const payload = encode(fact, this.#revision + 1 + i, id, at, meta);
      hash = chained(hash, payload);
      return { id, type: fact.type, payload, hash };
    });
    const append = { stream: PLATFORM_STREAM, expectedRevision: this.#revision, expectedHash: this.#hash, events };
    for (let pause = RESEND_MIN_MS; ; pause = Math.min(pause * 2, RESEND_MAX_MS)) {
      const [result] = await this.store.append([append]);
      if (result?.outcome === 'conflict') return false;
      if (result?.outcome === 'appended') break;
      await sleep(pause * (0.5 + Math.random() / 2));
    }
    for (const { payload, hash: of } of events) this.#take(decodePlatformEvent(payload), of);
    return true;
  }
}
