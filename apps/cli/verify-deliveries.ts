import pg from 'pg';
import type { Finding } from './verify-against.js';

/** Rows that are told of by each question. */
const TOLD = 10;

interface Row {
  readonly tenant_id: string;
  readonly what: string;
}

/** Deliveries are in no stream, so nothing says which there must be: only what can't be is found. */
const QUESTIONS: readonly { readonly table: string; readonly sql: string }[] = [
  {
    table: 'deliveries',
    sql: `SELECT tenant_id, 'event ' || event_id || ' is to be delivered ' || count(*) || ' times to endpoint ' || endpoint_id
        || ' for the same cause, ' || cause || ': ' || string_agg(delivery_id, ', ' ORDER BY delivery_id) AS what
      FROM daybook.deliveries GROUP BY tenant_id, endpoint_id, event_id, cause HAVING count(*) > 1`,
  },
  {
    table: 'deliveries',
    sql: `SELECT d.tenant_id, d.delivery_id || ' is for ' || d.cause || ', which is no replay to endpoint ' || d.endpoint_id AS what
      FROM daybook.deliveries d WHERE d.cause <> 'live' AND NOT EXISTS (SELECT FROM daybook.webhook_replays r
        WHERE r.tenant_id = d.tenant_id AND r.replay_id = d.cause AND r.endpoint_id = d.endpoint_id)`,
  },
  {
    table: 'deliveries',
    sql: `SELECT r.tenant_id, r.replay_id || ' queued ' || r.queued || ' events, there are ' || d.count || ' deliveries of it' AS what
      FROM daybook.webhook_replays r JOIN (SELECT tenant_id, cause, count(*) FROM daybook.deliveries WHERE cause <> 'live'
        GROUP BY tenant_id, cause) d ON d.tenant_id = r.tenant_id AND d.cause = r.replay_id WHERE d.count > r.queued`,
  },
  {
    // What the read models do not have yet is not judged.
    table: 'deliveries',
    sql: `SELECT d.tenant_id, d.delivery_id || ' is of ' || d.event_id || ', which is not the event of sequence ' || d.sequence
        || ' at revision ' || d.revision AS what
      FROM daybook.deliveries d JOIN daybook.tenant_progress p ON p.tenant_id = d.tenant_id AND p.projection_group = 'core'
        AND p.revision >= d.revision
      WHERE NOT EXISTS (SELECT FROM daybook.events e WHERE e.tenant_id = d.tenant_id AND e.event_id = d.event_id
        AND e.sequence = d.sequence AND e.revision = d.revision)`,
  },
  {
    table: 'delivery_attempts',
    sql: `SELECT d.tenant_id, d.delivery_id || ' was attempted ' || d.attempts || ' times, attempts of it are kept of the numbers '
        || coalesce(string_agg(a.attempt::text, ', ' ORDER BY a.attempt), 'none') AS what
      FROM daybook.deliveries d LEFT JOIN daybook.delivery_attempts a
        ON a.tenant_id = d.tenant_id AND a.delivery_id = d.delivery_id AND a.endpoint_id = d.endpoint_id
      GROUP BY d.tenant_id, d.delivery_id, d.attempts
      HAVING count(a.attempt) <> d.attempts OR count(DISTINCT a.attempt) <> d.attempts OR max(a.attempt) <> d.attempts`,
  },
];

/** What can't be of the deliveries of an installation, at most 10 of a kind. Each question is answered as of one moment. */
export const checkDeliveries = async (projector: pg.ClientConfig): Promise<Finding[]> => {
  const client = new pg.Client(projector);
  await client.connect();
  try {
    const findings: Finding[] = [];
    for (const { table, sql } of QUESTIONS) {
      const { rows } = await client.query<Row>(`${sql} ORDER BY tenant_id, what LIMIT ${TOLD}`);
      findings.push(...rows.map(({ tenant_id, what }) => ({ tenant_id, revision: null, table, message: what })));
    }
    return findings;
  } finally {
    await client.end();
  }
};
