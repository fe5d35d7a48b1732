/** The whole API over a real engine and a store in memory: requests go in by `inject`, without a socket. */
import { generateKeyPairSync } from 'node:crypto';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { NEWEST_API_VERSION } from '#contract/api-versions.js';
import { PERMISSION_NAMES, SCOPE_NAMES } from '#contract/scopes.js';
import { ledgerStream } from '#domain/codec.js';
import { idOf } from '#domain/ids.js';
import { UlidSequence } from '#engine/identifiers.js';
import { LedgerEngine } from '#engine/ledger-engine.js';
import type { Engine } from '#engine/ports.js';
import { MemorySnapshots, StreamIndexes } from '#engine/spec-support.js';
import { MemoryEventStore } from '#event-store/memory.js';
import type { Access, AuthFailure, Principal } from '#platform/http/principal.js';
import type { Principal as CallerPrincipal } from '#access/principal.js';
import { ProcessCounters } from '#access/rate-limits/counters.js';
import { missingRight } from '#access/rights.js';
import { Addresses } from '#access/users/addresses.js';
import { Passwords } from '#access/users/passwords.js';
import { RefreshTokens } from '#access/users/secret-tokens.js';
import { Sessions } from '#access/users/sessions.js';
import { UserCredentials } from '#access/users/user-credentials.js';
import { UserTokens } from '#access/users/user-tokens.js';
import { MemorySubjectVault } from '#vault/memory-subject-vault.js';
import { MemoryAuditChain } from './audit/spec-audit-chain.js';
import { createApi, type Api } from './create-api.js';
import type { FollowingTerms } from './events/following.js';
import type { KeySecrets } from './api-keys/api-keys.js';
import type { ClockMoved, SettableClock } from './dependencies.js';
import { KnownTraits } from './tenant-traits.js';
import type { TenantTerms } from './tenants/tenant-registration.js';
import { checkAnswer } from './spec-answers.js';
import { MemoryReads } from './spec-reads.js';
import { webhookKey } from '#webhooks/signing.js';
import type { RecentRead } from '#access/version-uses/recent-reads.js';
import type { VersionUse } from '#access/version-uses/version-uses.js';
import type { UserAccess } from './users/user-access.js';
import type { Workspace, Workspaces } from './workspaces/workspaces.js';
import type { EndpointSecrets } from './webhooks/endpoint-secrets.js';
import type { WebhookDesk } from './webhooks/webhook-desk.js';
import type { KeptReads } from './versions/recent-reads.js';
import type { VersionUses } from './versions/version-uses.js';

const ids = new UlidSequence();
const newId = (kind: Parameters<typeof idOf>[0]): string => idOf(kind, ids.next(Date.now()));

export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  // Specs look into bodies of every shape.
  readonly body: Record<string, unknown> & { readonly error?: Record<string, unknown> };
  readonly text: string;
}

export interface SendOptions {
  readonly key?: string | null;
  readonly headers?: Readonly<Record<string, string>>;
  readonly credential?: string | null;
}

const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const CHECKPOINT_KEY = { private: privateKey, public: publicKey };

const TOKEN = 'operator-token';

/** So that whoever follows events is soon done with. */
const BRIEFLY: FollowingTerms = { maxWaitMs: 100, heartbeatMs: 5, streamMs: 20, stallMs: 60_000, perTenant: 50 };

/** Credentials by their text: what the guard is told without a database. */
class KnownCredentials implements Access {
  readonly known = new Map<string, Principal | AuthFailure>();
  /** Replaced where a spec limits its callers. */
  count: Access['count'] = () => null;
  isEntitled: Access['isEntitled'] = () => true;
  countStranger: Access['countStranger'] = () => null;

