/** What there is to know of each public type: when it comes, and the JSON Schema of its events in each version. */
import { PUBLIC_EVENT_TYPES, type PublicEventType } from './public-events.js';
import { complete, is, list, ref, type Schema } from './schema-words.js';
import { reachable } from './versions/tags.js';

/** When an event of the type comes. */
export const EVENT_TYPES: { readonly [T in PublicEventType]: string } = {
  'tenant.created': 'The tenant was made. The first event of all.',
  'tenant.updated': 'The tenant’s name, settings or partner changed.',
  'tenant.suspended': 'The tenant was suspended: it reads, and moves nothing.',
  'tenant.reactivated': 'The tenant was made active again.',
  'tenant.deactivated': 'The tenant was made inactive.',
  'api_version.released': 'A version of the API shipped. Your calls stay in the version that they are in.',
  'webhook_endpoint.disabled':
    'A webhook endpoint gets nothing any more: it was disabled, or did not answer ten times.',
  'account.created': 'An account was opened.',
  'account.updated': 'An account’s name, tier, overdraft limit or metadata changed.',
  'account.blocked': 'An account was blocked for debits, credits or both.',
  'account.unblocked': 'Blocks of an account were lifted.',
  'account.closed': 'An account was closed for good.',
  'transaction.completed': 'A transaction was posted.',
  'transaction.failed': 'A transaction was refused by a rule of the ledger.',
  'transaction.reversed':
    'All or part of a transaction was given back. Tells of the original; `reversal` is the mirror.',
  'reservation.created': 'Money was reserved on an account.',
  'reservation.captured': 'All or part of a reservation was captured by `transaction`.',
  'reservation.released': 'A reservation was given back on request.',
  'reservation.expired': 'A reservation ended at its time.',
  'fees.replaced': 'The tenant has another fee schedule.',
  'limits.replaced': 'The tenant has other limits.',
  'customer.created': 'A customer was created.',
  'customer.updated': 'A customer’s data or tier changed.',
  'kyc.submitted': 'A customer’s documents were submitted, for the first time or again.',
  'kyc.approved': 'A customer was approved, for a tier.',
  'kyc.rejected': 'A customer was rejected.',
  'entitlements.updated': 'The tenant is entitled to something else.',
  'settlement.created': 'The settlement of a business day and currency was opened.',
  'settlement.updated': 'A business day ended, and its settlement was netted.',
  'settlement.completed': 'The network paid, or was paid, what a settlement came to.',
  'settlement.failed': 'A settlement was marked as failed.',
  'liquidity.alert': 'What the tenant holds covers less of what it owes than its threshold asks for.',
  'liquidity.restored': 'The tenant’s liquidity covers enough again.',
  'health.threshold_crossed': 'A measure of the tenant’s health went beyond its threshold. Once, until it is restored.',
  'health.threshold_restored': 'A measure of the tenant’s health is well within its threshold again.',
  'card.created': 'A card was issued.',
  'card.activated': 'A card was activated.',
  'card.suspended': 'A card was suspended.',
  'card.resumed': 'A card’s suspension ended.',
  'card.terminated': 'A card was ended for good.',
  'card.transaction.authorized': 'A purchase was authorized: its amount is held.',
  'card.transaction.declined': 'A purchase was declined.',
  'card.transaction.updated':
    'What a purchase holds was changed by an increment or an advice, or an increment was declined.',
  'card.transaction.reversed': 'All or part of what a purchase holds was given back.',
  'card.transaction.expired': 'What a purchase held was given back at its time.',
  'card.transaction.captured': 'The merchant cleared all or part of a purchase.',
  'card.transaction.refunded': 'A purchase was refunded, all or in part.',
};

/** Data of types whose events tell of something else than one resource of their first words. */
const TELLING: { readonly [T in PublicEventType]?: Readonly<Record<string, Schema>> } = {
  'api_version.released': { api_version: ref('api_version_release') },
  'transaction.reversed': { transaction: ref('transaction'), reversal: ref('transaction') },
  'reservation.captured': { reservation: ref('reservation'), transaction: ref('transaction') },
  'fees.replaced': { fees: list(ref('fee_rule')) },
  'limits.replaced': { limits: list(ref('limit')) },
  'kyc.submitted': { kyc_submission: ref('kyc_submission') },
  'kyc.approved': { kyc_submission: ref('kyc_submission') },
  'kyc.rejected': { kyc_submission: ref('kyc_submission') },
  'entitlements.updated': { entitlements: ref('entitlements') },
  'liquidity.alert': { liquidity: { type: 'object' } },
  'liquidity.restored': { liquidity: { type: 'object' } },
  'health.threshold_crossed': { health: ref('health_indicator') },
  'health.threshold_restored': { health: ref('health_indicator') },
};

/** `card.transaction.captured` tells of a `card_transaction`. */
const dataOf = (type: PublicEventType): Schema => {
  const about = type.split('.').slice(0, -1).join('_');
  return complete(TELLING[type] ?? { [about]: ref(about) });
};

/** All resources as a version shows them. */
export type Schemas = Readonly<Record<string, Schema>>;

/** An event of a type; what it refers to is in `schemas`. */
export const eventSchema = (type: PublicEventType, version: string, schemas: Schemas): Schema => {
  const { event } = schemas as { event: { properties: Record<string, Schema> } & Schema };
  const properties = { ...event.properties, type: is(type), api_version: is(version), data: dataOf(type) };
  return { ...event, properties };
};

/** With references to `#/components/schemas/…` made `<prefix>…`. */
const rebased = (schema: unknown, prefix: string): unknown => {
  if (Array.isArray(schema)) return schema.map((one) => rebased(one, prefix));
  if (schema === null || typeof schema !== 'object') return schema;
  return Object.fromEntries(
    Object.entries(schema).map(([key, value]) => [
      key,
      key === '$ref' ? `${prefix}${String(value).split('/').at(-1)}` : rebased(value, prefix),
    ]),
  );
};

/** The schema of a type's events with all that it refers to, so that any validator takes it as it is. */
const whole = (type: PublicEventType, version: string, schemas: Schemas): Schema => {
  const schema = eventSchema(type, version, schemas);
  const names = [...reachable(schema, schemas)].filter((name) => schemas[name] !== undefined).sort();
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: type,
    ...(rebased(schema, '#/$defs/') as Schema),
    $defs: Object.fromEntries(names.map((name) => [name, rebased(schemas[name], '#/$defs/')])),
  };
};

export interface EventType {
  readonly object: 'event_type';
  readonly type: PublicEventType;
  readonly description: string;
  readonly api_version: string;
  readonly schema: Schema;
}

/** Every type as a version tells it. */
export const eventTypes = (version: string, schemas: Schemas): readonly EventType[] =>
  PUBLIC_EVENT_TYPES.map((type) => ({
    object: 'event_type',
    type,
    description: EVENT_TYPES[type],
    api_version: version,
    schema: whole(type, version, schemas),
  }));
