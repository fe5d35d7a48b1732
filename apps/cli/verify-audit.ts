import pg from 'pg';
import { verifyTenantChain, type ChainReport } from '#access/audit/verify-chain.js';

/** One chain on one snapshot, as the tenant whose it is may read it. */
const verifyChainOf = async (pool: pg.Pool, tenantId: string): Promise<ChainReport> => {
  const client = await pool.connect();
  try {
    const tenant = pg.escapeLiteral(tenantId);
    await client.query(`BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL daybook.tenant = ${tenant}`);
    return await verifyTenantChain(client, tenantId);
  } finally {
    // With a tenant set it is not for the next one.
    client.release(true);
  }
};

/** What each chain of the audit log comes to. `app`: the role whose rows pass row-level security. */
export async function* auditChains(
  app: pg.ClientConfig,
  tenantIds: readonly string[],
): AsyncGenerator<{ readonly tenantId: string; readonly report: ChainReport }> {
  const pool = new pg.Pool({ ...app, max: 1 });
  try {
    for (const tenantId of tenantIds) yield { tenantId, report: await verifyChainOf(pool, tenantId) };
  } finally {
    await pool.end();
  }
}
