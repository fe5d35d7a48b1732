/** What the engine's specs run on: indexes, snapshots and a vault in memory, and a store that can be made to misbehave. */
import { decodeEvent, ledgerStream } from '#domain/codec.js';
import type { Seal } from '#domain/codec.js';
import type { Sealed } from '#domain/decision.js';
import { idOf } from '#domain/ids.js';
import { coldKeys } from '#domain/cold-keys.js';
import type { Command } from '#domain/commands.js';
import type { LedgerEvent } from '#domain/ledger.js';
import type { Account } from '#domain/accounts/accounts.js';
import { MemoryEventStore } from '#event-store/memory.js';
import type { AppendResult, EventStore, RecordedEvent, StreamAppend } from '#event-store/event-store.js';
import { outcomeKey } from './books.js';
import { UlidSequence } from './identifiers.js';
import { LedgerEngine, type EngineSettings } from './ledger-engine.js';
import {
  SubjectKeyMissing,
  type ColdIndex,
  type CommandRequest,
  type IdempotencyIndex,
  type KeyedOutcome,
  type Receipt,
  type SealingSession,
  type Snapshots,
  type StoredSnapshot,
  type SubjectVault,
} from './ports.js';
import type { Alarm } from './tenant-writer.js';

export const readStream = async (store: EventStore, stream: string): Promise<RecordedEvent[]> => {
  const events: RecordedEvent[] = [];
  for await (const page of store.read(stream, 0)) events.push(...page);
  return events;
};

export const decoded = (recorded: RecordedEvent): LedgerEvent => decodeEvent(Buffer.from(recorded.payload).toString());

export const readLedger = async (store: EventStore, tenantId: string): Promise<LedgerEvent[]> =>
  (await readStream(store, ledgerStream(tenantId))).map(decoded);

interface Indexed {
  revision: number;
  readonly cold: Map<string, number>;
  readonly outcomes: Map<string, KeyedOutcome>;
}

/** Both indexes as a projection would keep them, reading on in the stream when asked; `upTo` makes them lag behind. */
export class StreamIndexes {
  /** May be raised, not lowered. */
  upTo = Infinity;
  /** Every key that was asked for. */
  readonly asked: string[] = [];
  readonly #indexed = new Map<string, Indexed>();

  constructor(private readonly store: EventStore) {}

  readonly cold: ColdIndex = {
    lookUp: async (tenantId, keys) => {
      const { revision, cold } = await this.#readOn(tenantId, keys);
      return { revision, found: pick(cold, keys) };
    },
  };

  readonly idempotency: IdempotencyIndex = {
    lookUp: async (tenantId, keys) => {
      const { revision, outcomes } = await this.#readOn(tenantId, keys);
      return { revision, found: pick(outcomes, keys) };
    },
  };

  async #readOn(tenantId: string, keys: readonly string[]): Promise<Indexed> {
    this.asked.push(...keys);
    const indexed = this.#indexed.get(tenantId) ?? { revision: -1, cold: new Map(), outcomes: new Map() };
    this.#indexed.set(tenantId, indexed);
    for await (const page of this.store.read(ledgerStream(tenantId), indexed.revision + 1)) {
      for (const event of page.map(decoded)) {
        if (event.revision > this.upTo) return indexed;
        if (event.revision !== indexed.revision + 1) continue;
        indexed.revision = event.revision;
        for (const key of coldKeys(event)) indexed.cold.set(key, event.revision);
        const record = event.meta.idempotency;
        if (record === null) continue;
        const { request: hash, events, operation } = record;
        indexed.outcomes.set(outcomeKey(record), { request: hash, revision: event.revision, events, operation });
      }
    }
    return indexed;
  }
}

const pick = <V>(from: ReadonlyMap<string, V>, keys: readonly string[]): Map<string, V> =>
  new Map(keys.flatMap((key) => (from.has(key) ? [[key, from.get(key)!] as const] : [])));

export class MemorySnapshots implements Snapshots {
  readonly saved = new Map<string, { revision: number; hash: Uint8Array; parts: Uint8Array[] }>();

  async latest(tenantId: string, foldVersion: number): Promise<StoredSnapshot | null> {
    const found = this.saved.get(`${tenantId}/${foldVersion}`);
    if (!found) return null;
    const { revision, hash, parts } = found;
    return {
      revision,
      hash,
      parts: (async function* () {
        yield* parts;
      })(),
    };
  }

