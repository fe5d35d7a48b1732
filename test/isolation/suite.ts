import { LocalAdminTokens } from '#access/admin-tokens.js';
import { adminKeyFile } from '#installation/installation.js';
import { readConfiguration } from '#platform/configuration.js';
import { startProduct } from '../support/product.js';
import { startSmtp } from '../support/smtp.js';
import { Database } from './database.js';
import { buildWorld, type World } from './world.js';

export interface Suite {
  readonly world: World;
  readonly database: Database;
  close(): Promise<void>;
}

/** A running product with two companies on it; `root`: of another build than this one. */
export const openSuite = async (root?: string): Promise<Suite> => {
  const smtp = await startSmtp();
  const env = { DAYBOOK_SMTP_URL: smtp.url, DAYBOOK_DASHBOARD_URL: 'https://dashboard.example/' };
  const product = await startProduct(env, root === undefined ? {} : { root });
  let database: Database | null = null;
  const close = async (): Promise<void> => {
    await database?.close();
    await product.stop();
    await smtp.stop();
  };
  try {
    const tokens = await LocalAdminTokens.open(adminKeyFile(product.dataDir), readConfiguration({}).admin);
    const world = await buildWorld(product, smtp, (permissions) =>
      tokens.signAdminToken({ permissions, ttlSeconds: 3_600 }),
    );
    database = await Database.open(product.dataDir);
    return { world, database, close };
  } catch (error) {
    await close();
    throw error;
  }
};
