import { ulid } from 'ulid';
import { renderEvent, signatureHeader } from '#contract/versions/webhooks.js';
import type { PublicEvent } from '#contract/public-events.js';
import type { WebhookEndpointResource } from '#contract/resources/webhook-endpoint.js';
import { formatInstant } from '#domain/time.js';
import type { Clock } from '#engine/ports.js';
import type { Installation } from '#installation/installation.js';
import { installationWebhookKey } from '#installation/webhook-key.js';
import { webhookSecretBox } from '#installation/webhook-secrets.js';
import { withTenant } from '#projecting/tenant-session.js';
import { getSealedHeaders } from '#projections/webhook-endpoints/webhook-endpoints.queries.js';
import { attemptDelivery } from '#webhooks/attempt.js';
import { Egress } from '#webhooks/connections.js';
import { cancelReplay, createReplay, retryDelivery, type NewReplay, type Retried } from '#webhooks/delivery-changes.js';
import { endpointStats, type EndpointStats } from '#webhooks/delivery-log.js';
import { KnownSecrets } from '#webhooks/known-secrets.js';
import { countReplay, type ReplayTerms } from '#webhooks/replays.js';
import { signatureHeaders } from '#webhooks/signing.js';
import { WebhookSecrets } from '#webhooks/webhook-secrets.js';
import type { Reads } from '../reads.js';

export interface TestOutcome {
  readonly test_event_id: string;
  readonly delivered: boolean;
  readonly http_status: number | null;
  readonly response_time_ms: number;
  readonly failure: string | null;
  readonly message: string;
}

/** What tenants ask of their deliveries, and change of them, beside reading them. */
export interface WebhookDesk {
  retry(tenantId: string, deliveryId: string): Promise<Retried>;
  stats(tenantId: string, endpointId: string, windowMs: number): Promise<EndpointStats>;
  countReplay(tenantId: string, terms: ReplayTerms): Promise<number>;
  createReplay(tenantId: string, asked: Omit<NewReplay, 'replayId' | 'now'>): ReturnType<typeof createReplay>;
  cancelReplay(tenantId: string, replayId: string): Promise<boolean>;
  /** Sends one event at once. `version`: the tenant's pin. */
  test(tenantId: string, endpoint: WebhookEndpointResource, eventType: string, version: string): Promise<TestOutcome>;
}

export interface RunningWebhookDesk extends WebhookDesk {
  close(): void;
}

export const webhookDeskOver = (installation: Installation, reads: Reads, clock: Clock): RunningWebhookDesk => {
  const { pools, configuration } = installation;
  const egress = new Egress({ allow: configuration.webhookAllow });
  const secrets = new KnownSecrets(new WebhookSecrets(pools.auth, webhookSecretBox(installation)));
  const key = installationWebhookKey(installation);
  const headersOf = async (tenantId: string, endpointId: string): Promise<Record<string, string>> => {
    const { data } = await withTenant(pools.app, tenantId, (session) => getSealedHeaders(session, endpointId));
    const sealed = data ?? [];
    const open = await installation.vault.opener(
      tenantId,
      sealed.map(([, value]) => value),
    );
    return Object.fromEntries(sealed.map(([name, value]) => [name, open(value) ?? '']));
  };
  return {
    retry: (tenantId, deliveryId) => retryDelivery(pools.app, tenantId, deliveryId, clock.now()),
    stats: async (tenantId, endpointId, windowMs) =>
      (await withTenant(pools.app, tenantId, (session) => endpointStats(session, endpointId, windowMs))).data,
    countReplay: async (tenantId, terms) =>
      (await withTenant(pools.app, tenantId, (session) => countReplay(session, terms))).data,
    createReplay: (tenantId, asked) =>
      createReplay(pools.app, tenantId, { ...asked, replayId: `rpl_${ulid()}`, now: clock.now() }),
    cancelReplay: (tenantId, replayId) => cancelReplay(pools.app, tenantId, replayId),
    test: async (tenantId, endpoint, eventType, version) => {
      const event = await sampleOf(reads, tenantId, eventType, formatInstant(clock.now()));
      const inVersion = endpoint.api_version ?? version;
      const told = Buffer.from(JSON.stringify(renderEvent(event, inVersion)));
      const secretId = endpoint.secret_masked ?? '';
      const headers = signatureHeaders({
        endpointHeader: signatureHeader(inVersion),
        secrets: await secrets.of({ tenantId, endpointId: endpoint.id }, [secretId]),
        ed25519: key,
        id: event.id,
        timestampSeconds: Math.floor(Date.now() / 1_000),
        body: told,
      });
      const own = await headersOf(tenantId, endpoint.id);
      const attempt = await attemptDelivery({
        url: endpoint.url ?? '',
        headers: { ...own, ...headers },
        body: told,
        egress,
      });
      const { status, failure, detail, timings, outcome } = attempt;
      const delivered = outcome.class === 'delivered';
      return {
        test_event_id: event.id,
        delivered,
        http_status: status,
        response_time_ms: Math.round(timings.totalMs),
        failure,
        message: delivered ? 'The test event was delivered.' : (detail ?? `The endpoint answered ${status}.`),
      };
    },
    close: () => egress.close(),
  };
};

/** Outside the stream: no sequence. With what the newest event of the type says, where there is one. */
const sampleOf = async (reads: Reads, tenantId: string, type: string, created: string): Promise<PublicEvent> => {
  const { data } = await reads.list(tenantId, 'events', { filters: { type }, limit: 1, order: 'desc' });
  const { resource: tenant } = await reads.tenant(tenantId);
  const known = data[0] as unknown as PublicEvent | undefined;
  return {
    ...known,
    id: `evt_${ulid()}`,
    object: 'event',
    type: type as PublicEvent['type'],
    created,
    tenant_id: tenantId,
    live_mode: tenant?.environment === 'live',
    api_version: known?.api_version ?? '',
    sequence: null,
    data: known?.data ?? {},
    previous_attributes: known?.previous_attributes ?? null,
  };
};