  async authenticate(
    headers: Readonly<Record<string, string | string[] | undefined>>,
  ): Promise<Principal | AuthFailure> {
    const { authorization, 'x-api-key': apiKey } = headers;
    if (authorization !== undefined && apiKey !== undefined) return { code: 'ambiguous_credentials' };
    const text = apiKey ?? authorization;
    if (text === undefined) return { code: 'missing_auth' };
    if (apiKey === undefined && !String(text).startsWith('Bearer ')) return { code: 'malformed_authorization' };
    return this.known.get(String(text).replace('Bearer ', '')) ?? { code: 'invalid_key' };
  }

  missingRight: Access['missingRight'] = (principal, operation) =>
    missingRight(principal as CallerPrincipal, operation);
}

/** A table that takes whatever is written and in which nobody is found: nobody signs in where there is no database. */
const nobodysRows = {
  query: () => Promise.resolve({ rows: [], rowCount: 1 }),
} as unknown as ConstructorParameters<typeof UserCredentials>[0];

const nobodysAccess = (): UserAccess => {
  const key = new Uint8Array(32);
  const passwords = new Passwords();
  return {
    credentials: new UserCredentials(nobodysRows, passwords),
    sessions: new Sessions(nobodysRows, new UserTokens(key), new RefreshTokens(key)),
    passwords,
    addresses: new Addresses(key),
    attempts: new ProcessCounters(),
    mail: { post: () => undefined, close: () => Promise.resolve() },
    dashboardUrl: null,
  };
};

/** Workspaces in memory; a tenant's own are not among them. */
class MemoryWorkspaces implements Workspaces {
  private readonly made: Workspace[] = [];

  async create(_call: unknown, name: string): Promise<{ workspace: Workspace; replayed: boolean }> {
    const workspace = { workspaceId: newId('workspace'), name, createdAt: Date.now() };
    this.made.unshift(workspace);
    return { workspace, replayed: false };
  }

  async all(): Promise<readonly Workspace[]> {
    return this.made;
  }
}

/** Secrets of keys in memory. */
class MemoryKeySecrets implements KeySecrets {
  readonly rows = new Map<string, { tenantId: string; fullKey: string; active: boolean; revision: number }>();
  private readonly once = new Map<string, string>();

  mint(environment: string): { keyId: string; fullKey: string } {
    const keyId = newId('api_key');
    return { keyId, fullKey: `qp_sk_${environment}_${keyId.slice(4)}secret` };
  }

  async reserve(tenantId: string, fullKey: string): Promise<void> {
    this.rows.set(`key_${fullKey.split('_')[3]?.slice(0, 26)}`, { tenantId, fullKey, active: false, revision: -1 });
  }

  async settle(_tenantId: string, facts: { key_id: string; is_active: boolean }, revision: number): Promise<boolean> {
    const row = this.rows.get(facts.key_id);
    if (!row || row.revision > revision) return false;
    Object.assign(row, { active: facts.is_active, revision });
    return true;
  }

  async restrict(_tenantId: string, keyId: string): Promise<void> {
    const row = this.rows.get(keyId);
    if (row) row.active = false;
  }

  async discard(_tenantId: string, keyId: string): Promise<void> {
    this.rows.delete(keyId);
  }

  async lastUsed(): Promise<ReadonlyMap<string, Date>> {
    return new Map();
  }

  keep: KeySecrets['keep'] = async (call, _tenantId, keyId, fullKey) => {
    if (call.idempotency) this.once.set(`${call.idempotency.key}/${keyId}`, fullKey);
  };

  kept: KeySecrets['kept'] = async (call, _tenantId, keyId) =>
    this.once.get(`${call.idempotency?.key}/${keyId}`) ?? null;

  async forget(_tenantId: string, keyId: string): Promise<void> {
    for (const kept of this.once.keys()) if (kept.endsWith(`/${keyId}`)) this.once.delete(kept);
  }
}

/** Secrets of webhook endpoints in memory. */
class MemoryEndpointSecrets implements EndpointSecrets {
  private readonly secrets = new Map<string, string>();
  private readonly once = new Map<string, string>();

