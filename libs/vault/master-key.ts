import { hkdfSync } from 'node:crypto';

/** What keys are made from the master key for. Another purpose gives an unrelated key; a purpose is never renamed. */
export type Purpose =
  | 'vault: tenant keys'
  | 'vault: once-only secrets'
  | 'access: api key verifiers'
  | 'webhooks: signing secrets'
  | 'installation: carried keys';

/** A master key under which something is wrapped is not among those this process was given. */
export class MasterKeyUnknown extends Error {
  override readonly name = 'MasterKeyUnknown';
  constructor(readonly keyId: string) {
    super(`a key is wrapped by the master key ${keyId}, which this installation was not given`);
  }
}

/** The server's key: 32 bytes that stand in no database. Loading it is the platform's (`loadMasterKey`). */
export class MasterKey {
  /** Names the key beside what it wraps, and tells nothing about it. */
  readonly id: string;
  readonly #derived = new Map<Purpose, Buffer>();

  constructor(private readonly bytes: Uint8Array) {
    if (bytes.length !== 32) throw new RangeError(`a master key has 32 bytes, not ${bytes.length}`);
    this.id = hkdf(bytes, 'vault: master key id', 8).toString('hex');
  }

  /** The 32 bytes for one purpose (HKDF-SHA-256), always the same. */
  derive(purpose: Purpose): Buffer {
    let key = this.#derived.get(purpose);
    if (key === undefined) {
      key = hkdf(this.bytes, purpose, 32);
      this.#derived.set(purpose, key);
    }
    return key;
  }
}

/**
 * The key in use and those it replaced. New keys are wrapped by the current one; a replaced one is kept for as long as
 * something names it: after `TenantKeys.rewrapAll` only once-only secrets do, for 30 days.
 */
export class MasterKeys {
  readonly current: MasterKey;
  readonly #byId: ReadonlyMap<string, MasterKey>;

  constructor(current: Uint8Array, replaced: readonly Uint8Array[] = []) {
    const all = [current, ...replaced].map((bytes) => new MasterKey(bytes));
    this.current = all[0]!;
    this.#byId = new Map(all.map((key) => [key.id, key]));
  }

  find(keyId: string): MasterKey | undefined {
    return this.#byId.get(keyId);
  }

  /** Throws `MasterKeyUnknown`. */
  byId(keyId: string): MasterKey {
    const key = this.find(keyId);
    if (key === undefined) throw new MasterKeyUnknown(keyId);
    return key;
  }
}

/** The same salt as the platform's `deriveKey`: the purpose alone tells keys apart. */
const hkdf = (key: Uint8Array, purpose: string, length: number): Buffer =>
  Buffer.from(hkdfSync('sha256', key, 'daybook', purpose, length));
