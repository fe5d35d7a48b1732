import { Inject, Injectable } from '@nestjs/common';
import type { WebhookEndpointResource } from '#contract/resources/webhook-endpoint.js';
import type { Command } from '#domain/commands.js';
import type { SecretRotation } from '#domain/webhook-endpoints/secrets.js';
import type { WebhookEndpointFacts } from '#domain/webhook-endpoints/webhook-endpoints.js';
import type { Receipt } from '#engine/ports.js';
import { JSON_TYPE } from '#platform/http/answer.js';
import type { Call } from '#platform/http/call.js';
import { Problem } from '#platform/http/problem.js';
import { judgeUrl, type HostAndPort } from '#webhooks/egress.js';
import { Commands, type Told } from '../commands.js';
import type { Resource } from '../reads.js';
import { webhookEndpointTold } from '../rendering.js';
import { ENDPOINT_SECRETS, MOST_ENDPOINTS, WEBHOOK_ALLOW } from '../tokens.js';
import { mintSecret, newEndpointId, type EndpointSecrets, type MintedSecret } from './endpoint-secrets.js';
import { checkHeaders } from './header-rules.js';
import type {
  CreateWebhookEndpointBody,
  RotateWebhookSecretBody,
  UpdateWebhookEndpointBody,
} from './webhook-endpoints.dto.js';

const DAY_SECONDS = 86_400;

/** Secrets end in real time, whatever the clock of the installation's business says. */
const rotationOf = (secretId: string, overlapSeconds: number): SecretRotation => ({
  secret_id: secretId,
  overlap_until: overlapSeconds === 0 ? null : new Date(Date.now() + overlapSeconds * 1_000).toISOString(),
});

const factsOf = ({ fact }: Told): WebhookEndpointFacts => {
  if (!('webhook_endpoint' in fact.data)) throw new TypeError(`${fact.type} is about no webhook endpoint`);
  return fact.data.webhook_endpoint;
};

const isReplayed = (receipt: Receipt): boolean => receipt.kind === 'committed' && receipt.replayed;

/** Webhook endpoints, of both planes: commands and, beside them, the secrets that no event holds. */
@Injectable()
export class WebhookEndpoints {
  constructor(
    @Inject(Commands) private readonly commands: Commands,
    @Inject(ENDPOINT_SECRETS) private readonly secrets: EndpointSecrets,
    @Inject(WEBHOOK_ALLOW) private readonly allow: readonly HostAndPort[],
    @Inject(MOST_ENDPOINTS) private readonly most: number,
  ) {}

  create(call: Call, tenantId: string, body: CreateWebhookEndpointBody): Promise<string> {
    this.check(body);
    const endpointId = newEndpointId();
    return this.withSecret(call, tenantId, endpointId, ({ secretId }) => ({
      type: 'CreateWebhookEndpoint',
      data: { ...body, endpoint_id: endpointId, secret_id: secretId, most: this.most },
    }));
  }

  update(call: Call, tenantId: string, endpointId: string, asked: UpdateWebhookEndpointBody): Promise<string> {
    this.check(asked);
    const { rotate_secret, ...body } = asked;
    const data = { ...body, endpoint_id: endpointId };
    if (rotate_secret !== true) return this.run(call, tenantId, { type: 'UpdateWebhookEndpoint', data });
    return this.withSecret(call, tenantId, endpointId, ({ secretId }) => ({
      type: 'UpdateWebhookEndpoint',
      data: { ...data, rotation: rotationOf(secretId, DAY_SECONDS) },
    }));
  }

  rotate(call: Call, tenantId: string, endpointId: string, body: RotateWebhookSecretBody): Promise<string> {
    const { overlap_seconds = DAY_SECONDS } = body;
    return this.withSecret(call, tenantId, endpointId, ({ secretId }) => ({
      type: 'RotateWebhookSecret',
      data: { endpoint_id: endpointId, ...rotationOf(secretId, overlap_seconds) },
    }));
  }

  enable(call: Call, tenantId: string, endpointId: string): Promise<string> {
    return this.run(call, tenantId, { type: 'EnableWebhookEndpoint', data: { endpoint_id: endpointId } });
  }

