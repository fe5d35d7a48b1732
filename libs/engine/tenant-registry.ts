import { createHash } from 'node:crypto';
import { ledgerStream } from '#domain/codec.js';
import { refuse } from '#domain/decision.js';
import { idOf } from '#domain/ids.js';
import type { Sealed } from '#domain/decision.js';
import type { Issuer } from '#domain/commands.js';
import type { IdempotencyRecord } from '#domain/ledger.js';
import type { CreateTenant } from '#domain/tenants/create-tenant.js';
import type { Environment } from '#domain/tenants/tenants.js';
import type { Instant } from '#domain/time.js';
import { NO_STREAM, type EventStore } from '#event-store/event-store.js';
import { PlatformStream, type MadeUnder, type PlatformEvent, type PlatformFact } from './platform-stream.js';
import {
  OutcomePending,
  type Clock,
  type CommandRequest,
  type Engine,
  type Receipt,
  type SubjectVault,
} from './ports.js';

/** What is asked of a new tenant; its id and its partner's are made here. */
export interface TenantRegistration {
  /** Without a workspace, one of its own is made. */
  readonly terms: Omit<CreateTenant['data'], 'tenant_id' | 'partner_id' | 'workspace_id'> & {
    readonly workspace_id?: string;
  };
  readonly twinOf?: string | null;
  readonly issuer: Issuer;
  readonly actor: string;
  readonly requestId: string | null;
  readonly apiVersion: string | null;
  readonly ip: string | null;
  readonly idempotency: Omit<IdempotencyRecord, 'events' | 'part'> | null;
  readonly dryRun?: boolean;
}

/** The receipt is that of the tenant's own first command; the ids mean something only where it is not a refusal. */
export interface Registered {
  readonly tenantId: string;
  readonly workspaceId: string;
  readonly receipt: Receipt;
}

export interface RegisteredTenant {
  readonly tenantId: string;
  readonly workspaceId: string;
  readonly environment: Environment;
  readonly twinOf: string | null;
  readonly registeredAt: Instant;
}

export interface Sweep {
  readonly finished: readonly string[];
  /** Tenants that are still half done, and why. */
  readonly failed: readonly { readonly tenantId: string; readonly cause: unknown }[];
}

export interface KnownWorkspace {
  readonly workspaceId: string;
  readonly createdAt: Instant;
  /** Sealed under the workspace; null where it has none. */
  readonly sealedName: Sealed | null;
}

export interface NamedWorkspace extends Pick<KnownWorkspace, 'workspaceId' | 'createdAt'> {
  readonly name: string | null;
}

type RegisteredFact = Extract<PlatformFact, { type: 'TenantRegistered' }>['data'];

interface Known extends RegisteredTenant {
  readonly fact: RegisteredFact;
}

/** All that the creation takes besides the tenant's id: sealed in the registration, so that anyone can finish it. */
type Creation = Omit<CommandRequest, 'tenantId' | 'command'> & { readonly command: CreateTenant };

const HEADS_AT_ONCE = 16;
const PENDING_MS = 10_000;

/**
 * Makes tenants: first TenantRegistered in the platform's stream, then TenantCreated in the tenant's own. A crash between
 * the two leaves a half-done one, which the same key or the sweep at start finishes. It is also the list of tenants.
 */
export class TenantRegistry {
  readonly #platform: PlatformStream;
  readonly #tenants = new Map<string, Known>();
  readonly #workspaces = new Map<string, KnownWorkspace>();
  /** What was made under a key: `tenant` or `workspace` and its id. */
  readonly #byKey = new Map<string, { readonly made: MadeUnder; readonly id: string }>();

  constructor(
    private readonly store: EventStore,
    private readonly engine: Engine,
    private readonly vault: SubjectVault,
    clock: Clock,
  ) {
    this.#platform = new PlatformStream(store, clock, (event) => this.#fold(event));
  }

