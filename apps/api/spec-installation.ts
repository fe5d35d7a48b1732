/** The API over a real installation: database, projector and all. Requests go in by `inject`, without a socket. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import { LocalAdminTokens } from '#access/admin-tokens.js';
import { PERMISSION_NAMES } from '#contract/scopes.js';
import { adminKeyFile, openInstallation, type Installation } from '#installation/installation.js';
import { readConfiguration } from '#platform/configuration.js';
import { startPostgres } from '../../test/support/postgres.js';
import { startProjector } from '../projector/projector.js';
import { checkAnswer } from './spec-answers.js';
import type { Reply } from './spec-support.js';
import { openApi, type RunningApi } from './wiring.js';

export interface Sent {
  readonly headers?: Readonly<Record<string, string>>;
  /** Bearer; null: none. */
  readonly as?: string | null;
}

export class InstallationUnderTest {
  readonly log: string[] = [];
  private constructor(
    readonly installation: Installation,
    readonly api: RunningApi,
    readonly operator: string,
    /** Of the database's owner. */
    readonly ownerUrl: string,
    private readonly ending: readonly (() => Promise<unknown> | void)[],
  ) {}

  static async start(env: Readonly<Record<string, string>> = {}): Promise<InstallationUnderTest> {
    const server = await startPostgres();
    const dataDir = mkdtempSync(path.join(tmpdir(), 'daybook-api-'));
    const url = await server.createDatabase('daybook');
    const configuration = readConfiguration({ DATABASE_URL: url, DAYBOOK_DATA_DIR: dataDir, ...env });
    const installation = await openInstallation(configuration, url);
    const log: string[] = [];
    const logger = pino({ level: 'debug' }, { write: (line: string) => void log.push(line) });
    const api = await openApi(installation, { logger });
    const projector = startProjector(installation, logger);
    const tokens = await LocalAdminTokens.open(adminKeyFile(dataDir), configuration.admin);
    const operator = await tokens.signAdminToken({ permissions: PERMISSION_NAMES, ttlSeconds: 3_600 });
    const self = new InstallationUnderTest(installation, api, operator, url, [
      () => api.close(),
      () => projector.stop(),
      () => installation.close(),
      () => server.stop(),
      () => rmSync(dataDir, { recursive: true }),
    ]);
    Object.assign(self, { log });
    return self;
  }

  async close(): Promise<void> {
    for (const end of this.ending) await end();
  }

  async send(method: string, url: string, body?: unknown, { headers = {}, as = null }: Sent = {}): Promise<Reply> {
    const response = await this.api.app.inject({
      method: method as 'GET',
      url,
      headers: {
        ...(as === null ? {} : { authorization: `Bearer ${as}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { payload: JSON.stringify(body) }),
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

  /** As the operator, below `/api/v1/admin/tenants`. */
  admin(method: string, below: string, body?: unknown, headers: Readonly<Record<string, string>> = {}): Promise<Reply> {
    return this.send(method, `/api/v1/admin/tenants${below}`, body, { as: this.operator, headers });
  }

  async tenant(more: object = {}): Promise<{ readonly id: string; readonly workspace_id: string }> {
    const { status, body, text } = await this.admin('POST', '', {
      name: 'Acme Payments Ltd',
      default_currency: 'NGN',
      partner: { name: 'John Doe', email: 'john@acme.example', tier: 'enterprise' },
      ...more,
    });
    if (status !== 201) throw new Error(`no tenant: ${status} ${text}`);
    return body as unknown as { id: string; workspace_id: string };
  }
}