  disable(call: Call, tenantId: string, endpointId: string): Promise<string> {
    const data = { endpoint_id: endpointId, as: 'disabled' } as const;
    return this.run(call, tenantId, { type: 'DisableWebhookEndpoint', data });
  }

  async delete(call: Call, tenantId: string, endpointId: string): Promise<void> {
    const command = { type: 'DeleteWebhookEndpoint', data: { endpoint_id: endpointId } } as const;
    await this.told(call, tenantId, command);
  }

  /** Rows of the read model, which hold a secret's id where what is shown of the secret belongs. */
  async shown(tenantId: string, rows: readonly Resource[]): Promise<Resource[]> {
    const ids = rows.map(({ secret_masked }) => secret_masked as string);
    const masked = ids.length === 0 ? new Map<string, string>() : await this.secrets.masked(tenantId, ids);
    return rows.map((row, i) => ({ ...row, secret_masked: masked.get(ids[i] as string) ?? null }));
  }

  private check({ url, headers }: { readonly url?: string; readonly headers?: Record<string, string> }): void {
    checkHeaders(headers);
    if (url === undefined) return;
    const judged = judgeUrl(url, this.allow);
    if (judged.isAllowed) return;
    const code = URL.canParse(url) ? 'url_not_allowed' : 'pattern_mismatch';
    throw new Problem(code, { param: 'url', message: `The URL can’t be taken: ${judged.reason}.` });
  }

  private async run(call: Call, tenantId: string, command: Command): Promise<string> {
    const { told } = await this.told(call, tenantId, command);
    return JSON.stringify(await this.resource(tenantId, told));
  }

  /** Keeps a new secret, runs the command that names it, and answers both. */
  private async withSecret(
    call: Call,
    tenantId: string,
    endpointId: string,
    commandFor: (minted: MintedSecret) => Command,
  ): Promise<string> {
    const minted = mintSecret();
    await this.secrets.keep(call, tenantId, endpointId, minted);
    try {
      const { told } = await this.told(call, tenantId, commandFor(minted));
      const secretId = factsOf(told).secrets[0]?.secret_id ?? '';
      // A replay tells of the secret of that time; the one just made is not needed.
      const isReplay = secretId !== minted.secretId;
      if (isReplay) await this.secrets.discard(tenantId, endpointId, minted.secretId);
      const shown = isReplay ? await this.secrets.kept(call, tenantId, secretId) : minted.secret;
      return JSON.stringify({ ...(await this.resource(tenantId, told)), signing_secret: shown });
    } catch (error) {
      // Refused for good. A 503 says nothing of the outcome: the row then stays, and signs nothing unless an event names it.
      if (error instanceof Problem && error.details.retryAfterMs === undefined)
        await this.secrets.discard(tenantId, endpointId, minted.secretId);
      throw error;
    }
  }

  private async told(call: Call, tenantId: string, command: Command): Promise<{ receipt: Receipt; told: Told }> {
    const receipt = await this.commands.execute(call, tenantId, command);
    const told = await this.commands.told(call, tenantId, receipt);
    // A replay tells of the secrets of that time, and others may have come since.
    if (!isReplayed(receipt)) await this.settle(tenantId, told);
    return { receipt, told };
  }

  private async settle(tenantId: string, told: Told): Promise<void> {
    const { endpoint_id, secrets } = factsOf(told);
    const { data } = told.fact;
    const before = ('webhook_endpoint' in data && 'previous' in data && data.previous.secrets) || [];
    if (before.length === 0) return;
    const ended = before.map(({ secret_id }) => secret_id);
    const present = secrets.map(({ secret_id }) => secret_id);
    await this.secrets.settle(tenantId, endpoint_id, present, ended);
  }

  private async resource(tenantId: string, told: Told): Promise<WebhookEndpointResource> {
    const secretId = factsOf(told).secrets[0]?.secret_id ?? '';
    const row = { ...webhookEndpointTold(told), secret_masked: secretId };
    const [shown] = await this.shown(tenantId, [row as unknown as Resource]);
    return shown as unknown as WebhookEndpointResource;
  }
}

/** A page of the tenant plane whose rows still hold ids of secrets. */
export const jsonAnswer = (call: Call, body: unknown): string => {
  void call.reply.header('content-type', JSON_TYPE);
  return JSON.stringify(body);
};
