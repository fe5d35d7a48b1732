/** What of each read model's row is personal: where it stands, and how the row looks without it. */
import type { LedgerFact } from '#domain/ledger.js';
import type { Resource } from '../reads.js';

type Blank = (resource: Resource) => Resource;

interface PersonalRows {
  readonly table: string;
  readonly id: string;
  /** Of an event, what is rendered into a row of this table, and the row's id. */
  readonly facts: (data: LedgerFact['data']) => readonly (readonly [id: string, facts: unknown])[];
  /** The row as the renderer makes it once nothing of it opens any more. */
  readonly blank: Blank;
  /** What else holds a text of the row: SQL with the tenant's id as $1 and the row's as $2. */
  readonly also?: string;
}

/** Keys stay, as they do in a rendering: they are the client's words for things, not for people. */
const nulls = (map: unknown): Readonly<Record<string, null>> =>
  Object.fromEntries(Object.keys(map as object).map((key) => [key, null]));

/** Some fields become null; `metadata`, where there is one, keeps its keys. */
const without =
  (...fields: readonly string[]): Blank =>
  (resource) => ({
    ...resource,
    ...Object.fromEntries(fields.map((field) => [field, null])),
    ...('metadata' in resource ? { metadata: nulls(resource.metadata) } : {}),
  });

const list = (value: unknown): readonly Resource[] => value as readonly Resource[];

const blankAccount: Blank = (account) => ({
  ...without('account_name')(account),
  blocks: list(account.blocks).map(without('reason')),
  closure: account.closure === null ? null : without('reason')(account.closure as Resource),
});

const blankDetails: Blank = (details) => ({
  ...without('registered_name', 'registration_number', 'address')(details),
  directors: list(details.directors).map(without('full_name')),
});

const blankSubmission: Blank = (submission) => ({
  ...without('full_name', 'email', 'phone', 'rejection_reason')(submission),
  documents: list(submission.documents).map(without('number', 'file_name')),
  business_details: submission.business_details === null ? null : blankDetails(submission.business_details as Resource),
});

/** Only the partner is erased of a tenant. */
const blankPartner: Blank = (tenant) => ({
  ...tenant,
  partner: without('name', 'email')(tenant.partner as Resource),
});

export const PERSONAL_ROWS: readonly PersonalRows[] = [
  {
    table: 'accounts',
    id: 'account_id',
    facts: (data) => ('account' in data ? [[data.account.account_id, data.account]] : []),
    blank: blankAccount,
  },
  {
    table: 'transactions',
    id: 'transaction_id',
    facts: (data) => [
      ...('transaction' in data && data.transaction !== undefined
        ? [[data.transaction.transaction_id, data.transaction] as const]
        : []),
      ...('original' in data ? [[data.original.transaction_id, data.original] as const] : []),
    ],
    blank: without('narration'),
    also: 'DELETE FROM daybook.transaction_metadata WHERE tenant_id = $1 AND transaction_id = $2',
  },
  {
    table: 'reservations',
    id: 'reservation_id',
    facts: (data) => ('reservation' in data ? [[data.reservation.reservation_id, data.reservation]] : []),
    blank: without(),
  },
  {
    table: 'cards',
    id: 'card_id',
    facts: (data) => ('card' in data ? [[data.card.card_id, data.card]] : []),
    blank: without('holder_name'),
  },
  {
    table: 'card_transactions',
    id: 'card_transaction_id',
    facts: (data) => {
      const purchase =
        'card_transaction' in data ? data.card_transaction : 'purchase' in data ? data.purchase : undefined;
      return purchase === undefined ? [] : [[purchase.card_transaction_id, purchase]];
    },
    blank: without(),
  },
  {
    table: 'customers',
    id: 'customer_id',
    facts: (data) => ('customer' in data ? [[data.customer.customer_id, data.customer]] : []),
    blank: without('name', 'email', 'phone'),
    also: 'UPDATE daybook.customers SET email_digest = NULL WHERE tenant_id = $1 AND customer_id = $2',
  },
  {
    table: 'kyc_submissions',
    id: 'kyc_submission_id',
    facts: (data) => ('kyc_submission' in data ? [[data.kyc_submission.kyc_submission_id, data.kyc_submission]] : []),
    blank: blankSubmission,
    also: `UPDATE daybook.kyc_submissions SET searched = '' WHERE tenant_id = $1 AND kyc_submission_id = $2`,
  },
  {
    table: 'users',
    id: 'user_id',
    facts: (data) => ('user' in data ? [[data.user.user_id, data.user]] : []),
    blank: without('email', 'full_name'),
  },
  {
    table: 'tenants',
    id: 'tenant_id',
    facts: (data) => ('tenant' in data ? [[data.tenant.tenant_id, data.tenant]] : []),
    blank: blankPartner,
    also: `UPDATE daybook.tenants SET searched = lower(coalesce(resource::json ->> 'name', ''))
      WHERE tenant_id = $1 AND tenant_id = $2`,
  },
];