  /** Every tenant that was registered, oldest first. Rejects with `NotTaken`. */
  async tenants(): Promise<readonly RegisteredTenant[]> {
    await this.#platform.refresh();
    return [...this.#tenants.values()].map(({ fact: _, ...tenant }) => tenant);
  }

  /** Rejects as `Engine.execute` does. The same key and request give the same tenant; a half-done one is finished. */
  async register(request: TenantRegistration): Promise<Registered> {
    await this.#platform.refresh();
    const earlier = await this.#earlier(request);
    if (earlier !== null) return earlier;
    const { workspace_id: wanted, ...terms } = request.terms;
    const tenantId = idOf('tenant', this.#platform.nextUlid());
    const workspaceId = wanted ?? idOf('workspace', this.#platform.nextUlid());
    const ids = {
      tenant_id: tenantId,
      partner_id: idOf('partner', this.#platform.nextUlid()),
      workspace_id: workspaceId,
    };
    const creation = creationOf(request, { type: 'CreateTenant', data: { ...terms, ...ids } });
    if (wanted !== undefined && !this.#workspaces.has(wanted)) {
      const refusal = refuse('invalid_parameter', 'workspace_id', 'No workspace has this id.');
      return { tenantId, workspaceId, receipt: { kind: 'refused', revision: NO_STREAM, refusal } };
    }
    // What would be refused is not registered: nothing could ever finish it.
    const tried = await this.engine.execute({ ...creation, tenantId, idempotency: null, dryRun: true });
    if (tried.kind !== 'dry_run' || request.dryRun === true) return { tenantId, workspaceId, receipt: tried };
    const fact = await this.#factOf(request, tenantId, workspaceId, creation);
    await withinPatience(this.#write(request, fact, wanted === undefined));
    return (
      (await this.#earlier(request)) ?? {
        tenantId,
        workspaceId,
        receipt: await this.engine.execute({ ...creation, tenantId }),
      }
    );
  }

  /** Every workspace, oldest first. Rejects with `NotTaken`. */
  async workspaces(): Promise<readonly NamedWorkspace[]> {
    await this.#platform.refresh();
    return Promise.all([...this.#workspaces.values()].map((one) => this.#named(one)));
  }

  /** The same key gives the same workspace. Null: the key was used with another request. */
  async createWorkspace(
    request: Pick<TenantRegistration, 'actor' | 'requestId' | 'idempotency'> & { readonly name: string | null },
  ): Promise<{ readonly workspace: NamedWorkspace; readonly replayed: boolean } | null> {
    const { actor, requestId, idempotency, name } = request;
    const workspaceId = idOf('workspace', this.#platform.nextUlid());
    const made = madeUnder(idempotency);
    const sealed = name === null ? null : await this.#seal(workspaceId, name);
    await withinPatience(
      this.#platform.write({ actor, request_id: requestId }, () => {
        if (made.key !== null && this.#byKey.has(made.key)) return null;
        return [{ type: 'WorkspaceCreated', data: { ...made, workspace_id: workspaceId, name: sealed } }];
      }),
    );
    const known = made.key === null ? { made, id: workspaceId } : this.#byKey.get(made.key)!;
    const workspace = this.#workspaces.get(known.id);
    if (known.made.request !== made.request || workspace === undefined) return null;
    return { workspace: await this.#named(workspace), replayed: known.id !== workspaceId };
  }

  /** Creates the tenants that were registered and whose own stream never began. Rejects with `NotTaken`. */
  async finishHalfDone(): Promise<Sweep> {
    await this.#platform.refresh();
    const finished: string[] = [];
    const failed: { tenantId: string; cause: unknown }[] = [];
    const known = [...this.#tenants.values()];
    const one = async (tenant: Known): Promise<void> => {
      try {
        if ((await this.store.head(ledgerStream(tenant.tenantId))) !== null) return;
        const receipt = await this.#create(tenant);
        if (receipt.kind === 'committed') finished.push(tenant.tenantId);
        else failed.push({ tenantId: tenant.tenantId, cause: receipt });
      } catch (cause) {
        failed.push({ tenantId: tenant.tenantId, cause });
      }
    };
    for (let i = 0; i < known.length; i += HEADS_AT_ONCE) await Promise.all(known.slice(i, i + HEADS_AT_ONCE).map(one));
    return { finished, failed };
  }

  /** What the request's key made already. Null: nothing, or there is no key. */
  async #earlier({ idempotency }: TenantRegistration): Promise<Registered | null> {
    const known = idempotency === null ? undefined : this.#byKey.get(idempotency.key);
    if (!known) return null;
    const tenant = this.#tenants.get(known.id);
    if (!tenant || known.made.request !== idempotency!.request) {
      return { tenantId: '', workspaceId: '', receipt: { kind: 'key_reused', revision: NO_STREAM } };
    }
    return { tenantId: tenant.tenantId, workspaceId: tenant.workspaceId, receipt: await this.#create(tenant) };
  }

  /** Under a key the tenant's writer itself answers as the first time, whether it exists by now or not. */
  async #create({ tenantId, fact }: Known): Promise<Receipt> {
    const open = await this.vault.opener(tenantId, [fact.creation]);
    const text = open(fact.creation);
    return this.engine.execute({
      ...(text === null ? await this.#erased(tenantId, fact) : asCreation(text)),
      tenantId,
    });
  }

  /** What is left where the partner was erased: the key, which the tenant's writer knows. Nothing is decided by it. */
  async #erased(tenantId: string, { key, request }: RegisteredFact): Promise<Creation> {
    if ((await this.store.head(ledgerStream(tenantId))) === null) {
      throw new Error(`the creation of ${tenantId} can't be opened: its key was erased`);
    }
    const own = ownKey(tenantId);
    const record = { key: key ?? own, request: request ?? own, operation: 'tenants.create', part: null };
    const command = { type: 'CreateTenant', data: { tenant_id: tenantId } } as CreateTenant;
    const issuer = { plane: 'system', keyId: null, entitlement: null } as const;
    return { command, issuer, actor: 'system', requestId: null, apiVersion: null, ip: null, idempotency: record };
  }

  async #factOf(
    { idempotency, terms, twinOf }: TenantRegistration,
    tenantId: string,
    workspaceId: string,
    creation: Creation,
  ): Promise<RegisteredFact> {
    return {
      ...madeUnder(idempotency),
      tenant_id: tenantId,
      workspace_id: workspaceId,
      environment: terms.environment,
      twin_of: twinOf ?? null,
      // Under the partner, whose name is in it: who erases them erases that too.
      creation: await this.#seal(tenantId, JSON.stringify(creation), creation.command.data.partner_id),
    };
  }

  async #named({ workspaceId, createdAt, sealedName }: KnownWorkspace): Promise<NamedWorkspace> {
    if (sealedName === null) return { workspaceId, createdAt, name: null };
    const open = await this.vault.opener(workspaceId, [sealedName]);
    return { workspaceId, createdAt, name: open(sealedName) };
  }

  /** Seals for a tenant or workspace, under it or under one of its subjects, whose key is made now. */
  async #seal(owner: string, text: string, subject = owner): Promise<string> {
    await this.vault.load(owner, [subject]);
    const session = this.vault.session(owner, () => false);
    const sealed = session.seal(text, subject);
    await session.persist();
    return sealed;
  }

  #write({ actor, requestId }: TenantRegistration, fact: RegisteredFact, withWorkspace: boolean): Promise<void> {
    return this.#platform.write({ actor, request_id: requestId }, () => {
      if (fact.key !== null && this.#byKey.has(fact.key)) return null;
      const registered: PlatformFact = { type: 'TenantRegistered', data: fact };
      if (!withWorkspace) return [registered];
      const workspace = { key: null, request: null, workspace_id: fact.workspace_id, name: null };
      return [{ type: 'WorkspaceCreated', data: workspace }, registered];
    });
  }

  #fold(event: PlatformEvent): void {
    const { key, request } = event.data;
    const id = event.type === 'TenantRegistered' ? event.data.tenant_id : event.data.workspace_id;
    if (key !== null) this.#byKey.set(key, { made: { key, request }, id });
    if (event.type === 'WorkspaceCreated') {
      const { workspace_id: workspaceId, name: sealedName } = event.data;
      this.#workspaces.set(workspaceId, { workspaceId, createdAt: event.at, sealedName });
      return;
    }
    const { tenant_id: tenantId, workspace_id: workspaceId, environment, twin_of: twinOf } = event.data;
    this.#tenants.set(tenantId, {
      tenantId,
      workspaceId,
      environment,
      twinOf,
      registeredAt: event.at,
      fact: event.data,
    });
  }
}

const asCreation = (text: string): Creation => JSON.parse(text) as Creation;

const ownKey = (tenantId: string): string => createHash('sha256').update(tenantId).digest('hex');

const madeUnder = (idempotency: { readonly key: string; readonly request: string } | null): MadeUnder => ({
  key: idempotency?.key ?? null,
  request: idempotency?.request ?? null,
});

/** Without a client's key the tenant's id makes one, so that finishing it twice creates it once. */
const creationOf = (request: TenantRegistration, command: CreateTenant): Creation => {
  const { issuer, actor, requestId, apiVersion, ip, idempotency } = request;
  const { tenant_id } = command.data;
  const own = ownKey(tenant_id);
  const record = idempotency ?? { key: own, request: own, operation: 'tenants.create' };
  return { command, issuer, actor, requestId, apiVersion, ip, idempotency: { ...record, part: null } };
};

/** The write goes on when its caller has been told that the outcome is not known yet. */
const withinPatience = async (writing: Promise<void>): Promise<void> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new OutcomePending('the tenant may be registered or not')), PENDING_MS);
  });
  try {
    await Promise.race([writing, late]);
  } finally {
    clearTimeout(timer);
  }
};