  keep: EndpointSecrets['keep'] = async (call, _tenantId, _endpointId, { secretId, secret }) => {
    this.secrets.set(secretId, secret);
    if (call.idempotency) this.once.set(`${call.idempotency.key}/${secretId}`, secret);
  };

  kept: EndpointSecrets['kept'] = async (call, _tenantId, secretId) =>
    this.once.get(`${call.idempotency?.key}/${secretId}`) ?? null;

  masked: EndpointSecrets['masked'] = async (_tenantId, ids) =>
    new Map(ids.map((id) => [id, `whsec_****${this.secrets.get(id)?.slice(-4)}`]));

  settle: EndpointSecrets['settle'] = async () => undefined;

  discard: EndpointSecrets['discard'] = async (_tenantId, _endpointId, secretId) => {
    this.secrets.delete(secretId);
  };
}

/** Where nothing was ever delivered. */
const NOTHING_SENT: WebhookDesk = {
  retry: async () => 'missing',
  stats: async () => ({
    total_deliveries: 0,
    success_count: 0,
    failure_count: 0,
    pending_count: 0,
    success_rate: null,
    avg_response_time_ms: null,
    last_success: null,
    last_failure: null,
  }),
  countReplay: async () => 0,
  createReplay: async () => ({ replayId: newId('replay') }),
  cancelReplay: async () => false,
  test: async () => {
    throw new TypeError('there is nobody to send to');
  },
};

/** Business time that a spec moves; it takes no more than a day at once. */
class SpecClock implements SettableClock {
  offsetMs = 0;

  now(): number {
    return Date.now() + this.offsetMs;
  }

  private readonly moves = new Map<string, { readonly request: string; readonly moved: ClockMoved }>();

  async advance(ms: number, once: { readonly key: string; readonly request: string } | null): Promise<ClockMoved> {
    const first = once === null ? undefined : this.moves.get(once.key);
    if (first !== undefined) {
      if (first.request !== once?.request) return { kind: 'key_reused' };
      return first.moved.kind === 'moved' ? { ...first.moved, replayed: true } : first.moved;
    }
    if (ms > 86_400_000) return { kind: 'too_far' };
    this.offsetMs += ms;
    const moved = { kind: 'moved', offsetMs: this.offsetMs, nowMs: this.now(), replayed: false } as const;
    if (once !== null) this.moves.set(once.key, { request: once.request, moved });
    return moved;
  }
}

/** What changes between versions had to do, in memory. */
class MemoryVersionUses implements VersionUses {
  readonly noted = new Map<string, VersionUse[]>();

  note(tenantId: string, operation: string, changes: Iterable<string>): void {
    const rows = this.noted.get(tenantId) ?? [];
    for (const change of changes) {
      const at = rows.findIndex((row) => row.change === change && row.operation === operation);
      const row = { change, operation, uses: (rows[at]?.uses ?? 0) + 1, lastAt: Date.now() };
      rows.splice(at === -1 ? rows.length : at, at === -1 ? 0 : 1, row);
    }
    this.noted.set(tenantId, rows);
  }

  async of(tenantId: string): Promise<readonly VersionUse[]> {
    return this.noted.get(tenantId) ?? [];
  }
}

/** What was read last, in memory. */
class MemoryKeptReads implements KeptReads {
  private readonly reads = new Map<string, RecentRead[]>();

  note(tenantId: string, read: RecentRead): void {
    const before = (this.reads.get(tenantId) ?? []).filter(({ path }) => path !== read.path);
    this.reads.set(tenantId, [read, ...before].slice(0, 50));
  }

  async of(tenantId: string): Promise<readonly RecentRead[]> {
    return this.reads.get(tenantId) ?? [];
  }
}

