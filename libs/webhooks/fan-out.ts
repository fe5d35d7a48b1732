/**
 * Which deliveries an event comes to. A projection in the words of the runtime, in a group of its own that no read model and no
 * rebuild has to do with: its rows are written once, in the transaction of its progress.
 */
import { publicType, selectorsOf } from '#contract/public-events.js';
import { idOf, timeOfUlid } from '#domain/ids.js';
import type { LedgerEvent } from '#domain/ledger.js';
import type { WebhookEndpointFacts } from '#domain/webhook-endpoints/webhook-endpoints.js';
import { setStatement, type RowOf } from '#projecting/columns.js';
import type { Batch, Projection, ProjectionGroup, Statement, TenantEvent } from '#projecting/projection.js';
import { lastBy } from '#projecting/rows.js';
import { sealedDestination } from './destination.js';
import { orderingKeyOf } from './ordering-key.js';

const SUBSCRIPTION = {
  tenant_id: 'text',
  endpoint_id: 'text',
  from_revision: 'bigint',
  until_revision: 'bigint',
  selectors: 'text',
} as const;

const endSubscriptions = setStatement(
  'webhook_subscriptions.end',
  { tenant_id: 'text', endpoint_id: 'text', from_revision: 'bigint' },
  (rows) =>
    `UPDATE webhook_subscriptions s SET until_revision = u.from_revision FROM ${rows}
     WHERE s.tenant_id = u.tenant_id AND s.endpoint_id = u.endpoint_id AND s.until_revision IS NULL`,
);

const beginSubscriptions = setStatement(
  'webhook_subscriptions.begin',
  SUBSCRIPTION,
  (rows) =>
    `INSERT INTO webhook_subscriptions (tenant_id, endpoint_id, from_revision, until_revision, selectors)
     SELECT u.tenant_id, u.endpoint_id, u.from_revision, u.until_revision, string_to_array(u.selectors, ' ') FROM ${rows}`,
);

const PAUSE = { tenant_id: 'text', revision: 'bigint' } as const;

const beginPauses = setStatement(
  'webhook_pauses.begin',
  PAUSE,
  (rows) => `INSERT INTO webhook_pauses (tenant_id, from_revision) SELECT u.tenant_id, u.revision FROM ${rows}`,
);

const endPauses = setStatement(
  'webhook_pauses.end',
  PAUSE,
  (rows) =>
    `UPDATE webhook_pauses p SET until_revision = e.revision
     FROM (SELECT p.tenant_id, p.from_revision, min(u.revision) AS revision FROM webhook_pauses p
           JOIN ${rows} ON u.tenant_id = p.tenant_id AND u.revision > p.from_revision
           WHERE p.until_revision IS NULL GROUP BY p.tenant_id, p.from_revision) e
     WHERE p.tenant_id = e.tenant_id AND p.from_revision = e.from_revision`,
);

const LANE = {
  tenant_id: 'text',
  endpoint_id: 'text',
  status: 'text',
  ordering: 'text',
  payload: 'text',
  api_version: 'text',
  url: 'text',
  headers: 'text',
  secrets: 'text',
} as const;

/** One that is enabled anew is tried as if nothing had been. */
const setLanes = setStatement(
  'webhook_lanes.set',
  LANE,
  (rows) =>
    `INSERT INTO webhook_lanes AS l (${Object.keys(LANE).join(', ')}) SELECT * FROM ${rows}
     ON CONFLICT (tenant_id, endpoint_id) DO UPDATE SET
       status = EXCLUDED.status, ordering = EXCLUDED.ordering, payload = EXCLUDED.payload,
       api_version = EXCLUDED.api_version, url = EXCLUDED.url, headers = EXCLUDED.headers, secrets = EXCLUDED.secrets,
       failures = CASE WHEN l.status = 'enabled' THEN l.failures ELSE 0 END,
       open_until = CASE WHEN l.status = 'enabled' THEN l.open_until END,
       died_at = CASE WHEN l.status = 'enabled' THEN l.died_at END`,
);

const DELETED = { tenant_id: 'text', endpoint_id: 'text' } as const;

