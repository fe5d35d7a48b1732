import { setTimeout as sleep } from 'node:timers/promises';
import { API_VERSIONS, type ApiVersion } from '#contract/api-versions.js';
import { noticesAt, type NoticeResource } from '#contract/versions/published-versions.js';
import type { AnnounceApiVersion } from '#domain/api-versions/announce-api-version.js';
import type { Clock, Engine } from '#engine/ports.js';
import type { Mail } from '#platform/mail/mail.js';
import type { Resource } from '../reads.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const AT_ONCE = 100;

/** Which tenants were told of a version: `ToldTenants` of `libs/access`. */
export interface ToldTenants {
  /** Of these tenants those that were not told of it. */
  untold(version: string, tenantIds: readonly string[]): Promise<readonly string[]>;
  /** Whether it was this one that came to tell the tenant. */
  claim(version: string, tenantId: string): Promise<boolean>;
}

export interface ReleaseNoticePorts {
  /** Ids of all tenants. */
  readonly tenants: () => Promise<readonly string[]>;
  /** The tenant as operators see it; null: not known yet. */
  readonly tenant: (tenantId: string) => Promise<Resource | null>;
  readonly told: ToldTenants;
  readonly engine: Engine;
  readonly mail: Mail;
  readonly clock: Clock;
  readonly baseUrl: () => string;
  readonly onTrouble: (error: unknown, tenantId: string | null) => void;
  readonly versions?: readonly ApiVersion[];
}

const letterOf = ({ title, message, url }: NoticeResource): { readonly subject: string; readonly text: string } => ({
  subject: title,
  text: `${message}\n\nHow to migrate: ${url}\n\nYour calls stay in the version that they are in until you pin another one.\n`,
});

/**
 * Tells the tenants that were there when a version shipped of it, in the 30 days after: by an event of their own, which
 * their endpoints get, and a letter to the contact on file. The event is the ledger's, and stands once whoever writes it;
 * only then is the letter claimed, so that there is one at most.
 */
export class ReleaseNotices {
  constructor(private readonly ports: ReleaseNoticePorts) {}

  async run(signal: AbortSignal): Promise<void> {
    // Not at once: a process that starts has its own address first.
    for (let pause = MINUTE_MS; !signal.aborted; pause = HOUR_MS) {
      await sleep(pause, undefined, { signal, ref: false }).catch(() => undefined);
      if (!signal.aborted) await this.look(signal).catch((error: unknown) => this.ports.onTrouble(error, null));
    }
  }

  async look(signal?: AbortSignal): Promise<void> {
    const { clock, baseUrl, told, versions = API_VERSIONS } = this.ports;
    const notices = noticesAt(versions, clock.now(), baseUrl());
    if (notices.length === 0) return;
    const tenants = await this.ports.tenants();
    for (const notice of notices) {
      const release = releaseOf(notice, versions);
      for (let i = 0; i < tenants.length && signal?.aborted !== true; i += AT_ONCE) {
        for (const tenantId of await told.untold(release.api_version, tenants.slice(i, i + AT_ONCE))) {
          // One whose writer takes no commands keeps nobody else waiting; it is tried again within the hour.
          await this.tell(tenantId, notice, release).catch((error: unknown) => this.ports.onTrouble(error, tenantId));
        }
      }
    }
  }

  private async tell(tenantId: string, notice: NoticeResource, release: AnnounceApiVersion['data']): Promise<void> {
    const { engine, mail, told } = this.ports;
    const tenant = await this.ports.tenant(tenantId);
    // Whoever came later began with this version, or chose an older one.
    if (tenant === null || Date.parse(String(tenant.created_at)) >= Date.parse(notice.starts_at)) return;
    const receipt = await engine.execute({
      tenantId,
      command: { type: 'AnnounceApiVersion', data: release },
      issuer: { plane: 'system', keyId: null, entitlement: null },
      actor: 'system',
      requestId: null,
      apiVersion: null,
      ip: null,
      idempotency: null,
    });
    if (receipt.kind !== 'committed' && receipt.kind !== 'unchanged') return;
    if (!(await told.claim(release.api_version, tenantId))) return;
    const { email } = (tenant.partner ?? {}) as { email?: string | null };
    if (typeof email === 'string') mail.post({ to: email, about: tenantId, ...letterOf(notice) });
  }
}

const releaseOf = ({ version }: NoticeResource, versions: readonly ApiVersion[]): AnnounceApiVersion['data'] => {
  const at = versions.findIndex(({ date }) => date === version);
  return {
    api_version: version,
    supersedes: versions[at - 1]?.date ?? null,
    changes: (versions[at]?.changes ?? []).map(({ id }) => id),
  };
};