export class ApiUnderTest {
  readonly store = new MemoryEventStore();
  readonly vault = new MemorySubjectVault();
  readonly credentials = new KnownCredentials();
  readonly keySecrets = new MemoryKeySecrets();
  readonly audit = new MemoryAuditChain();
  readonly versions = new Map<string, string>();
  readonly versionUses = new MemoryVersionUses();
  readonly reads: MemoryReads;
  readonly metrics = new Registry();
  readonly clock = new SpecClock();
  /** What the API talks to: replaced where a spec wants it to fail. */
  engine: Engine;
  private readonly realEngine: LedgerEngine;
  private readonly tenantIds: string[] = [];
  private keys = 0;
  api!: Api;
  /** What the probes say. */
  trouble = {
    fatal: (): Promise<string | null> => Promise.resolve(null),
    warning: (): Promise<string | null> => Promise.resolve(null),
  };

  constructor(private readonly clockIsSettable: boolean) {
    const indexes = new StreamIndexes(this.store);
    this.realEngine = new LedgerEngine({
      store: this.store,
      snapshots: new MemorySnapshots(),
      coldIndex: indexes.cold,
      idempotencyIndex: indexes.idempotency,
      vault: this.vault,
      clock: this.clock,
    });
    this.engine = this.realEngine;
    this.reads = new MemoryReads(this.store, this.vault, () => this.tenantIds);
    this.credentials.known.set(TOKEN, { plane: 'admin', operatorId: 'ops', permissions: new Set(PERMISSION_NAMES) });
  }

  static async start(
    logLevel = 'silent',
    clockIsSettable = false,
    following: FollowingTerms = BRIEFLY,
  ): Promise<ApiUnderTest> {
    const self = new ApiUnderTest(clockIsSettable);
    const traits = new KnownTraits({ traits: (tenantIds) => self.reads.traits(tenantIds) });
    self.credentials.isEntitled = traits.isEntitled;
    self.api = await createApi({
      engine: { execute: (request) => self.engine.execute(request) },
      reads: self.reads,
      vault: self.vault,
      access: self.credentials,
      versionOf: (tenantId) => self.versions.get(tenantId) ?? NEWEST_API_VERSION,
      versionUses: self.versionUses,
      recentReads: new MemoryKeptReads(),
      noteVersion: (tenantId, version) => void self.versions.set(tenantId, version),
      noteEntitlements: traits.noteEntitlements,
      clock: self.clock,
      settableClock: self.clockIsSettable ? self.clock : null,
      tenants: {
        register: (call, terms) => self.register(terms, call.requestId),
        sandboxOf: (_call, live) => self.tenant({ environment: 'sandbox', workspace_id: live.workspace_id as string }),
      },
      users: nobodysAccess(),
      workspaces: new MemoryWorkspaces(),
      erasing: self.vault,
      audit: self.audit,
      store: self.store,
      checkpointKey: CHECKPOINT_KEY,
      keySecrets: self.keySecrets,
      endpointSecrets: new MemoryEndpointSecrets(),
      webhookDesk: NOTHING_SENT,
      webhookAllow: [],
      mostEndpoints: 1_000,
      webhookKeys: [webhookKey(new Uint8Array(32))],
      following,
      keys: { requests: new Uint8Array(32), cursors: new Uint8Array(32).fill(1), console: new Uint8Array(32).fill(2) },
      probes: [
        { name: 'store', trouble: () => self.trouble.fatal() },
        { name: 'read models', severity: 'warning', trouble: () => self.trouble.warning() },
      ],
      metrics: self.metrics,
      logger: pino({ level: logLevel }),
      trustedProxies: [],
      versionHeader: 'QairoPay-Version',
    });
    return self;
  }

  async close(): Promise<void> {
    await this.api.close();
    await this.realEngine.drain();
  }

  private readonly environments = new Map<string, 'live' | 'sandbox'>();