const deleteLanes = setStatement(
  'webhook_lanes.delete',
  DELETED,
  (rows) =>
    `DELETE FROM webhook_lanes l USING ${rows} WHERE l.tenant_id = u.tenant_id AND l.endpoint_id = u.endpoint_id`,
);

const cancelDeliveries = setStatement(
  'deliveries.cancel',
  DELETED,
  (rows) =>
    `UPDATE deliveries d SET status = 'canceled', settled_at = now() FROM ${rows}
     WHERE d.tenant_id = u.tenant_id AND d.endpoint_id = u.endpoint_id AND d.status = 'pending'`,
);

/** Before its deliveries: a page of a replay that is being queued is waited for, and canceled with the others. */
const cancelReplays = setStatement(
  'webhook_replays.cancel',
  DELETED,
  (rows) =>
    `UPDATE webhook_replays r SET status = 'canceled', ended_at = now() FROM ${rows}
     WHERE r.tenant_id = u.tenant_id AND r.endpoint_id = u.endpoint_id AND r.status = 'running'`,
);

const OCCASION = {
  tenant_id: 'text',
  event_id: 'text',
  event_type: 'text',
  sequence: 'bigint',
  revision: 'bigint',
  ordering_key: 'text',
  selectors: 'text',
  at: 'timestamptz',
} as const;

/** The characters of a ULID's random part: hexadecimal digits are among Crockford's. */
export const DELIVERY_ID = (madeBy: string, of: string): string =>
  `'dlv_' || substr(${madeBy}, 5, 10) || upper(substr(md5(${of}), 1, 16))`;

const fanOut = setStatement(
  'deliveries.fan_out',
  OCCASION,
  (rows) =>
    `INSERT INTO deliveries (tenant_id, delivery_id, endpoint_id, cause, event_id, event_type, sequence, revision,
       ordering_key, next_attempt_at)
     SELECT u.tenant_id, ${DELIVERY_ID('u.event_id', `u.event_id || s.endpoint_id || 'live'`)}, s.endpoint_id, 'live',
       u.event_id, u.event_type, u.sequence, u.revision, u.ordering_key, u.at
     FROM ${rows} JOIN webhook_subscriptions s ON s.tenant_id = u.tenant_id AND s.from_revision < u.revision
       AND (s.until_revision IS NULL OR s.until_revision >= u.revision)
       AND s.selectors && string_to_array(u.selectors, ' ')
     WHERE NOT EXISTS (SELECT FROM webhook_pauses p WHERE p.tenant_id = u.tenant_id AND p.from_revision < u.revision
       AND (p.until_revision IS NULL OR p.until_revision > u.revision))
     ON CONFLICT DO NOTHING`,
);

type EndpointEvent = Extract<LedgerEvent, { data: { webhook_endpoint: WebhookEndpointFacts } }>;

/** Whether an event of this type, also one of a later version, is about endpoints: its tenant has some from here on. */
export const isAboutEndpoints = (type: string): boolean => type.startsWith('Webhook');

/** Whether fan-out has to know events of this type though their tenant has no endpoints: those that it may get are paused. */
export const isReadOfAll = (type: string): boolean =>
  isAboutEndpoints(type) || type === 'TenantDeactivated' || type === 'TenantReactivated';

/** Stands for an event that nobody is told of: it moves its tenant's progress, and that is all. */
export const passedOver = (revision: number, id: string): LedgerEvent =>
  ({ revision, id, at: timeOfUlid(id), data: {}, isPassedOver: true }) as unknown as LedgerEvent;

const isPassedOver = (event: LedgerEvent): boolean => 'isPassedOver' in event;

const isAboutEndpoint = (event: LedgerEvent): event is EndpointEvent => 'webhook_endpoint' in event.data;

