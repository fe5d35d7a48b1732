/** The product as several instances over one database, for tests of what they do to each other. */
import { rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { startEmbeddedPostgres } from '../../apps/standalone/embedded-postgres.js';
import { Supervised } from '../crash/supervised.js';
import { daybook } from '../support/exported.js';
import { freePort } from '../support/free-port.js';
import { newDataDir, startProduct } from '../support/product.js';

export interface Instances {
  readonly baseUrls: readonly string[];
  readonly adminToken: string;
  stop(): Promise<void>;
}

const PERMISSIONS = ['view_tenants', 'manage_tenants', 'manage_tenant_api_keys', 'manage_tenant_limits'];

/** `npm start`: everything in one process. */
export const oneProcess = async (): Promise<Instances> => {
  const product = await startProduct();
  const { base_url, admin_token } = product.credentials;
  return { baseUrls: [base_url], adminToken: admin_token, stop: () => product.stop() };
};

/** So many APIs and a projector, each a process of its own. */
export const apart = async (apis: number): Promise<Instances> => {
  const dataDir = newDataDir();
  const postgres = await startEmbeddedPostgres(dataDir);
  const env = { DATABASE_URL: postgres.url, DAYBOOK_DATA_DIR: dataDir, DAYBOOK_LOG_LEVEL: 'warn' };
  const ports = await Promise.all(Array.from({ length: apis }, freePort));
  const roles = [
    ...ports.map((port) => new Supervised('api', { ...env, DAYBOOK_PORT: String(port) })),
    new Supervised('projector', { ...env, DAYBOOK_PORT: '0' }),
  ];
  const stop = async (): Promise<void> => {
    for (const role of roles) await role.stop();
    await postgres.stop();
    rmSync(dataDir, { recursive: true, force: true });
  };
  const baseUrls = ports.map((port) => `http://127.0.0.1:${port}`);
  try {
    // The first makes the schema.
    for (const [i, role] of roles.entries()) {
      role.start();
      const baseUrl = baseUrls[i];
      if (baseUrl !== undefined && i > 0) await answers(baseUrl, '/healthz', role);
    }
    for (const [i, baseUrl] of baseUrls.entries()) await answers(baseUrl, '/readyz', roles[i] as Supervised);
    const token = daybook(dataDir, ['token', '--permissions', PERMISSIONS.join(','), '--ttl', '1h'], env);
    return { baseUrls, adminToken: token.trim(), stop };
  } catch (error) {
    await stop();
    throw error;
  }
};

const answers = async (baseUrl: string, path: string, role: Supervised): Promise<void> => {
  const deadline = Date.now() + 60_000;
  while ((await fetch(`${baseUrl}${path}`).catch(() => null))?.status !== 200) {
    if (Date.now() > deadline) throw new Error(`${role.role} does not answer ${path}: ${role.lastOutput}`);
    await sleep(100);
  }
};
