import { renderKycSubmission, type KycSubmissionResource } from '#contract/resources/kyc-submission.js';
import type { LedgerEvent } from '#domain/ledger.js';
import { insertInto, type RowOf } from '#projecting/columns.js';
import { sqlBeside } from '#projecting/migrations.js';
import type { Batch, Projection } from '#projecting/projection.js';
import { lastBy } from '#projecting/rows.js';

const SUBMISSION = {
  tenant_id: 'text',
  kyc_submission_id: 'text',
  customer_id: 'text',
  kind: 'text',
  status: 'text',
  submitted_at: 'timestamptz',
  updated_at: 'timestamptz',
  searched: 'text',
  resource: 'text',
} as const;

const DECISION = { tenant_id: 'text', revision: 'bigint', decided_at: 'timestamptz', approved: 'boolean' } as const;

const setSubmissions = insertInto(
  'kyc_submissions',
  SUBMISSION,
  `ON CONFLICT (tenant_id, kyc_submission_id) DO UPDATE SET status = EXCLUDED.status,
     submitted_at = EXCLUDED.submitted_at, updated_at = EXCLUDED.updated_at, searched = EXCLUDED.searched,
     resource = EXCLUDED.resource`,
);
const insertDecisions = insertInto('kyc_decisions', DECISION);

const searchedIn = ({ full_name, email, phone }: KycSubmissionResource): string =>
  [full_name, email, phone]
    .filter((text) => text !== null)
    .join('\n')
    .toLowerCase();

const statements = ({ events, open }: Batch<LedgerEvent>): ReturnType<Projection<LedgerEvent>['statements']> => {
  const rows: RowOf<typeof SUBMISSION>[] = [];
  const decisions: RowOf<typeof DECISION>[] = [];
  for (const { tenantId, event } of events) {
    if (!('kyc_submission' in event.data)) continue;
    const told = renderKycSubmission(event.data.kyc_submission, { tenantId, updatedAt: event.at }, open(tenantId));
    rows.push({
      tenant_id: tenantId,
      kyc_submission_id: told.id,
      customer_id: told.customer_id,
      kind: told.kind,
      status: told.status,
      submitted_at: Date.parse(told.submitted_at),
      updated_at: event.at,
      searched: searchedIn(told),
      resource: JSON.stringify(told),
    });
    if (event.type !== 'KycApproved' && event.type !== 'KycRejected') continue;
    const approved = event.type === 'KycApproved';
    decisions.push({ tenant_id: tenantId, revision: event.revision, decided_at: event.at, approved });
  }
  return [
    ...setSubmissions(lastBy(rows, (row) => `${row.tenant_id} ${row.kyc_submission_id}`)),
    ...insertDecisions(decisions),
  ];
};

export const kycSubmissions: Projection<LedgerEvent> = {
  name: 'kyc-submissions',
  version: 1,
  tables: ['kyc_submissions', 'kyc_decisions'],
  migrations: [{ name: 'kyc-submissions', sql: sqlBeside(import.meta.url, './kyc-submissions.sql') }],
  statements,
};
