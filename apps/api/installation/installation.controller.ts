import { Controller, Inject, Req } from '@nestjs/common';
import type { Registry } from 'prom-client';
import { JSON_TYPE } from '#platform/http/answer.js';
import type { CallRequest } from '#platform/http/call.js';
import { Operation } from '#platform/http/operation.js';
import { publishedKeys, type WebhookKey } from '#webhooks/signing.js';
import { DOCUMENT, METRICS, PROBES, WEBHOOK_KEYS } from '../tokens.js';
import type { Published } from './published.js';

/** Something that must be well for this process to serve. */
export interface Probe {
  readonly name: string;
  /**
   * `warning`: somebody should look, and this process serves all the same. What is wrong with one tenant or one read model
   * must not take every instance out of service. `fatal` where it is not given.
   */
  readonly severity?: 'fatal' | 'warning';
  /** Null: well. Else a sentence for an operator, without secrets. */
  readonly trouble: () => Promise<string | null>;
}

const PROBE_TIMEOUT_MS = 2_000;

interface Check {
  readonly name: string;
  readonly ok: boolean;
  readonly trouble: string | null;
}

const asked = async ({ name, trouble, severity }: Probe): Promise<Check> => {
  const ok = severity === 'warning';
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve('does not answer'), PROBE_TIMEOUT_MS);
  });
  try {
    const said = await Promise.race([trouble(), late]);
    return { name, ok: ok || said === null, trouble: said };
  } catch {
    return { name, ok, trouble: 'failed' };
  } finally {
    clearTimeout(timer);
  }
};

@Controller()
export class InstallationController {
  constructor(
    @Inject(PROBES) private readonly probes: readonly Probe[],
    @Inject(METRICS) private readonly metrics: Registry,
    @Inject(DOCUMENT) private readonly published: Published,
    @Inject(WEBHOOK_KEYS) private readonly webhookKeys: readonly WebhookKey[],
  ) {}

  @Operation('getHealth')
  health(@Req() { call }: CallRequest): string {
    void call.reply.type(JSON_TYPE);
    return '{"status":"ok"}';
  }

  @Operation('getReadiness')
  async readiness(@Req() { call }: CallRequest): Promise<string> {
    const checks = await Promise.all(this.probes.map(asked));
    const isReady = checks.every(({ ok }) => ok);
    void call.reply.code(isReady ? 200 : 503).type(JSON_TYPE);
    return JSON.stringify({ status: isReady ? 'ready' : 'not_ready', checks });
  }

  @Operation('getMetrics')
  async metricsText(@Req() { call }: CallRequest): Promise<string> {
    const text = await this.metrics.metrics();
    void call.reply.type(this.metrics.contentType);
    return text;
  }

  @Operation('getOpenApi')
  openApi(@Req() { call }: CallRequest): string {
    void call.reply.type(JSON_TYPE);
    return this.published.openApi();
  }

  @Operation('getAsyncApi')
  asyncApi(@Req() { call }: CallRequest): string {
    void call.reply.type(JSON_TYPE);
    return this.published.asyncApi(call.version);
  }

  @Operation('getWebhookKeys')
  keysOfWebhooks(@Req() { call }: CallRequest): string {
    void call.reply.type(JSON_TYPE).header('cache-control', 'public, max-age=300');
    return JSON.stringify(publishedKeys(this.webhookKeys));
  }

  @Operation('getReference')
  reference(@Req() { call }: CallRequest): string {
    void call.reply
      .type('text/html; charset=utf-8')
      .header('content-security-policy', "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'")
      .header('x-content-type-options', 'nosniff');
    return this.published.reference();
  }
}
