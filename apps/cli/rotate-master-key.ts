import { migrateInstallation } from '#installation/installation.js';
import { rotateMasterKey as rotate, StillRunning } from '#installation/rotate-master-key.js';
import type { Configuration } from '#platform/configuration.js';
import { forgetNextMasterKey, loadMasterKey, loadNextMasterKey, useNextMasterKey } from '#platform/master-key.js';
import { takeDataFolder } from '../standalone/data-folder.js';
import { startEmbeddedPostgres } from '../standalone/embedded-postgres.js';

const say = (line: string): void => void process.stderr.write(`${line}\n`);

/** The owner's URL, of a server that is started for this where the installation brings its own. */
const withDatabase = async <T>(configuration: Configuration, work: (ownerUrl: string) => Promise<T>): Promise<T> => {
  if (configuration.databaseUrl !== null) return work(configuration.databaseUrl);
  const release = takeDataFolder(configuration.dataDir);
  try {
    const postgres = await startEmbeddedPostgres(configuration.dataDir);
    try {
      return await work(postgres.url);
    } finally {
      await postgres.stop();
    }
  } finally {
    release();
  }
};

/** Puts a new master key in the place of the present one, while nothing runs. */
export const rotateMasterKey = async (
  configuration: Configuration,
  options: { readonly json: boolean },
): Promise<void> => {
  const before = loadMasterKey(configuration);
  const next = loadNextMasterKey(configuration);
  let isBegun = false;
  const begun = (): void => void (isBegun = true);
  const rotation = await withDatabase(configuration, (ownerUrl) => {
    const prepare = (): Promise<unknown> => migrateInstallation(configuration, ownerUrl, before);
    return rotate(ownerUrl, { before, after: next.key, prepare, say, begun });
  }).catch((error: unknown) => {
    // A key that opens nothing would look like one that a rotation needs.
    if (next.isNew && (!isBegun || error instanceof StillRunning)) forgetNextMasterKey(configuration);
    throw error;
  });
  const { tenants, webhookSecrets, dropped } = rotation ?? { tenants: 0, webhookSecrets: 0, dropped: 0 };
  const file = configuration.masterKey === null ? useNextMasterKey(configuration) : next.file;
  if (options.json) {
    process.stdout.write(
      `${JSON.stringify({ rotated: true, tenants, webhook_secrets: webhookSecrets, dropped, file })}\n`,
    );
    return;
  }
  const then =
    configuration.masterKey === null
      ? `The new master key is in ${file}. Back it up; the old one opens nothing any more.`
      : `The new master key is in ${file}. Put it into DAYBOOK_MASTER_KEY wherever that is set, and delete the file.`;
  process.stdout.write(
    `${tenants} tenants' keys and ${webhookSecrets} webhook secrets follow the new key; ${dropped} secrets that were kept ` +
      `for replays are gone, and users sign in again.\n${then}\n`,
  );
};
