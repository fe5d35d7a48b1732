import type pg from 'pg';

/**
 * Of these tenants those whose contact was not written to about a version, and now is by whoever asked: nobody else gets them
 * again, also where the letter is then lost. The pool's role is `daybook_engine`.
 */
export const claimVersionLetters = async (
  pool: Pick<pg.Pool, 'query'>,
  version: string,
  tenantIds: readonly string[],
): Promise<readonly string[]> => {
  const { rows } = await pool.query<{ tenant_id: string }>({
    name: 'version-letters.claim',
    text: `INSERT INTO daybook.version_letters (tenant_id, api_version) SELECT t, $1 FROM unnest($2::text[]) AS t
      ON CONFLICT DO NOTHING RETURNING tenant_id`,
    values: [version, tenantIds],
  });
  return rows.map(({ tenant_id }) => tenant_id);
};
