/** Every projection there is, what goes together, and how the runner reads our ledger. */
import { decodeEvent, ledgerStream, LEDGER_STREAM_PREFIX, tenantOfStream } from '#domain/codec.js';
import { timeOfUlid } from '#domain/ids.js';
import type { LedgerEvent } from '#domain/ledger.js';
import type { Decoded, Reading } from '#projecting/feed.js';
import { PROJECTING_MIGRATIONS } from '#projecting/migrations.js';
import type { Projection, ProjectionGroup, Step } from '#projecting/projection.js';
import { CORE_GROUP } from '#projecting/tenant-session.js';
import { accounts } from './accounts/accounts.projection.js';
import { apiKeys } from './api-keys/api-keys.projection.js';
import { bankStatements } from './bank-statements/bank-statements.projection.js';
import { cardTransactions } from './card-transactions/card-transactions.projection.js';
import { cards } from './cards/cards.projection.js';
import { coldIndex } from './cold-index/cold-index.projection.js';
import { customers } from './customers/customers.projection.js';
import { dueHolds } from './due-holds/due-holds.projection.js';
import { entitlements } from './entitlements/entitlements.projection.js';
import { entries } from './entries/entries.projection.js';
import { erasures } from './erasures/erasures.projection.js';
import { events } from './events/events.projection.js';
import { feeRules } from './fee-rules/fee-rules.projection.js';
import { financeSettings } from './finance-settings/finance-settings.projection.js';
import { healthAlerts } from './health-alerts/health-alerts.projection.js';
import { holds } from './holds/holds.projection.js';
import { idempotencyIndex } from './idempotency-index/idempotency-index.projection.js';
import { kycSubmissions } from './kyc-submissions/kyc-submissions.projection.js';
import { limits } from './limits/limits.projection.js';
import { liquidity } from './liquidity/liquidity.projection.js';
import { periods } from './periods/periods.projection.js';
import { reservations } from './reservations/reservations.projection.js';
import { settlements } from './settlements/settlements.projection.js';
import { SNAPSHOT_MIGRATIONS } from './snapshots/snapshots.queries.js';
import { tenants } from './tenants/tenants.projection.js';
import { transactions } from './transactions/transactions.projection.js';
import { users } from './users/users.projection.js';
import { webhookEndpoints } from './webhook-endpoints/webhook-endpoints.projection.js';

type RecordedEvent = Parameters<Reading<LedgerEvent>['decode']>[0];

/**
 * What is committed together, so that an answer has one revision. The two indexes that the writer depends on stand apart:
 * a read model that can't take an event must not stop a tenant from writing.
 */
export const GROUPS: readonly ProjectionGroup<LedgerEvent>[] = [
  {
    name: CORE_GROUP,
    reads: 'events',
    projections: [
      tenants,
      apiKeys,
      users,
      webhookEndpoints,
      feeRules,
      limits,
      entitlements,
      customers,
      kycSubmissions,
      erasures,
      accounts,
      entries,
      holds,
      transactions,
      reservations,
      cards,
      cardTransactions,
      settlements,
      bankStatements,
      liquidity,
      financeSettings,
      periods,
      healthAlerts,
      events,
    ],
  },
  { name: 'cold', reads: 'events', projections: [coldIndex, dueHolds] },
  { name: 'idempotency', reads: 'envelopes', projections: [idempotencyIndex] },
];

export const PROJECTIONS: readonly Projection<LedgerEvent>[] = GROUPS.flatMap(({ projections }) => projections);

/** In the order in which they are to run. */
export const PROJECTION_MIGRATIONS: readonly Step[] = [
  ...PROJECTING_MIGRATIONS,
  ...PROJECTIONS.flatMap(({ migrations }) => migrations),
  // No projection: the engine itself keeps them, over what it folds.
  ...SNAPSHOT_MIGRATIONS,
];

const SEALED = 's1.';

const sealedTexts = (value: unknown, found: string[]): string[] => {
  if (typeof value === 'string') {
    if (value.startsWith(SEALED)) found.push(value);
  } else if (value !== null && typeof value === 'object') {
    for (const member of Object.values(value)) sealedTexts(member, found);
  }
  return found;
};

/** Throws for what this version does not know, and for an event that says it is of another tenant than its stream's. */
export const decodeRecorded = (recorded: RecordedEvent): Decoded<LedgerEvent> => {
  const { stream, revision } = recorded;
  const text = recorded.text;
  const event = decodeEvent(text);
  const tenantId = tenantOfStream(stream);
  if (event.meta.tenant_id !== tenantId) throw new Error(`revision ${revision} of ${stream} is of another tenant`);
  return { event, sealed: text.includes(`"${SEALED}`) ? sealedTexts(event.data, []) : [] };
};

const NOBODY: LedgerEvent['meta'] = {
  tenant_id: '',
  sequence: null,
  actor: '',
  request_id: null,
  api_version: null,
  ip: null,
  idempotency: null,
};

/** Revision, time and meta of an event that may be of a later version, or be no event at all. */
const envelopeOf = (recorded: RecordedEvent): LedgerEvent => {
  const { revision, id } = recorded;
  let meta = NOBODY;
  try {
    const envelope = JSON.parse(recorded.text) as { meta?: LedgerEvent['meta'] };
    meta = { ...NOBODY, ...envelope.meta };
  } catch {
    // Bytes that no writer of ours made: they hold no outcome.
  }
  return { revision, id, at: timeOfUlid(id), meta } as LedgerEvent;
};

/** How the runner reads the ledger; `opener` is the vault's. */
export const ledgerReading = (opener: Reading<LedgerEvent>['opener']): Reading<LedgerEvent> => ({
  streamPrefix: LEDGER_STREAM_PREFIX,
  tenantOf: tenantOfStream,
  streamOf: (tenantId) => ledgerStream(tenantId),
  decode: decodeRecorded,
  envelopeOf,
  opener,
});
