import { readFileSync } from 'node:fs';
import type pg from 'pg';
import { deriveKey } from '#platform/master-key.js';
import type { MasterKey, MasterKeys } from '#vault/master-key.js';
import { unwrapKey, wrapKey } from '#vault/sealing.js';

export const KEY_ROTATION_MIGRATIONS: readonly { readonly name: string; readonly sql: string }[] = [
  {
    name: 'installation-key-rotation',
    sql: readFileSync(new URL('./key-rotation.sql', import.meta.url), 'utf8'),
  },
];

/**
 * Keys whose work could not be done again under another one: what they made is a digest of something that is not kept (an API
 * key, an address, a request), or others rely on them (webhooks' public key). They go on when the master key is replaced.
 */
export const CARRIED_KEYS = [
  'access: api key verifiers',
  'access: addresses',
  'api: request hashes',
  'webhooks: ed25519 seed',
] as const;
export type CarriedKey = (typeof CARRIED_KEYS)[number];

/** 32 bytes for a purpose: those that were carried over, else those that the master key makes. */
export type KeyFor = (purpose: CarriedKey) => Buffer;

interface Row {
  readonly purpose: string;
  readonly wrapped: Buffer;
  readonly master_key_id: string;
}

const wrapping = (masterKey: MasterKey): Buffer => masterKey.derive('installation: carried keys');

/** Over a pool of the role `engine`. Throws `MasterKeyUnknown` where they are wrapped by a key that was not given. */
export const openCarriedKeys = async (
  pool: Pick<pg.Pool, 'query'>,
  masterKeys: MasterKeys,
  masterKey: Uint8Array,
): Promise<KeyFor> => {
  const { rows } = await pool.query<Row>('SELECT purpose, wrapped, master_key_id FROM daybook.carried_keys');
  const carried = new Map(
    rows.map(({ purpose, wrapped, master_key_id }) => [
      purpose,
      unwrapKey(wrapping(masterKeys.byId(master_key_id)), ['carried', purpose], wrapped),
    ]),
  );
  return (purpose) => carried.get(purpose) ?? deriveKey(masterKey, purpose);
};

/** Wraps all of them by another master key; `owner` may write the table. Repeating it changes nothing. */
export const carryKeys = async (
  owner: Pick<pg.Client, 'query'>,
  keyFor: KeyFor,
  masterKey: MasterKey,
): Promise<void> => {
  for (const purpose of CARRIED_KEYS) {
    const wrapped = wrapKey(wrapping(masterKey), ['carried', purpose], keyFor(purpose));
    await owner.query(
      `INSERT INTO daybook.carried_keys (purpose, wrapped, master_key_id) VALUES ($1, $2, $3)
       ON CONFLICT (purpose) DO UPDATE SET wrapped = excluded.wrapped, master_key_id = excluded.master_key_id`,
      [purpose, wrapped, masterKey.id],
    );
  }
};