const subscriptionStatements = (told: readonly TenantEvent<EndpointEvent>[]): Statement[] => {
  const keyOf = ({ tenantId, event }: TenantEvent<EndpointEvent>): string =>
    `${tenantId} ${event.data.webhook_endpoint.endpoint_id}`;
  const next = new Map<string, number>();
  const begun: RowOf<typeof SUBSCRIPTION>[] = [];
  for (const one of [...told].reverse()) {
    const { tenantId: tenant_id, event } = one;
    const { endpoint_id, events } = event.data.webhook_endpoint;
    const until_revision = next.get(keyOf(one)) ?? null;
    next.set(keyOf(one), event.revision);
    if (event.type === 'WebhookEndpointDeleted') continue;
    begun.push({ tenant_id, endpoint_id, from_revision: event.revision, until_revision, selectors: events.join(' ') });
  }
  const firsts = [...next].map(([key, from_revision]) => {
    const [tenant_id, endpoint_id] = key.split(' ') as [string, string];
    return { tenant_id, endpoint_id, from_revision };
  });
  return [...endSubscriptions(firsts), ...beginSubscriptions(begun)];
};

const laneRow = ({ tenantId, event }: TenantEvent<EndpointEvent>): RowOf<typeof LANE> => {
  const facts = event.data.webhook_endpoint;
  const { url, headers } = sealedDestination(facts);
  return {
    tenant_id: tenantId,
    endpoint_id: facts.endpoint_id,
    status: facts.status,
    ordering: facts.ordering,
    payload: facts.payload,
    api_version: facts.api_version,
    url,
    headers: JSON.stringify(headers),
    secrets: JSON.stringify(facts.secrets),
  };
};

const occasion = ({ tenantId, event }: TenantEvent<LedgerEvent>): RowOf<typeof OCCASION>[] => {
  const type = publicType(event);
  if (type === null) return [];
  return [
    {
      tenant_id: tenantId,
      event_id: idOf('event', event.id),
      event_type: type,
      sequence: event.meta.sequence,
      revision: event.revision,
      ordering_key: orderingKeyOf(event),
      selectors: selectorsOf(type).join(' '),
      at: event.at,
    },
  ];
};

const statements = (batch: Batch<LedgerEvent>): readonly Statement[] => {
  const events = batch.events.filter(({ event }) => !isPassedOver(event));
  const told = events.filter((one): one is TenantEvent<EndpointEvent> => isAboutEndpoint(one.event));
  const endpointOf = ({ tenantId, event }: TenantEvent<EndpointEvent>): string =>
    `${tenantId} ${event.data.webhook_endpoint.endpoint_id}`;
  const last = lastBy([...told], endpointOf);
  const deleted = last.filter(({ event }) => event.type === 'WebhookEndpointDeleted');
  const standing = last.filter(({ event }) => event.type !== 'WebhookEndpointDeleted');
  const gone = deleted.map(({ tenantId, event }) => ({
    tenant_id: tenantId,
    endpoint_id: event.data.webhook_endpoint.endpoint_id,
  }));
  const turn = (type: LedgerEvent['type']): RowOf<typeof PAUSE>[] =>
    events
      .filter(({ event }) => event.type === type)
      .map(({ tenantId, event }) => ({ tenant_id: tenantId, revision: event.revision }));
  return [
    ...subscriptionStatements(told),
    ...beginPauses(turn('TenantDeactivated')),
    ...endPauses(turn('TenantReactivated')),
    ...setLanes(standing.map(laneRow)),
    ...fanOut(events.flatMap(occasion)),
    ...deleteLanes(gone),
    ...cancelReplays(gone),
    ...cancelDeliveries(gone),
  ];
};

export const WEBHOOK_GROUP = 'webhooks';

/** Not among the read models: rebuilding those sends nothing. */
export const fanOutGroup: ProjectionGroup<LedgerEvent> = {
  name: WEBHOOK_GROUP,
  reads: 'events',
  projections: [
    {
      name: 'webhook-fan-out',
      version: 1,
      tables: [
        'webhook_subscriptions',
        'webhook_pauses',
        'webhook_lanes',
        'deliveries',
        'delivery_claims',
        'delivery_attempts',
        'webhook_replays',
      ],
      migrations: [],
      statements,
    } satisfies Projection<LedgerEvent>,
  ],
};
