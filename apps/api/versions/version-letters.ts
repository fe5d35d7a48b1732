import { setTimeout as sleep } from 'node:timers/promises';
import { API_VERSIONS, type ApiVersion } from '#contract/api-versions.js';
import { noticesAt, type NoticeResource } from '#contract/versions/published-versions.js';
import type { Clock } from '#engine/ports.js';
import type { Mail } from '#platform/mail/mail.js';
import type { Resource } from '../reads.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const AT_ONCE = 100;

export interface VersionLetterPorts {
  /** Ids of all tenants. */
  readonly tenants: () => Promise<readonly string[]>;
  /** The tenant as operators see it; null: not known yet. */
  readonly tenant: (tenantId: string) => Promise<Resource | null>;
  /** Of these tenants those that nobody wrote to about this version, now claimed. */
  readonly claim: (version: string, tenantIds: readonly string[]) => Promise<readonly string[]>;
  readonly mail: Mail;
  readonly clock: Clock;
  readonly baseUrl: () => string;
  readonly onTrouble: (error: unknown) => void;
  readonly versions?: readonly ApiVersion[];
}

const letterOf = ({ title, message, url }: NoticeResource): { readonly subject: string; readonly text: string } => ({
  subject: title,
  text: `${message}\n\nHow to migrate: ${url}\n\nYour calls stay in the version that they are in until you pin another one.\n`,
});

/** Writes to each tenant's contact once about a version that shipped in the last 30 days. */
export class VersionLetters {
  constructor(private readonly ports: VersionLetterPorts) {}

  async run(signal: AbortSignal): Promise<void> {
    // Not at once: a process that starts has its own address first.
    for (let pause = MINUTE_MS; !signal.aborted; pause = HOUR_MS) {
      await sleep(pause, undefined, { signal, ref: false }).catch(() => undefined);
      if (!signal.aborted) await this.look().catch(this.ports.onTrouble);
    }
  }

  async look(): Promise<void> {
    const { clock, baseUrl, versions = API_VERSIONS } = this.ports;
    const notices = noticesAt(versions, clock.now(), baseUrl());
    if (notices.length === 0) return;
    const tenants = await this.ports.tenants();
    for (const notice of notices) {
      for (let i = 0; i < tenants.length; i += AT_ONCE) await this.write(notice, tenants.slice(i, i + AT_ONCE));
    }
  }

  private async write(notice: NoticeResource, tenantIds: readonly string[]): Promise<void> {
    const known = await Promise.all(tenantIds.map((tenantId) => this.ports.tenant(tenantId)));
    const contacts = new Map(
      known.flatMap((tenant) => {
        const { email } = (tenant?.partner ?? {}) as { email?: string | null };
        return tenant === null || typeof email !== 'string' ? [] : [[String(tenant.id), email] as const];
      }),
    );
    for (const about of await this.ports.claim(notice.id, [...contacts.keys()])) {
      this.ports.mail.post({ to: contacts.get(about) as string, about, ...letterOf(notice) });
    }
  }
}
