/** An installation whose roles are processes of their own, asked over HTTP by who asks again until there is an answer. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { LocalAdminTokens } from '#access/admin-tokens.js';
import { PERMISSION_NAMES } from '#contract/scopes.js';
import { adminKeyFile, openInstallation, type Installation } from '#installation/installation.js';
import { readConfiguration } from '#platform/configuration.js';
import { freePort, startPostgres } from '../support/postgres.js';

/** For whoever may be started again meanwhile. */
const PATIENCE_MS = 30_000;

export interface Asked {
  readonly as: string;
  /** The same for each try. */
  readonly key: string;
}

export class SplitInstallation {
  private constructor(
    /** Of all its processes. */
    readonly env: Readonly<Record<string, string>>,
    readonly ownerUrl: string,
    private readonly installation: Installation,
    private readonly operator: string,
    private readonly end: () => Promise<void>,
  ) {}

  static async start(more: Readonly<Record<string, string>>): Promise<SplitInstallation> {
    const server = await startPostgres();
    const dataDir = mkdtempSync(path.join(tmpdir(), 'daybook-split-'));
    const ownerUrl = await server.createDatabase('daybook');
    const env = { DATABASE_URL: ownerUrl, DAYBOOK_DATA_DIR: dataDir, DAYBOOK_PORT: String(await freePort()), ...more };
    const configuration = readConfiguration(env);
    const installation = await openInstallation(configuration, ownerUrl);
    const tokens = await LocalAdminTokens.open(adminKeyFile(dataDir), configuration.admin);
    const operator = await tokens.signAdminToken({ permissions: PERMISSION_NAMES, ttlSeconds: 3_600 });
    return new SplitInstallation(env, ownerUrl, installation, operator, async () => {
      await installation.close();
      await server.stop();
      rmSync(dataDir, { recursive: true, force: true });
    });
  }

  /** Of a process of this role: only the API listens where it is known. */
  envOf(role: string): Record<string, string> {
    return role === 'api' ? { ...this.env } : { ...this.env, DAYBOOK_PORT: '0' };
  }

  /** The id of what was made. Throws for a refusal, and where there is no answer for half a minute. */
  async make(url: string, body: object, { as, key }: Asked): Promise<{ readonly [field: string]: unknown }> {
    const deadline = Date.now() + PATIENCE_MS;
    for (;;) {
      const response = await fetch(`http://127.0.0.1:${this.env.DAYBOOK_PORT}${url}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${as}`, 'content-type': 'application/json', 'idempotency-key': key },
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(PATIENCE_MS),
      }).catch(() => null);
      const text = (await response?.text().catch(() => null)) ?? null;
      if (response?.ok === true && text !== null) return JSON.parse(text) as { readonly [field: string]: unknown };
      const mayYet = response === null || text === null || response.status === 503 || response.status === 409;
      if (!mayYet || Date.now() > deadline) throw new Error(`${url}: ${response?.status ?? 'no answer'} ${text ?? ''}`);
      await new Promise((next) => setTimeout(next, 50));
    }
  }

  /** As the operator, below `/api/v1/admin/tenants`. */
  admin(below: string, body: object, key: string): Promise<{ readonly [field: string]: unknown }> {
    return this.make(`/api/v1/admin/tenants${below}`, body, { as: this.operator, key });
  }

  /** Moves business time, as the route for it does. */
  async advance(ms: number): Promise<void> {
    const text = 'UPDATE daybook.business_clock SET offset_ms = offset_ms + $1';
    await this.installation.pools.engine.query(text, [ms]).catch(() => undefined);
  }

  close(): Promise<void> {
    return this.end();
  }
}
