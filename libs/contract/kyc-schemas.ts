/** Schemas of KYC submissions: a part of `resource-schemas.ts`. */
import { KYC_DOCUMENTS, KYC_STATUSES } from '#domain/kyc/kyc.js';
import { complete, id, is, list, metadata, nullable, oneOf, text, time, whole, type Schema } from './schema-words.js';

const tier = oneOf('tier1', 'tier2', 'tier3');
const country = nullable({ type: 'string', pattern: '^[A-Z]{2}$' });
const counts = Object.fromEntries(KYC_STATUSES.map((status) => [status, { ...whole, minimum: 0 }]));

const SUBMISSION = {
  object: is('kyc_submission'),
  id: id('kyc_submission'),
  profile_id: { ...id('kyc_submission'), description: 'The same as `id`.' },
  tenant_id: id('tenant'),
  customer_id: id('customer'),
  kind: oneOf('person', 'business'),
  full_name: { ...nullable(text), description: 'As the customer was called when it was submitted.' },
  email: nullable(text),
  phone: nullable(text),
  status: oneOf(...KYC_STATUSES),
  tier: { ...tier, description: 'What is asked for.' },
  approved_tier: { ...nullable(tier), enum: ['tier1', 'tier2', 'tier3', null] },
  documents: list(
    complete({
      type: oneOf(...Object.values(KYC_DOCUMENTS).flat()),
      number: nullable(text),
      issuing_country: country,
      expires_on: nullable({ type: 'string', format: 'date' }),
      file_name: nullable(text),
      file_sha256: nullable(text),
    }),
  ),
  business_details: {
    ...complete({
      registered_name: nullable(text),
      registration_number: nullable(text),
      address: nullable(text),
      country,
      directors: list(complete({ full_name: nullable(text) })),
    }),
    type: ['object', 'null'],
    description: 'Of a business; null until it is told.',
  },
  rejection_reason: nullable(text),
  metadata,
  attempts: { ...whole, minimum: 1, description: 'How often it was submitted.' },
  submitted_at: time,
  review_started_at: nullable(time),
  decided_at: nullable(time),
  created_at: time,
  updated_at: time,
};

const profiles = (of: string): Schema =>
  complete({
    [of]: list(complete({ ...SUBMISSION, tenant_name: nullable(text) })),
    pagination: complete({
      limit: whole,
      offset: whole,
      total_count: whole,
      cursor: nullable(text),
    }),
  });

export const KYC_SCHEMAS: Readonly<Record<string, Schema>> = {
  kyc_submission: complete(SUBMISSION),
  kyc_customers: profiles('customers'),
  kyc_businesses: profiles('businesses'),
  kyc_summary: complete({
    object: is('kyc_summary'),
    tenant_id: id('tenant'),
    counts: complete(counts),
    rejection_rate: {
      type: ['number', 'null'],
      description:
        'Percent, with two decimals: what was rejected of all that was decided in the last seven days. Null: nothing was.',
    },
    updated_at: { ...nullable(time), description: 'When a submission last changed; null: there is none.' },
  }),
};
