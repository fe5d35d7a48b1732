import { renderTransaction, type TransactionResource } from '#contract/resources/transaction.js';
import type { LedgerEvent } from '#domain/ledger.js';
import { insertInto, updateBy, type RowOf } from '#projecting/columns.js';
import { sqlBeside } from '#projecting/migrations.js';
import type { Batch, Open, Projection } from '#projecting/projection.js';
import { metadataDigest } from './metadata-digest.js';

const TRANSACTION = {
  tenant_id: 'text',
  transaction_id: 'text',
  revision: 'bigint',
  amount: 'bigint',
  type: 'text',
  status: 'text',
  currency: 'text',
  channel: 'text',
  reference: 'text',
  resource: 'text',
} as const;
const CHANGE = { tenant_id: 'text', transaction_id: 'text', status: 'text', resource: 'text' } as const;
const PARTY = { tenant_id: 'text', account_id: 'text', revision: 'bigint', transaction_id: 'text' } as const;
const METADATA = { tenant_id: 'text', digest: 'bytea', transaction_id: 'text' } as const;

const insertTransactions = insertInto('transactions', TRANSACTION);
const changeTransactions = updateBy('transactions', CHANGE, ['tenant_id', 'transaction_id']);
const insertParties = insertInto('transaction_parties', PARTY);
const insertMetadata = insertInto('transaction_metadata', METADATA);

/** The transaction that an event records, as a resource; null where it records none. */
const recordedBy = (event: LedgerEvent, open: Open): TransactionResource | null => {
  const { data } = event;
  if (!('transaction' in data)) return null;
  const recorded = { eventId: event.id, revision: event.revision, at: event.at };
  return renderTransaction(data.transaction, 'entries' in data ? data.entries : [], recorded, open);
};

/** The transaction of before that an event changes. */
const changedBy = (event: LedgerEvent, open: Open): TransactionResource | null => {
  if (event.type !== 'TransactionReversed') return null;
  const { original, original_entries, original_event_id, original_revision } = event.data;
  const recorded = { eventId: original_event_id, revision: original_revision, at: event.at };
  return renderTransaction(original, original_entries, recorded, open);
};

const transactionRow = (tenantId: string, resource: TransactionResource): RowOf<typeof TRANSACTION> => ({
  tenant_id: tenantId,
  transaction_id: resource.id,
  revision: resource.revision,
  amount: resource.amount,
  type: resource.type,
  status: resource.status,
  currency: resource.currency,
  channel: resource.channel,
  reference: resource.reference,
  resource: JSON.stringify(resource),
});

const partyRows = (tenantId: string, resource: TransactionResource): RowOf<typeof PARTY>[] => {
  const { id: transaction_id, revision, entries } = resource;
  const accounts = new Set([resource.source, resource.destination].filter((id) => id !== null));
  for (const { account_id } of entries) accounts.delete(account_id);
  return [...accounts].map((account_id) => ({ tenant_id: tenantId, account_id, revision, transaction_id }));
};

const metadataRows = (tenantId: string, { id, metadata }: TransactionResource): RowOf<typeof METADATA>[] =>
  Object.entries(metadata).flatMap(([key, value]) =>
    value === null ? [] : [{ tenant_id: tenantId, digest: metadataDigest(key, value), transaction_id: id }],
  );

const statements = ({ events, open }: Batch<LedgerEvent>): ReturnType<Projection<LedgerEvent>['statements']> => {
  const recorded = new Map<string, RowOf<typeof TRANSACTION>>();
  const changed = new Map<string, RowOf<typeof CHANGE>>();
  const parties: RowOf<typeof PARTY>[] = [];
  const metadata: RowOf<typeof METADATA>[] = [];
  for (const { tenantId, event } of events) {
    const resource = recordedBy(event, open(tenantId));
    if (resource === null) continue;
    recorded.set(`${tenantId} ${resource.id}`, transactionRow(tenantId, resource));
    parties.push(...partyRows(tenantId, resource));
    metadata.push(...metadataRows(tenantId, resource));
    const original = changedBy(event, open(tenantId));
    if (original === null) continue;
    const key = `${tenantId} ${original.id}`;
    // Recorded in this same batch, it is inserted as it stands at its end.
    if (recorded.has(key)) recorded.set(key, transactionRow(tenantId, original));
    else changed.set(key, transactionRow(tenantId, original));
  }
  return [
    ...insertTransactions([...recorded.values()]),
    ...changeTransactions([...changed.values()]),
    ...insertParties(parties),
    ...insertMetadata(metadata),
  ];
};

export const transactions: Projection<LedgerEvent> = {
  name: 'transactions',
  version: 2,
  tables: ['transactions', 'transaction_parties', 'transaction_metadata'],
  migrations: [{ name: 'transactions', sql: sqlBeside(import.meta.url, './transactions.sql') }],
  statements,
};
