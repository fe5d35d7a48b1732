import pg from 'pg';
import { connectAsOwner, keyCheck } from '#platform/database/prepare-database.js';
import { createLogins, roleUrls, type DatabaseUrls } from '#platform/database/roles.js';
import { StartupError } from '#platform/startup-error.js';
import { MasterKeys } from '#vault/master-key.js';
import { TenantKeys } from '#vault/tenant-keys.js';
import { carryKeys, openCarriedKeys } from './carried-keys.js';
import { isRotating } from './installation.js';
import { webhookSecretBox } from './webhook-secrets.js';

/** Nothing was done, and the new key stands nowhere. */
export class StillRunning extends StartupError {}

export interface Rotation {
  /** Tenants' keys that were wrapped anew. */
  readonly tenants: number;
  readonly webhookSecrets: number;
  /** Secrets that were kept to be shown once more: they open with the old key alone, and are gone. */
  readonly dropped: number;
}

export interface RotationOptions {
  readonly before: Uint8Array;
  readonly after: Uint8Array;
  /** Brings the schema to this version, under the old key. */
  readonly prepare: () => Promise<unknown>;
  readonly say?: (line: string) => void;
  /** Told before anything in the database names the new key: from then on it must not be lost. */
  readonly begun?: () => void;
}

const SESSIONS = `SELECT count(*) AS count FROM pg_stat_activity
  WHERE datname = current_database() AND usename = ANY ($1::text[])`;

const SECRETS = `SELECT tenant_id, endpoint_id, secret_id, sealed, master_key_id FROM daybook.webhook_secrets
  WHERE master_key_id <> $1 ORDER BY tenant_id, endpoint_id, secret_id LIMIT 500`;

const REWRAP_SECRET = `UPDATE daybook.webhook_secrets SET sealed = $4, master_key_id = $5
  WHERE tenant_id = $1 AND endpoint_id = $2 AND secret_id = $3`;

/**
 * Puts another master key in the place of the present one (DECISIONS 78): tenants' keys and webhooks' secrets are wrapped by
 * it, what can only be carried over is, logins get their new passwords, and only then does it become the installation's.
 * Broken off, it is repeated with the same two keys; until it is done nothing else starts. Nothing may run meanwhile.
 *
 * Null: the new key is the installation's already. Throws `StartupError` where something runs, or the keys are not the ones.
 */
export const rotateMasterKey = async (
  ownerUrl: string,
  { before, after, prepare, say = () => undefined, begun = () => undefined }: RotationOptions,
): Promise<Rotation | null> => {
  const owner = await connectAsOwner(ownerUrl);
  try {
    const present = await presentKey(owner);
    if (present === keyCheck(after)) {
      begun();
      return null;
    }
    if (present !== keyCheck(before))
      throw new StartupError('The database belongs to another master key than the old one.');
    const resumed = await isRotating(ownerUrl);
    if (resumed) await refuseOtherTarget(owner, after);
    else await prepare();
    begun();
    await owner.query('UPDATE daybook.installation SET rotating_to = $1', [keyCheck(after)]);
    const urls = roleUrls(ownerUrl, before);
    await refuseSessions(owner, urls, resumed);
    const rotation = await rewrapped(owner, urls, new MasterKeys(after, [before]), before, say);
    await owner.query('BEGIN');
    await createLogins(owner, after);
    await owner.query('UPDATE daybook.installation SET key_check = $1, rotating_to = NULL', [keyCheck(after)]);
    await owner.query('COMMIT');
    return rotation;
  } finally {
    await owner.end();
  }
};

const presentKey = async (owner: pg.Client): Promise<string> => {
  const { rows: found } = await owner.query<{ found: boolean }>(
    `SELECT to_regclass('daybook.installation') IS NOT NULL AS found`,
  );
  if (found[0]?.found !== true) throw new StartupError('There is no installation in this database yet.');
  const { rows } = await owner.query<{ key_check: string }>('SELECT key_check FROM daybook.installation');
  return rows[0]?.key_check ?? '';
};

const refuseOtherTarget = async (owner: pg.Client, after: Uint8Array): Promise<void> => {
  const { rows } = await owner.query<{ rotating_to: string | null }>('SELECT rotating_to FROM daybook.installation');
  if (rows[0]?.rotating_to === keyCheck(after)) return;
  throw new StartupError('A rotation to another new key was broken off: repeat it with that key.');
};

const refuseSessions = async (owner: pg.Client, urls: DatabaseUrls, resumed: boolean): Promise<void> => {
  const logins = Object.values(urls).map((url) => decodeURIComponent(new URL(url).username));
  const { rows } = await owner.query<{ count: string }>(SESSIONS, [logins]);
  const sessions = Number(rows[0]?.count ?? 0);
  if (sessions === 0) return;
  if (!resumed) await owner.query('UPDATE daybook.installation SET rotating_to = NULL');
  throw new StillRunning(`The installation is running (${sessions} sessions): stop all its processes first.`);
};

const rewrapped = async (
  owner: pg.Client,
  urls: DatabaseUrls,
  keys: MasterKeys,
  before: Uint8Array,
  say: (line: string) => void,
): Promise<Rotation> => {
  const engine = new pg.Pool({ connectionString: urls.engine, max: 1 });
  const auth = new pg.Pool({ connectionString: urls.auth, max: 1 });
  try {
    await carryKeys(owner, await openCarriedKeys(engine, keys, before), keys.current);
    const tenants = await new TenantKeys(engine, keys).rewrapAll();
    say(`${tenants} tenants' keys are wrapped by the new key`);
    const webhookSecrets = await rewrapSecrets(auth, keys);
    say(`${webhookSecrets} webhook secrets are sealed under the new key`);
    const once = await auth.query('DELETE FROM daybook.once_only_secrets WHERE master_key_id <> $1', [keys.current.id]);
    return { tenants, webhookSecrets, dropped: once.rowCount ?? 0 };
  } finally {
    await engine.end();
    await auth.end();
  }
};

interface SecretRow {
  readonly tenant_id: string;
  readonly endpoint_id: string;
  readonly secret_id: string;
  readonly sealed: Buffer;
  readonly master_key_id: string;
}

const rewrapSecrets = async (auth: pg.Pool, masterKeys: MasterKeys): Promise<number> => {
  const box = webhookSecretBox({ masterKeys });
  for (let done = 0; ;) {
    const { rows } = await auth.query<SecretRow>(SECRETS, [masterKeys.current.id]);
    if (rows.length === 0) return done;
    for (const { tenant_id, endpoint_id, secret_id, sealed, master_key_id } of rows) {
      const name = [tenant_id, endpoint_id, secret_id];
      const secret = box.open(name, sealed, master_key_id);
      if (secret === null) throw new StartupError(`The webhook secret ${secret_id} of ${tenant_id} can't be opened.`);
      const anew = box.seal(name, secret);
      await auth.query(REWRAP_SECRET, [...name, anew.sealed, anew.keyId]);
      done += 1;
    }
  }
};
