import type { KeyObject } from 'node:crypto';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import type { EntitlementMap } from '#domain/entitlements/entitlements.js';
import type { Clock, Engine } from '#engine/ports.js';
import type { EventStore } from '#event-store/event-store.js';
import type { Access, VersionOf } from '#platform/http/principal.js';
import type { HostAndPort } from '#webhooks/egress.js';
import type { KeySecrets } from './api-keys/api-keys.js';
import type { WebhookKey } from '#webhooks/signing.js';
import type { FollowingTerms } from './events/following.js';
import type { AuditChain } from './audit/audit-chain.js';
import type { Opener } from './commands.js';
import type { ErasingPort } from './erasure/erasures.js';
import type { Probe } from './installation/installation.controller.js';
import type { Reads } from './reads.js';
import type { TenantRegistration } from './tenants/tenant-registration.js';
import type { UserAccess } from './users/user-access.js';
import type { Workspaces } from './workspaces/workspaces.js';
import type { EndpointSecrets } from './webhooks/endpoint-secrets.js';
import type { WebhookDesk } from './webhooks/webhook-desk.js';
import type { KeptReads } from './versions/recent-reads.js';
import type { VersionUses } from './versions/version-uses.js';

/** What became of it; `too_far` and `key_reused`: nothing was moved. Times in ms. */
export type ClockMoved =
  | { readonly kind: 'moved'; readonly offsetMs: number; readonly nowMs: number; readonly replayed: boolean }
  | { readonly kind: 'too_far' | 'key_reused' };

/** Business time that a sandbox key may move (DECISIONS 19). */
/** An Ed25519 key pair. */
export interface CheckpointKey {
  readonly private: KeyObject;
  readonly public: KeyObject;
}

export interface SettableClock extends Clock {
  /** How far (ms) it is ahead of the time of day. */
  readonly offsetMs: number;
  /** Moves it forward for the whole installation; of all that comes under the key of `once`, once. */
  advance(ms: number, once: { readonly key: string; readonly request: string } | null): Promise<ClockMoved>;
}

/** What the API is given by the process that it runs in. It opens nothing and closes nothing of it. */
export interface ApiDependencies {
  readonly engine: Engine;
  readonly reads: Reads;
  /** Opens what is sealed in events. */
  readonly vault: Opener;
  readonly access: Access;
  /** The API version that a tenant's calls without a header are answered in. */
  readonly versionOf: VersionOf;
  /** Lets this instance know at once that a tenant pinned another version. */
  readonly noteVersion: (tenantId: string, version: string) => void;
  /** Which changes between versions had anything to do in which tenant's traffic. */
  readonly versionUses: VersionUses;
  /** What sandbox tenants read last. */
  readonly recentReads: KeptReads;
  /** Lets the guard of reads know what was just changed here. */
  readonly noteEntitlements: (tenantId: string, map: EntitlementMap, revision: number) => void;
  /** Business time: what is due, in force, expired. */
  readonly clock: Clock;
  /** The same clock, where it can be set; null where it can't. */
  readonly settableClock: SettableClock | null;
  readonly tenants: TenantRegistration;
  readonly keySecrets: KeySecrets;
  readonly endpointSecrets: EndpointSecrets;
  readonly webhookDesk: WebhookDesk;
  /** Hosts and ports that webhooks may go to whatever their address: `DAYBOOK_WEBHOOK_ALLOW`. */
  readonly webhookAllow: readonly HostAndPort[];
  /** Webhook endpoints that a tenant may have: `DAYBOOK_WEBHOOK_ENDPOINTS`. */
  readonly mostEndpoints: number;
  /** What webhook deliveries may be signed with, beside the endpoint's secret. */
  readonly webhookKeys: readonly WebhookKey[];
  /** How long callers may wait for events, and how many; null: as usual. */
  readonly following: FollowingTerms | null;
  readonly users: UserAccess;
  readonly workspaces: Workspaces;
  readonly erasing: ErasingPort;
  readonly keys: {
    /** 32 bytes: requests are fingerprinted under secrets made of it (DECISIONS 14). */
    readonly requests: Uint8Array;
    /** 32 bytes: cursors are authenticated with it. The same on all instances. */
    readonly cursors: Uint8Array;
    /** 32 bytes: the console's sessions are sealed with it. The same on all instances. */
    readonly console: Uint8Array;
  };
  /** What the events do not tell of who did what. */
  readonly audit: AuditChain;
  /** Signs checkpoints of tenants' streams. */
  readonly checkpointKey: CheckpointKey;
  /** Tenants' streams, to be read as they are stored. */
  readonly store: EventStore;
  readonly probes: readonly Probe[];
  readonly metrics: Registry;
  readonly logger: Logger;
  /** `DAYBOOK_TRUSTED_PROXIES` */
  readonly trustedProxies: readonly string[];
  /** Name of the version header: `DAYBOOK_VERSION_HEADER`. */
  readonly versionHeader: string;
}
