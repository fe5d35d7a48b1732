import { Inject, Injectable } from '@nestjs/common';
import type { ApiKeyFacts } from '#domain/api-keys/api-keys.js';
import type { CreateApiKey } from '#domain/api-keys/create-api-key.js';
import type { RotateApiKey } from '#domain/api-keys/rotate-api-key.js';
import type { Receipt } from '#engine/ports.js';
import type { Call } from '#platform/http/call.js';
import { Problem } from '#platform/http/problem.js';
import { Commands, type Told } from '../commands.js';
import { apiKeyTold } from '../rendering.js';
import type { Reads, Resource } from '../reads.js';
import type { TenantRegistration } from '../tenants/tenant-registration.js';
import { API_KEYS, READS, TENANTS } from '../tokens.js';
import type { CreateApiKeyBody, RotateApiKeyBody, UpdateApiKeyBody } from './api-keys.dto.js';

type KeyEnvironment = 'live' | 'sandbox';

/**
 * Secrets of keys and the rows that the guard reads; `libs/access` and `libs/vault` wired together. Their order is that of
 * `ApiKeyCredentials`: no crash leaves a key that opens what no event allows.
 */
export interface KeySecrets {
  mint(environment: KeyEnvironment): { readonly keyId: string; readonly fullKey: string };
  reserve(tenantId: string, fullKey: string): Promise<void>;
  /** False: the row is newer, or there is none. */
  settle(tenantId: string, facts: ApiKeyFacts, revision: number): Promise<boolean>;
  restrict(
    tenantId: string,
    keyId: string,
    to: { readonly isActive?: false; readonly expiresAt?: string },
  ): Promise<void>;
  discard(tenantId: string, keyId: string): Promise<void>;
  lastUsed(tenantId: string): Promise<ReadonlyMap<string, Date>>;
  /** Keeps a secret for a replay of the same keyed request (DECISIONS 15). */
  keep(call: Call, tenantId: string, keyId: string, fullKey: string): Promise<void>;
  /** The secret that a keyed request made; null: not kept, or too long ago. */
  kept(call: Call, tenantId: string, keyId: string): Promise<string | null>;
  /** From now on a replay answers the key's secret as null. */
  forget(tenantId: string, keyId: string): Promise<void>;
}

/** How often the key's present facts are read where the row may be ahead of the read model, and the pause in between. */
const RESTORE_ROUNDS = 5;
const RESTORE_PAUSE_MS = 40;

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const isReplayed = (receipt: Receipt): boolean => receipt.kind === 'committed' && receipt.replayed;

const ENVIRONMENT_OF = { live: 'live', prod: 'live', sandbox: 'sandbox', test: 'sandbox' } as const;

const factsOf = ({ fact }: Told): ApiKeyFacts => {
  if (!('api_key' in fact.data)) throw new TypeError(`${fact.type} is about no key`);
  return fact.data.api_key;
};

/** Refused for good: asking again would come to the same. */
const isFinal = (error: unknown): boolean => error instanceof Problem && error.details.retryAfterMs === undefined;

@Injectable()
export class ApiKeys {
  constructor(
    @Inject(Commands) private readonly commands: Commands,
    @Inject(READS) private readonly reads: Reads,
    @Inject(API_KEYS) private readonly secrets: KeySecrets,
    @Inject(TENANTS) private readonly tenants: TenantRegistration,
  ) {}

  async create(call: Call, tenant: Resource, { prefix, ...terms }: CreateApiKeyBody): Promise<string> {
    const own = tenant.environment as KeyEnvironment;
    const environment = prefix === undefined ? own : ENVIRONMENT_OF[prefix];
    if (environment === 'live' && own === 'sandbox') {
      throw new Problem('invalid_parameter', { param: 'prefix', message: 'This is a sandbox tenant.' });
    }
    // DECISIONS 32: a key for trying out belongs to the tenant's twin, so that it can't touch anything live.
    const tenantId = environment === own ? (tenant.id as string) : await this.tenants.sandboxOf(call, tenant);
    return this.made(call, tenantId, environment, (keyId) => ({
      type: 'CreateApiKey',
      data: { key_id: keyId, ...terms },
    }));
  }

  /** Another key in the place of one, which opens for `overlap_seconds` more. */
  rotate(call: Call, tenant: Resource, keyId: string, { overlap_seconds = 0 }: RotateApiKeyBody): Promise<string> {
    // Keys end in real time, whatever the clock of the installation's business says.
    const overlapUntil = overlap_seconds === 0 ? null : new Date(Date.now() + overlap_seconds * 1_000).toISOString();
    return this.made(call, tenant.id as string, tenant.environment as KeyEnvironment, (newKeyId) => ({
      type: 'RotateApiKey',
      data: { key_id: keyId, new_key_id: newKeyId, overlap_until: overlapUntil },
    }));
  }

