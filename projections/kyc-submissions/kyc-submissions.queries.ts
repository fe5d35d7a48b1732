import { expressionBuilder, sql, type Expression, type SqlBool } from 'kysely';
import type pg from 'pg';
import type { KycSubmissionResource } from '#contract/resources/kyc-submission.js';
import { formatInstant, type Instant } from '#domain/time.js';
import { KYC_STATUSES, type KycStatus } from '#domain/kyc/kyc.js';
import { pageOf, scanOf, type Page, type PageQuery } from '#projecting/listing.js';
import { queriesOf, rowsOf, scanned } from '#projecting/queries.js';
import type { TenantSession } from '#projecting/tenant-session.js';

export interface KycSubmissionsQuery extends PageQuery {
  readonly status?: string;
  readonly kind?: string;
  readonly customerId?: string;
  readonly tenantId?: string;
  /** When it was submitted last, both ends included. */
  readonly submittedFrom?: Instant;
  readonly submittedTo?: Instant;
  /** A part of the name, e-mail or phone, in any case. */
  readonly containing?: string;
}

/** `GET …/kyc/summary`. */
export interface KycSummary {
  readonly object: 'kyc_summary';
  readonly tenant_id: string;
  readonly counts: Readonly<Record<KycStatus, number>>;
  readonly rejection_rate: number | null;
  readonly updated_at: string | null;
}

interface SubmissionRow {
  readonly kyc_submission_id: string;
  readonly resource: string;
}

interface Tables {
  readonly kyc_submissions: SubmissionRow & {
    tenant_id: string;
    customer_id: string;
    kind: string;
    status: string;
    submitted_at: Date;
    searched: string;
  };
}

const RATE_OVER_MS = 7 * 86_400_000;

const tables = queriesOf<Tables>();

const resourceOf = ({ resource }: SubmissionRow): KycSubmissionResource =>
  JSON.parse(resource) as KycSubmissionResource;

const asked = (query: Omit<KycSubmissionsQuery, keyof PageQuery>): Expression<SqlBool> => {
  const { status, kind, customerId, tenantId, submittedFrom, submittedTo, containing } = query;
  const { and, eb } = expressionBuilder<Tables, 'kyc_submissions'>();
  return and([
    and({ status, kind, customer_id: customerId, tenant_id: tenantId }),
    ...(submittedFrom === undefined ? [] : [eb('submitted_at', '>=', new Date(submittedFrom))]),
    ...(submittedTo === undefined ? [] : [eb('submitted_at', '<=', new Date(submittedTo))]),
    ...(containing === undefined ? [] : [sql<boolean>`strpos(searched, ${containing.toLowerCase()}) > 0`]),
  ]);
};

const listed = async (
  session: Pick<TenantSession, 'rows'>,
  query: KycSubmissionsQuery,
): Promise<Page<KycSubmissionResource>> => {
  const list = tables.selectFrom('kyc_submissions').select(['kyc_submission_id', 'resource']).where(asked(query));
  const rows = await rowsOf(session, scanned(list, 'kyc_submission_id', scanOf(query)));
  return pageOf(query, rows, (row) => row.kyc_submission_id, resourceOf);
};

const counted = async (
  session: Pick<TenantSession, 'rows'>,
  query: Omit<KycSubmissionsQuery, keyof PageQuery>,
): Promise<number> => {
  const count = tables.selectFrom('kyc_submissions').select(({ fn }) => fn.countAll<string>().as('count'));
  const [row] = await rowsOf(session, count.where(asked(query)));
  return Number(row?.count ?? 0);
};

/** Null where the tenant has no such submission. */
export const getKycSubmission = async (
  session: TenantSession,
  submissionId: string,
): Promise<KycSubmissionResource | null> => {
  const [row] = await session.rows<SubmissionRow>(
    'SELECT kyc_submission_id, resource FROM kyc_submissions WHERE tenant_id = $1 AND kyc_submission_id = $2',
    [session.tenantId, submissionId],
    'kyc_submissions.get',
  );
  return row === undefined ? null : resourceOf(row);
};

/** Positions are submission ids. */
export const listKycSubmissions = (
  session: TenantSession,
  query: Omit<KycSubmissionsQuery, 'tenantId'>,
): Promise<Page<KycSubmissionResource>> => listed(session, { ...query, tenantId: session.tenantId });

export const countKycSubmissions = (
  session: TenantSession,
  query: Omit<KycSubmissionsQuery, keyof PageQuery | 'tenantId'>,
): Promise<number> => counted(session, { ...query, tenantId: session.tenantId });

/** No session: operators look across tenants, as a role that may. */
const acrossTenants = (pool: pg.Pool): Pick<TenantSession, 'rows'> => ({
  rows: async <R extends pg.QueryResultRow>(text: string, values: readonly unknown[] = []) =>
    (await pool.query<R>(text, [...values])).rows,
});

/** Submissions of all tenants: for operators, over a pool of the role `engine`. Positions are submission ids. */
export const listKycProfiles = (pool: pg.Pool, query: KycSubmissionsQuery): Promise<Page<KycSubmissionResource>> =>
  listed(acrossTenants(pool), query);

export const countKycProfiles = (pool: pg.Pool, query: Omit<KycSubmissionsQuery, keyof PageQuery>): Promise<number> =>
  counted(acrossTenants(pool), query);

/** `at`: business time. Over the seven days before it, what was rejected of what was decided (DECISIONS 35). */
export const kycSummary = async (session: TenantSession, at: Instant): Promise<KycSummary> => {
  const byStatus = await session.rows<{ status: KycStatus; count: string; updated_at: Date }>(
    `SELECT status, count(*) AS count, max(updated_at) AS updated_at FROM kyc_submissions
     WHERE tenant_id = $1 GROUP BY status`,
    [session.tenantId],
    'kyc_submissions.summary',
  );
  const [rate] = await session.rows<{ decided: string; rejected: string }>(
    `SELECT count(*) AS decided, count(*) FILTER (WHERE NOT approved) AS rejected FROM kyc_decisions
     WHERE tenant_id = $1 AND decided_at > $2 AND decided_at <= $3`,
    [session.tenantId, new Date(at - RATE_OVER_MS), new Date(at)],
    'kyc_decisions.rate',
  );
  const counts = new Map(byStatus.map(({ status, count }) => [status, Number(count)]));
  const [decided, rejected] = [Number(rate?.decided ?? 0), Number(rate?.rejected ?? 0)];
  const last = Math.max(...byStatus.map(({ updated_at }) => updated_at.getTime()));
  return {
    object: 'kyc_summary',
    tenant_id: session.tenantId,
    counts: Object.fromEntries(KYC_STATUSES.map((status) => [status, counts.get(status) ?? 0])) as KycSummary['counts'],
    rejection_rate: decided === 0 ? null : Math.round((rejected * 10_000) / decided) / 100,
    updated_at: byStatus.length === 0 ? null : formatInstant(last),
  };
};
