import { createHash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { WebhookEndpointResource } from '#contract/resources/webhook-endpoint.js';
import { formatInstant, parseInstant, type Instant } from '#domain/time.js';
import type { Clock } from '#engine/ports.js';
import type { VersionOf } from '#platform/http/principal.js';
import type { Call } from '#platform/http/call.js';
import { Problem } from '#platform/http/problem.js';
import { MOST_REPLAYS } from '#webhooks/delivery-changes.js';
import type { ReplayTerms } from '#webhooks/replays.js';
import { Reading } from '../reading.js';
import { CLOCK, VERSION_OF, WEBHOOK_DESK } from '../tokens.js';
import type { CreateReplayBody, TestWebhookBody } from './deliveries.dto.js';
import type { WebhookDesk } from './webhook-desk.js';
import { jsonAnswer } from './webhook-endpoints.js';

const HOUR = 3_600_000;
const WINDOWS = { '1h': HOUR, '24h': 24 * HOUR, '7d': 168 * HOUR, '30d': 720 * HOUR } as const;
const DEFAULT_RATE = 50;
const TEST_TYPE = 'webhook_endpoint.test';
const NO_PROGRESS = { queued: 0, succeeded: 0, failed: 0, pending: 0, canceled: 0 };

const digest = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Deliveries, replays, figures and tests of one endpoint, of both planes. */
@Injectable()
export class Deliveries {
  constructor(
    @Inject(Reading) private readonly reading: Reading,
    @Inject(WEBHOOK_DESK) private readonly desk: WebhookDesk,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(VERSION_OF) private readonly versionOf: VersionOf,
  ) {}

  async stats(call: Call, tenantId: string, endpointId: string): Promise<string> {
    await this.endpoint(call, tenantId, endpointId);
    const { window = '30d' } = call.query as { readonly window?: keyof typeof WINDOWS };
    const stats = await this.desk.stats(tenantId, endpointId, WINDOWS[window]);
    return jsonAnswer(call, { object: 'webhook_stats', endpoint_id: endpointId, window, ...stats });
  }

  async test(call: Call, tenantId: string, endpointId: string, body: TestWebhookBody): Promise<string> {
    const endpoint = await this.endpoint(call, tenantId, endpointId);
    const version = await this.versionOf(tenantId);
    const told = await this.desk.test(tenantId, endpoint, body.event_type ?? TEST_TYPE, version);
    return jsonAnswer(call, { object: 'webhook_test', ...told });
  }

  async list(call: Call, endpointId: string): Promise<string> {
    await this.endpoint(call, call.tenant.tenantId, endpointId);
    return this.reading.list(call, 'deliveries', { endpoint_id: endpointId });
  }

  async retry(call: Call, tenantId: string, deliveryId: string): Promise<string> {
    const retried = await this.desk.retry(tenantId, deliveryId);
    if (retried === 'missing') throw new Problem('delivery_not_found');
    if (retried === 'canceled') {
      throw new Problem('invalid_state', { message: 'The delivery was canceled, or its endpoint is gone.' });
    }
    return this.reading.one(call, tenantId, 'deliveries', deliveryId, 'delivery_not_found');
  }

  async replay(call: Call, tenantId: string, endpointId: string, body: CreateReplayBody): Promise<string> {
    await this.endpoint(call, tenantId, endpointId);
    const terms = this.replayTerms(endpointId, body);
    const total = await this.desk.countReplay(tenantId, terms);
    if (body.dry_run === true) {
      void call.reply.code(200);
      return jsonAnswer(call, dryRunOf(terms, total));
    }
    const sent = call.reply.request.headers['idempotency-key'];
    const request =
      typeof sent === 'string' ? { key: digest(sent), content: digest(JSON.stringify([endpointId, body])) } : null;
    const made = await this.desk.createReplay(tenantId, { request, terms, total });
    if (made === 'key_reused') throw new Problem('key_reused');
    if (made === 'too_many') {
      const message = `${MOST_REPLAYS} replays of the tenant are running. Wait until one has ended, or cancel one.`;
      throw new Problem('invalid_state', { message });
    }
    return this.reading.one(call, tenantId, 'webhook_replays', made.replayId, 'replay_not_found');
  }

  async cancel(call: Call, tenantId: string, replayId: string): Promise<string> {
    const isCanceled = await this.desk.cancelReplay(tenantId, replayId);
    const { revision, resource } = await this.reading.reads.one(tenantId, 'webhook_replays', replayId);
    if (resource !== null && !isCanceled && resource.status !== 'canceled') {
      throw new Problem('invalid_state', { message: 'All of the replay has been sent.' });
    }
    return this.reading.answer(call, { revision, resource }, 'replay_not_found');
  }

  /** With its secret's id where what is shown of it belongs. Throws `Problem` where there is none. */
  private async endpoint(call: Call, tenantId: string, endpointId: string): Promise<WebhookEndpointResource> {
    await this.reading.await(call, tenantId, endpointId);
    const { revision, resource } = await this.reading.reads.one(tenantId, 'webhook_endpoints', endpointId);
    call.atRevision(revision);
    if (resource === null) throw new Problem('webhook_endpoint_not_found');
    return resource as unknown as WebhookEndpointResource;
  }

  private replayTerms(endpointId: string, body: CreateReplayBody): ReplayTerms {
    const now = this.clock.now();
    const since = parseInstant(body.since) as Instant;
    const until = body.until === undefined ? now + 1 : (parseInstant(body.until) as Instant);
    const longAgo = now - WINDOWS['30d'];
    if (until <= since) throw new Problem('out_of_range', { param: 'until', message: 'until must be after since.' });
    if (since < longAgo - HOUR) {
      throw new Problem('out_of_range', { param: 'since', message: 'Events are kept for webhooks for thirty days.' });
    }
    const { types = null, delivery_statuses = null, rate_per_second = DEFAULT_RATE } = body;
    return {
      endpointId,
      since,
      until: Math.min(until, now + 1),
      types,
      statuses: delivery_statuses,
      rate: rate_per_second,
    };
  }
}

const dryRunOf = (terms: ReplayTerms, total: number): object => ({
  object: 'webhook_replay',
  id: null,
  endpoint_id: terms.endpointId,
  since: formatInstant(terms.since),
  until: formatInstant(terms.until),
  types: terms.types,
  delivery_statuses: terms.statuses,
  rate_per_second: terms.rate,
  status: 'dry_run',
  total,
  progress: NO_PROGRESS,
  created_at: null,
  ended_at: null,
});