  async save(
    tenantId: string,
    version: number,
    revision: number,
    hash: Uint8Array,
    parts: Iterable<Uint8Array>,
  ): Promise<void> {
    this.saved.set(`${tenantId}/${version}`, { revision, hash, parts: [...parts] });
  }
}

/** Seals nothing, but asks for keys as a vault does: `s1.<subject>.<text>`. */
export class PlainVault implements SubjectVault {
  readonly keys = new Set<string>();
  /** Subjects in each call of `load`. */
  readonly loads: string[][] = [];
  /** What `persist` is to do, before it does nothing. */
  persisting: () => Promise<void> = async () => {};

  async load(tenantId: string, subjects: readonly string[]): Promise<void> {
    this.loads.push([...subjects]);
    for (const subject of subjects) this.keys.add(`${tenantId}/${subject}`);
  }

  session(tenantId: string, isNew: (subject: string) => boolean): SealingSession {
    const made = new Set<string>();
    const seal: Seal = (text, subject) => {
      if (!this.keys.has(`${tenantId}/${subject}`)) {
        if (!isNew(subject)) throw new SubjectKeyMissing(subject);
        made.add(subject);
      }
      return `s1.${subject}.${text}`;
    };
    const persist = async (): Promise<void> => {
      await this.persisting();
      for (const subject of made) this.keys.add(`${tenantId}/${subject}`);
    };
    return { seal, persist };
  }

  async opener(_tenantId: string, _texts: Iterable<Sealed>): Promise<(sealed: Sealed) => string | null> {
    return (sealed) => sealed.split('.').slice(2).join('.');
  }
}

type Mishap =
  /** Written, but the answer is lost. */
  | 'unknown_written'
  /** Lost on the way. */
  | 'unknown_lost'
  /** Takes 30 ms. */
  | 'slow'
  /** Written, and then nobody ever hears of it. */
  | 'silent';

/** A store whose next appends go wrong in the ways given, in order; and that somebody else may write to in between. */
export class MisbehavingStore implements EventStore {
  readonly appendConcurrency = 1;
  readonly mishaps: Mishap[] = [];
  /** Every call's appends. */
  readonly calls: (readonly StreamAppend[])[] = [];
  /** Runs before each append reaches the store: a rival's chance. */
  rival: () => Promise<void> = async () => {};
  readable = true;

  constructor(readonly inner: EventStore = new MemoryEventStore()) {}

  async append(appends: readonly StreamAppend[]): Promise<AppendResult[]> {
    this.calls.push(appends);
    await this.rival();
    const mishap = this.mishaps.shift();
    const unknown = appends.map((): AppendResult => ({ outcome: 'unknown', cause: 'a test' }));
    if (mishap === 'unknown_lost') return unknown;
    if (mishap === 'slow') await new Promise((resolve) => setTimeout(resolve, 30));
    const results = await this.inner.append(appends);
    if (mishap === 'silent') return new Promise(() => {});
    return mishap === 'unknown_written' ? unknown : results;
  }

  async *read(stream: string, from: number, pageSize?: number): AsyncIterable<readonly RecordedEvent[]> {
    if (!this.readable) throw new Error('the store can not be read');
    yield* this.inner.read(stream, from, pageSize);
  }

  async head(stream: string): ReturnType<EventStore['head']> {
    if (!this.readable) throw new Error('the store can not be read');
    return this.inner.head(stream);
  }

  subscribe: EventStore['subscribe'] = (after, options) => this.inner.subscribe(after, options);
  comparePositions: EventStore['comparePositions'] = (a, b) => this.inner.comparePositions(a, b);
  ready: EventStore['ready'] = (timeoutMs) => this.inner.ready(timeoutMs);
  close: EventStore['close'] = () => this.inner.close();
}

export const NOW = Date.parse('2026-01-05T09:00:00.000Z');
const ids = new UlidSequence();

export const aTenantId = (): string => idOf('tenant', ids.next(NOW));

/** A request with nothing but what is given; a key makes it idempotent, and its body hash is the command's text. */
export const request = (
  tenantId: string,
  command: Command,
  key?: string,
  more: Partial<CommandRequest> = {},
): CommandRequest => ({
  tenantId,
  command,
  issuer: { plane: 'tenant', keyId: null, entitlement: null },
  actor: 'key_spec',
  requestId: null,
  apiVersion: null,
  ip: null,
  idempotency: key === undefined ? null : { key, request: JSON.stringify(command), operation: 'spec', part: null },
  ...more,
});