  async delete(call: Call, tenantId: string, keyId: string): Promise<void> {
    await this.secrets.restrict(tenantId, keyId, { isActive: false });
    try {
      const receipt = await this.commands.execute(call, tenantId, { type: 'DeleteApiKey', data: { key_id: keyId } });
      const told = await this.commands.told(call, tenantId, receipt);
      await this.secrets.settle(tenantId, factsOf(told), told.revision);
      await this.secrets.forget(tenantId, keyId);
    } catch (error) {
      if (isFinal(error)) await this.restore(tenantId, keyId);
      throw error;
    }
  }

  /** Makes a key by a command that is given its id, and answers it with its secret. */
  private async made(
    call: Call,
    tenantId: string,
    environment: KeyEnvironment,
    commandFor: (keyId: string) => CreateApiKey | RotateApiKey,
  ): Promise<string> {
    const { keyId, fullKey } = this.secrets.mint(environment);
    await this.secrets.reserve(tenantId, fullKey);
    await this.secrets.keep(call, tenantId, keyId, fullKey);
    const { receipt, told } = await this.decided(call, tenantId, keyId, commandFor(keyId));
    const facts = factsOf(told);
    const isReplay = facts.key_id !== keyId;
    // A replay tells of the key of that time; the one just made is not needed.
    if (isReplay) await this.secrets.discard(tenantId, keyId);
    // Whatever else the command changed, before the new key opens: a rotated one ends.
    if (receipt.kind === 'committed') {
      for (const { data, revision } of receipt.events) {
        if (!('api_key' in data)) continue;
        await this.secrets.settle(tenantId, data.api_key, revision);
        if (data.api_key.key_id !== facts.key_id) await this.secrets.forget(tenantId, data.api_key.key_id);
      }
    }
    const shown = isReplay ? await this.secrets.kept(call, tenantId, facts.key_id) : fullKey;
    return JSON.stringify({ full_key: shown, key: apiKeyTold(told) });
  }

  async update(call: Call, tenantId: string, keyId: string, body: Omit<UpdateApiKeyBody, 'scopes'>): Promise<string> {
    // What takes rights away holds at once, on every instance, before the ledger says so.
    if (body.is_active === false) await this.secrets.restrict(tenantId, keyId, { isActive: false });
    const { receipt, told } = await this.updated(call, tenantId, keyId, body);
    const isSettled = await this.secrets.settle(tenantId, factsOf(told), told.revision);
    // A replay tells of the key of that time. What has been decided since must hold again, whatever was taken for it.
    if (!isSettled || isReplayed(receipt)) await this.restore(tenantId, keyId);
    const [shown] = await this.withLastUse(tenantId, [{ ...apiKeyTold(told) }]);
    return JSON.stringify(shown);
  }

  /** Last use is no event: it stands beside the ledger. */
  async withLastUse(tenantId: string, keys: readonly Resource[]): Promise<Resource[]> {
    const lastUsed = await this.secrets.lastUsed(tenantId);
    return keys.map((key) => ({ ...key, last_used_at: lastUsed.get(key.id as string)?.toISOString() ?? null }));
  }

  private async updated(
    call: Call,
    tenantId: string,
    keyId: string,
    body: Omit<UpdateApiKeyBody, 'scopes'>,
  ): Promise<{ receipt: Receipt; told: Told }> {
    try {
      const command = { type: 'UpdateApiKey', data: { key_id: keyId, ...body } } as const;
      const receipt = await this.commands.execute(call, tenantId, command);
      return { receipt, told: await this.commands.told(call, tenantId, receipt) };
    } catch (error) {
      if (body.is_active === false && isFinal(error)) await this.restore(tenantId, keyId);
      throw error;
    }
  }

  /**
   * Makes the row say what the ledger says now: gives back what was taken for a change that was refused, or that had
   * been made before. A row that is ahead of the read model takes nothing from it, so it is asked again.
   */
  private async restore(tenantId: string, keyId: string): Promise<void> {
    for (let round = 1; ; round += 1) {
      const { revision, resource } = await this.reads.one(tenantId, 'api_keys', keyId);
      if (resource === null) return;
      const facts = { ...(resource as unknown as ApiKeyFacts), name: null };
      if ((await this.secrets.settle(tenantId, facts, revision)) || round === RESTORE_ROUNDS) return;
      await sleep(RESTORE_PAUSE_MS);
    }
  }

  private async decided(
    call: Call,
    tenantId: string,
    keyId: string,
    command: CreateApiKey | RotateApiKey,
  ): Promise<{ receipt: Receipt; told: Told }> {
    try {
      const receipt = await this.commands.execute(call, tenantId, command);
      return { receipt, told: await this.commands.told(call, tenantId, receipt) };
    } catch (error) {
      // Refused for good. A 503 says nothing of the outcome: the row then waits for the sweep.
      if (error instanceof Problem && error.details.retryAfterMs === undefined)
        await this.secrets.discard(tenantId, keyId);
      throw error;
    }
  }
}