  /** A tenant with a key of all scopes, whose text is the tenant's id. */
  async tenant(terms: Partial<TenantTerms> = {}): Promise<string> {
    const { tenantId } = await this.register({
      name: 'Acme',
      environment: 'live',
      default_currency: 'NGN',
      timezone: 'UTC',
      api_version: NEWEST_API_VERSION,
      partner: { name: 'Jo', email: 'jo@acme.example', tier: 'enterprise' },
      ...terms,
    });
    this.environments.set(tenantId, terms.environment ?? 'live');
    this.key(tenantId, SCOPE_NAMES, tenantId);
    return tenantId;
  }

  key(tenantId: string, scopes: readonly string[], text = `${tenantId}-${scopes.join('-')}`): string {
    const environment = this.environments.get(tenantId) ?? 'live';
    const callerId = newId('api_key');
    this.credentials.known.set(text, { plane: 'tenant', tenantId, environment, callerId, scopes: new Set(scopes) });
    return text;
  }

  operator(permissions: readonly string[]): string {
    const text = `operator-${permissions.join('-')}`;
    this.credentials.known.set(text, { plane: 'admin', operatorId: text, permissions: new Set(permissions) });
    return text;
  }

  async head(tenantId: string): Promise<number> {
    return (await this.store.head(ledgerStream(tenantId)))?.revision ?? -1;
  }

  /** As the tenant, with a fresh idempotency key on a POST. */
  async send(tenantId: string, method: string, url: string, body?: unknown, options: SendOptions = {}): Promise<Reply> {
    const { key, headers = {}, credential = tenantId } = options;
    const isRaw = typeof body === 'string' || Buffer.isBuffer(body);
    const response = await this.api.app.inject({
      method: method as 'GET',
      url,
      headers: {
        ...(credential === null ? {} : { authorization: `Bearer ${credential}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(key === null || (key === undefined && method !== 'POST')
          ? {}
          : { 'idempotency-key': key ?? `spec-${++this.keys}` }),
        ...headers,
      },
      ...(body === undefined ? {} : { payload: isRaw ? body : JSON.stringify(body) }),
    });
    const isJson = String(response.headers['content-type']).includes('application/json');
    if (isJson) checkAnswer(method, url, response.statusCode, response.json(), response.headers['qairopay-version']);
    return {
      status: response.statusCode,
      headers: response.headers,
      body: (isJson ? response.json() : {}) as Reply['body'],
      text: response.body,
    };
  }

  admin(method: string, path: string, body?: unknown, options: SendOptions = {}): Promise<Reply> {
    return this.send(TOKEN, method, `/api/v1/admin/tenants${path}`, body, { key: null, ...options });
  }

  /** Opens an account and answers its id. */
  async account(tenantId: string, more: object = {}): Promise<string> {
    const body = { account_name: 'Ada', wallet_type: 'customer', currency: 'NGN', ...more };
    return (await this.send(tenantId, 'POST', '/v1/accounts', body)).body.id as string;
  }

  /** A customer's account with money on it. */
  async funded(tenantId: string, amount = 10_000): Promise<string> {
    const float = await this.account(tenantId, { wallet_type: 'float', allow_negative: true });
    const id = await this.account(tenantId);
    await this.send(tenantId, 'POST', '/v1/transactions', {
      type: 'deposit',
      amount,
      currency: 'NGN',
      source: float,
      destination: id,
    });
    return id;
  }

  private async register(terms: TenantTerms, requestId: string | null = null) {
    const tenantId = newId('tenant');
    this.tenantIds.push(tenantId);
    const receipt = await this.realEngine.execute({
      tenantId,
      command: {
        type: 'CreateTenant',
        data: {
          ...terms,
          tenant_id: tenantId,
          partner_id: newId('partner'),
          workspace_id: terms.workspace_id ?? newId('workspace'),
        },
      },
      issuer: { plane: 'admin', keyId: null, entitlement: null },
      actor: 'ops',
      requestId,
      apiVersion: null,
      ip: null,
      idempotency: null,
    });
    return { tenantId, receipt };
  }
}
