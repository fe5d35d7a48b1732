import { Client, expectStatus } from '../support/client.js';
import { exportedEvents, folded } from '../support/exported.js';
import { startProduct, type Product } from '../support/product.js';
import { replay } from './replay.js';
import type { Row } from './rows.js';

interface TrialBalance {
  readonly data: readonly { readonly currency: string; readonly debits: number; readonly credits: number }[];
}

const createTenant = async (product: Product): Promise<{ id: string; key: string }> => {
  const admin = new Client(product.credentials.base_url, product.credentials.admin_token);
  const partner = { name: 'Replay Partner', email: 'replay@example.com', tier: 'enterprise' };
  const created = await admin.post<{ id: string }>('/api/v1/admin/tenants', {
    name: 'Replay',
    default_currency: 'AUD',
    partner,
  });
  const { id } = expectStatus(created, 201);
  const scopes = [
    'accounts:read',
    'accounts:write',
    'transactions:read',
    'transactions:write',
    'cards:read',
    'cards:write',
    'events:read',
  ];
  const key = await admin.post<{ full_key: string }>(`/api/v1/admin/tenants/${id}/api-keys`, {
    prefix: 'prod',
    scopes,
  });
  admin.close();
  return { id, key: expectStatus(key, 201).full_key };
};

/** Balances as a fold of the exported stream makes them, by code that never saw the server's state. */
const foldExport = (product: Product, tenantId: string, env: Record<string, string>): Map<string, number> => {
  const state = folded(exportedEvents(product.dataDir, tenantId, env));
  return new Map([...state.accounts.values()].map((account) => [account.id, account.balance]));
};

/**
 * Starts the product as `npm start` does, replays rows against a tenant of its own, and expects every stated balance: in
 * the answers, in the read model, in the trial balance and in a fold of the exported stream.
 */
export const replayAgainst = async (
  rows: readonly Row[],
  name: string,
  env: Record<string, string> = {},
): Promise<void> => {
  const product = await startProduct(env);
  try {
    const { id, key } = await createTenant(product);
    const tenant = new Client(product.credentials.base_url, key);
    const result = await replay(tenant, rows, name);
    expect(result.wrong).toEqual([]);
    for (const [account, balance] of result.balances) {
      const read = expectStatus(
        await tenant.getAt<{ balance: number; held: number }>(`/v1/accounts/${account}`, result.revision),
        200,
      );
      expect([account, read.balance, read.held]).toEqual([account, balance, 0]);
    }
    const trial = expectStatus(await tenant.getAt<TrialBalance>('/v1/trial_balance', result.revision), 200);
    expect(trial.data.length).toBeGreaterThan(0);
    for (const row of trial.data) expect(row.debits).toBe(row.credits);
    const folded = foldExport(product, id, env);
    for (const [account, balance] of result.balances)
      expect([account, folded.get(account)]).toEqual([account, balance]);
    process.stdout.write(
      `replay ${name}: ${result.rows} rows on ${result.balances.size} accounts in ${result.requests} requests, ` +
        `${result.wrong.length} wrong, ${result.seconds.toFixed(1)} s\n`,
    );
    tenant.close();
  } finally {
    await product.stop();
  }
};
