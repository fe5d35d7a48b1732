import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { LocalAdminTokens } from '#access/admin-tokens.js';
import type { Permission } from '#contract/scopes.js';
import { adminKeyFile } from '#installation/installation.js';
import type { Configuration } from '#platform/configuration.js';
import { UsedWrongly } from './outcome.js';

/** The installation that runs in the data folder, as an operator calls it. */
export interface Running {
  readonly baseUrl: string;
  /** Sends an operator's request with the rights that the path needs. Throws where nothing answers. */
  get(path: string): Promise<Response>;
}

const baseUrlOf = (configuration: Configuration): string => {
  try {
    const file = join(configuration.dataDir, 'credentials.json');
    return (JSON.parse(readFileSync(file, 'utf8')) as { base_url: string }).base_url;
  } catch {
    // Roles that run apart write no credentials file.
    return `http://${configuration.host}:${configuration.port}`;
  }
};

/** A token of a few minutes, signed with the installation's own key. */
export const operatorToken = async (
  configuration: Configuration,
  permissions: readonly Permission[],
  ttlSeconds: number,
  operator: string,
): Promise<string> => {
  if (configuration.admin.jwksUrl !== null) {
    throw new UsedWrongly("Operators' tokens are signed by DAYBOOK_ADMIN_ISSUER here; ask that issuer for one.");
  }
  // Made by a start, never here: a token signed with a key that no server knows would open nothing.
  if (!existsSync(adminKeyFile(configuration.dataDir))) {
    throw new UsedWrongly(`There is no installation in ${configuration.dataDir}. Start it, or set DAYBOOK_DATA_DIR.`);
  }
  const { issuer, audience } = configuration.admin;
  const tokens = await LocalAdminTokens.open(adminKeyFile(configuration.dataDir), { issuer, audience });
  return tokens.signAdminToken({ operatorId: operator, permissions, ttlSeconds });
};

export const findRunning = async (configuration: Configuration): Promise<Running> => {
  const baseUrl = baseUrlOf(configuration);
  const token = await operatorToken(configuration, ['view_tenants'], 600, 'cli');
  return {
    baseUrl,
    get: async (path) => {
      let response: Response;
      try {
        response = await fetch(`${baseUrl}${path}`, { headers: { authorization: `Bearer ${token}` } });
      } catch (error) {
        const cause = (error as Error).cause;
        throw new UsedWrongly(
          `No installation answers at ${baseUrl} (${cause instanceof Error ? cause.message : (error as Error).message}). ` +
            'Start it with: npm start',
        );
      }
      if (!response.ok) {
        const body = (await response.json().catch(() => null)) as {
          error?: { code?: string; message?: string };
        } | null;
        throw new UsedWrongly(`${path} answered ${response.status}: ${body?.error?.message ?? 'no message'}`);
      }
      return response;
    },
  };
};