export const createTenant = (tenantId: string): Command => ({
  type: 'CreateTenant',
  data: {
    tenant_id: tenantId,
    partner_id: idOf('partner', ids.next(NOW)),
    workspace_id: idOf('workspace', ids.next(NOW)),
    environment: 'live',
    name: 'Acme',
    default_currency: 'NGN',
    timezone: 'Africa/Lagos',
    api_version: '2026-05-19',
    partner: { name: 'Jo', email: 'jo@acme.example', tier: 'paid' },
  },
});

export const openAccount = (code: string): Command => ({
  type: 'OpenAccount',
  data: { account_code: code, account_name: code, wallet_type: 'customer', currency: 'NGN' },
});

export const deposit = (destination: string, amount: number, reference?: string): Command => ({
  type: 'PostTransaction',
  data: { type: 'deposit', amount, currency: 'NGN', destination, ...(reference === undefined ? {} : { reference }) },
});

export const transfer = (source: string, destination: string, amount: number): Command => ({
  type: 'PostTransaction',
  data: { type: 'transfer', amount, currency: 'NGN', source, destination },
});

export const committed = (receipt: Receipt): Extract<Receipt, { kind: 'committed' }> => {
  if (receipt.kind !== 'committed') throw new Error(`not committed: ${JSON.stringify(receipt)}`);
  return receipt;
};

export interface Bench {
  readonly engine: LedgerEngine;
  readonly store: EventStore;
  readonly indexes: StreamIndexes;
  readonly snapshots: MemorySnapshots;
  readonly vault: PlainVault;
  readonly alarms: Alarm[];
  readonly clock: { now: () => number };
}

/** An engine and all that it needs; given another's store (and vault), a second instance on the same data. */
export const engineOn = (
  store: EventStore,
  settings: Partial<EngineSettings> = {},
  shared: Partial<Bench> = {},
): Bench => {
  const indexes = shared.indexes ?? new StreamIndexes(store);
  const snapshots = shared.snapshots ?? new MemorySnapshots();
  const vault = shared.vault ?? new PlainVault();
  const clock = shared.clock ?? { now: () => NOW };
  const alarms: Alarm[] = [];
  const engine = new LedgerEngine(
    {
      store,
      snapshots,
      vault,
      clock,
      coldIndex: indexes.cold,
      idempotencyIndex: indexes.idempotency,
      onAlarm: (alarm) => alarms.push(alarm),
    },
    settings,
  );
  return { engine, store, indexes, snapshots, vault, alarms, clock };
};

/** Creates a tenant with accounts of these codes and some money on each; answers their ids. */
export const tenantWith = async (
  engine: LedgerEngine,
  codes: readonly string[],
  balance = 1_000_000,
): Promise<{ tenantId: string; accounts: string[] }> => {
  const tenantId = aTenantId();
  committed(await engine.execute(request(tenantId, createTenant(tenantId))));
  const float: Command = {
    type: 'OpenAccount',
    data: { account_name: 'Float', wallet_type: 'float', currency: 'NGN', allow_negative: true },
  };
  committed(await engine.execute(request(tenantId, float)));
  const opened = await Promise.all(codes.map((code) => engine.execute(request(tenantId, openAccount(code)))));
  const accounts = opened.map((receipt) => accountOf(committed(receipt).events[0]!));
  const filled = await Promise.all(accounts.map((id) => engine.execute(request(tenantId, deposit(id, balance)))));
  filled.forEach(committed);
  return { tenantId, accounts };
};

export const accountOf = (event: LedgerEvent): Account['id'] => {
  if (!('account' in event.data)) throw new Error(`${event.type} has no account`);
  return event.data.account.account_id;
};

/** Makes the engines of a spec file; each is drained after the test that made it. */
export const benches = (): ((...options: Parameters<typeof engineOn>) => Bench) => {
  const open: Bench[] = [];
  afterEach(async () => {
    await Promise.all(open.splice(0).map(({ engine }) => engine.drain(0)));
  });
  return (...options) => {
    const made = engineOn(...options);
    open.push(made);
    return made;
  };
};
