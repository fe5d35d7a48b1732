import type pg from 'pg';

export interface KeyedOutcome {
  /** Hex. */
  readonly request: string;
  readonly revision: number;
  readonly events: number;
  readonly operation: string;
}

interface OutcomeRow {
  readonly stands_at: string;
  readonly key: string | null;
  readonly part: number;
  readonly request: string;
  readonly revision: string;
  readonly events: number;
  readonly operation: string;
}

// One statement, so one snapshot: the outcomes and how far they are complete. Always a row, for the revision.
const LOOK_UP = `
  SELECT COALESCE(p.revision, -1) AS stands_at, encode(i.key, 'hex') AS key, i.part, encode(i.request, 'hex') AS request,
         i.revision, i.events, i.operation
  FROM (VALUES (1)) AS always
  LEFT JOIN tenant_progress p ON p.tenant_id = $1 AND p.projection_group = 'idempotency'
  LEFT JOIN (
    SELECT DISTINCT * FROM unnest($2::text[], $3::int[]) AS w (key, part)
  ) wanted ON true
  LEFT JOIN idempotency_index i ON i.tenant_id = $1 AND i.key = decode(wanted.key, 'hex') AND i.part = wanted.part`;

/** The engine's index of outcomes, over the table that the projection keeps. The pool's role reads all tenants' rows. */
export class PostgresIdempotencyIndex {
  constructor(private readonly pool: pg.Pool) {}

  /** Keys are hex, with `#<i>` for a part. What it finds is complete up to `revision`, −1 where nothing was projected. */
  async lookUp(
    tenantId: string,
    keys: readonly string[],
  ): Promise<{ readonly revision: number; readonly found: ReadonlyMap<string, KeyedOutcome> }> {
    const wanted = keys.map((key) => key.split('#', 2) as [string, string?]);
    const { rows } = await this.pool.query<OutcomeRow>({
      name: 'idempotency_index.look_up',
      text: LOOK_UP,
      values: [
        tenantId,
        wanted.map(([key]) => key),
        wanted.map(([, part]) => (part === undefined ? -1 : Number(part))),
      ],
    });
    const found = new Map<string, KeyedOutcome>();
    for (const { key, part, request, revision, events, operation } of rows) {
      if (key === null) continue;
      found.set(part === -1 ? key : `${key}#${part}`, { request, revision: Number(revision), events, operation });
    }
    return { revision: Number(rows[0]?.stands_at ?? -1), found };
  }
}
