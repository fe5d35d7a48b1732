import { ulid } from 'ulid';
import type { Installation } from '#installation/installation.js';
import { webhookSecretBox } from '#installation/webhook-secrets.js';
import type { Call } from '#platform/http/call.js';
import { OnceOnlySecrets } from '#vault/once-only.js';
import { newSigningSecret, type Secret } from '#webhooks/signing.js';
import { WebhookSecrets } from '#webhooks/webhook-secrets.js';
import { secretRequest } from '../key-secrets.js';

export interface MintedSecret {
  readonly secretId: string;
  readonly secret: Secret;
}

/**
 * Secrets of webhook endpoints. A secret is kept before the event that names it, so that no crash leaves an endpoint without;
 * one that no event names signs nothing.
 */
export interface EndpointSecrets {
  /** Keeps it, also for a replay of the same keyed request (DECISIONS 15). */
  keep(call: Call, tenantId: string, endpointId: string, minted: MintedSecret): Promise<void>;
  /** The secret that a keyed request made; null: not kept, or too long ago. */
  kept(call: Call, tenantId: string, secretId: string): Promise<string | null>;
  /** How secrets are shown, by their ids. */
  masked(tenantId: string, secretIds: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /** The endpoint signs with these from now on, and a replay shows none of the others (`ended`). */
  settle(tenantId: string, endpointId: string, secretIds: readonly string[], ended: readonly string[]): Promise<void>;
  /** Of a request that came to nothing. */
  discard(tenantId: string, endpointId: string, secretId: string): Promise<void>;
}

export const newEndpointId = (): string => `whk_${ulid()}`;

export const mintSecret = (): MintedSecret => ({ secretId: ulid(), secret: newSigningSecret() });

export const endpointSecretsOver = (installation: Installation): EndpointSecrets => {
  const { pools, masterKeys } = installation;
  const secrets = new WebhookSecrets(pools.auth, webhookSecretBox(installation));
  const onceOnly = new OnceOnlySecrets(pools.auth, masterKeys);
  return {
    keep: async (call, tenantId, endpointId, { secretId, secret }) => {
      await secrets.put(tenantId, endpointId, secretId, secret);
      const request = secretRequest(call, tenantId, secretId);
      if (request !== null) await onceOnly.put(request, secret);
    },
    kept: async (call, tenantId, secretId) => {
      const request = secretRequest(call, tenantId, secretId);
      return request === null ? null : onceOnly.get(request);
    },
    masked: (tenantId, secretIds) => secrets.masked(tenantId, secretIds),
    settle: async (tenantId, endpointId, secretIds, ended) => {
      // A worker may not have heard yet that a secret was replaced, and of one that is gone it needs none.
      await secrets.keepOnly(tenantId, endpointId, secretIds, secretIds.length === 0 ? ended : []);
      for (const secretId of ended) await onceOnly.drop(tenantId, secretId);
    },
    discard: (tenantId, endpointId, secretId) => secrets.discard(tenantId, endpointId, secretId),
  };
};
