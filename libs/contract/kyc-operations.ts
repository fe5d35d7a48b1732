/** The operations on KYC submissions: rows of `operations.ts`. */
import { admin, created, T, tenant, type Operation } from './operation-terms.js';
import { ADMIN_PAGING, KYC_FILTERS, KYC_PROFILE_FILTERS, PAGING } from './query-parameters.js';

const SUBMISSION = `${T}/kyc/submissions/{kyc_submission_id}`;

export const KYC_OPERATIONS = {
  submitKyc: tenant('KYC', 'kyc:write', ['POST /v1/kyc/submissions', 'kyc_submission', 'Submit a customer’s KYC'], {
    ...created('SubmitKycBody'),
    description:
      'Makes the customer’s one KYC profile. What the documents are is told here; their files are kept elsewhere. The ' +
      'platform decides it: `kyc.approved` gives the customer its tier, `kyc.rejected` says why not.',
  }),
  listKycSubmissions: tenant(
    'KYC',
    'kyc:read',
    ['GET /v1/kyc/submissions', 'list:kyc_submission', 'List KYC submissions'],
    { query: { ...PAGING, ...KYC_FILTERS } },
  ),
  getKycSubmission: tenant('KYC', 'kyc:read', [
    'GET /v1/kyc/submissions/{kyc_submission_id}',
    'kyc_submission',
    'Get a KYC submission',
  ]),
  resubmitKyc: tenant(
    'KYC',
    'kyc:write',
    ['POST /v1/kyc/submissions/{kyc_submission_id}/resubmit', 'kyc_submission', 'Submit the same profile again'],
    {
      body: 'ResubmitKycBody',
      bodyOptional: true,
      description:
        'After a rejection or expiry, to complete what is missing, or for another tier. What is given replaces what was ' +
        'there; the customer keeps its tier until this is decided.',
    },
  ),

  getKycSummary: admin('KYC (admin)', 'view_tenants', [
    `GET ${T}/kyc/summary`,
    'kyc_summary',
    'How many submissions stand where',
  ]),
  listTenantKycSubmissions: admin(
    'KYC (admin)',
    'view_tenants',
    [`GET ${T}/kyc/submissions`, 'page:kyc_submission', 'List a tenant’s KYC submissions'],
    { query: { ...ADMIN_PAGING, ...KYC_FILTERS } },
  ),
  getTenantKycSubmission: admin('KYC (admin)', 'view_tenants', [
    `GET ${SUBMISSION}`,
    'kyc_submission',
    'Get a KYC submission of a tenant',
  ]),
  reviewKyc: admin(
    'KYC (admin)',
    'manage_tenant_kyc',
    [`POST ${SUBMISSION}/review`, 'kyc_submission', 'Say that it is being looked at'],
    { body: 'NoBody', bodyOptional: true },
  ),
  approveKyc: admin(
    'KYC (admin)',
    'manage_tenant_kyc',
    [`POST ${SUBMISSION}/approve`, 'kyc_submission', 'Approve it, and give the customer its tier'],
    {
      body: 'ApproveKycBody',
      bodyOptional: true,
      description:
        'The customer’s next posting is judged by the limits of that tier. A business is approved only once its details ' +
        'and directors are told.',
    },
  ),
  rejectKyc: admin(
    'KYC (admin)',
    'manage_tenant_kyc',
    [`POST ${SUBMISSION}/reject`, 'kyc_submission', 'Reject it, and say why'],
    { body: 'RejectKycBody' },
  ),
  expireKyc: admin(
    'KYC (admin)',
    'manage_tenant_kyc',
    [`POST ${SUBMISSION}/expire`, 'kyc_submission', 'Say that its documents have lapsed'],
    {
      body: 'NoBody',
      bodyOptional: true,
      description: 'The customer is of `tier1` again, unless somebody gave it another tier since the approval.',
    },
  ),
  listKycCustomers: admin(
    'KYC (admin)',
    'view_tenants',
    ['GET /api/v1/admin/kyc/customers', 'kyc_customers', 'Submissions of persons, of all tenants'],
    { query: { ...ADMIN_PAGING, ...KYC_PROFILE_FILTERS } },
  ),
  listKycBusinesses: admin(
    'KYC (admin)',
    'view_tenants',
    ['GET /api/v1/admin/kyc/businesses', 'kyc_businesses', 'Submissions of businesses, of all tenants'],
    { query: { ...ADMIN_PAGING, ...KYC_PROFILE_FILTERS } },
  ),
} as const satisfies Record<string, Operation>;
