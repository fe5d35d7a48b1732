/** The operations of audit: the log of who did what, and the raw stream of events. Rows of `operations.ts`. */
import { admin, T, tenant, type Operation } from './operation-terms.js';
import { AUDIT_FILTERS, AUDIT_PAGING, STREAM_PART } from './query-parameters.js';

export const NDJSON = 'application/x-ndjson';

const LOG =
  'Newest first: writes as the events tell them, and beside them what was refused or failed, who signed in, and whatever ' +
  'operators of the platform did or read. Entries of `chain: ledger` are events, and as safe as these; `sequence` is their ' +
  'revision. The others are gathered for at most 100 ms and then form a chain of their own: `hash` is SHA-256 over the hash ' +
  'before it and the stored entry, `sequence` has no gap. A crash loses what was gathered in its last 100 ms, never a write. ' +
  'A refusal (401, 429) that its caller repeats within that time is one entry with a `count`. A page looks ' +
  'through 5,120 events at most: with filters it may hold fewer entries than `limit`, or none, and still have a next one. Go on ' +
  'with `next_cursor` until `has_more` is false; `from`, `to` and `request_id` leave less to look through. With ' +
  '`Accept: application/x-ndjson` all of it is streamed, one entry a line, oldest first unless `order` says otherwise.';

const STREAM =
  'The stored events as they are, one a line, each with its `hash`, to the byte as in an export (`docs/export-format.md`). ' +
  'Begins after `after_revision` and ends where the stream stood when it was asked for, or after `limit` events: go on after ' +
  'the last revision that came. An answer that breaks off ends in the middle of a line or of the count; what came whole holds.';

export const AUDIT_OPERATIONS = {
  listAuditLog: tenant('Audit', 'audit:read', ['GET /v1/audit_log', 'list:audit_entry', 'Who did what'], {
    query: { ...AUDIT_PAGING, ...AUDIT_FILTERS },
    formats: ['application/json', NDJSON],
    description: LOG,
  }),
  streamLedgerEvents: tenant(
    'Audit',
    'ledger:audit',
    ['GET /v1/ledger/events', 'ledger_event', 'The raw stream of events with its hashes'],
    { query: STREAM_PART, formats: [NDJSON], description: STREAM },
  ),
  listTenantAuditLog: admin(
    'Audit (admin)',
    'view_tenants',
    [`GET ${T}/audit_log`, 'list:audit_entry', 'Who did what at a tenant'],
    {
      query: { ...AUDIT_PAGING, ...AUDIT_FILTERS },
      formats: ['application/json', NDJSON],
      description: `Reading it stands in it. ${LOG}`,
    },
  ),
  streamTenantEvents: admin(
    'Audit (admin)',
    'view_tenants',
    [`GET ${T}/events`, 'ledger_event', 'Replay a tenant’s raw stream of events'],
    { query: STREAM_PART, formats: [NDJSON], description: STREAM },
  ),
  listPlatformAuditLog: admin(
    'Audit (admin)',
    'view_tenants',
    ['GET /api/v1/admin/audit_log', 'list:audit_entry', 'What operators did that belongs to no tenant'],
    { query: { ...AUDIT_PAGING, ...AUDIT_FILTERS }, formats: ['application/json', NDJSON] },
  ),
} as const satisfies Record<string, Operation>;
