import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** `<data dir>/credentials.json`: what a first user needs. Mode 0600. */
export interface Credentials {
  readonly base_url: string;
  readonly admin_token: string;
  readonly tenants: readonly CredentialsTenant[];
}

export interface CredentialsTenant {
  readonly id: string;
  readonly name: string;
  readonly environment: 'live' | 'sandbox';
  readonly api_key: string;
}

export const credentialsFile = (dataDir: string): string => path.join(dataDir, 'credentials.json');

/** Null before the first start came to its end. */
export const readCredentials = (dataDir: string): Credentials | null => {
  try {
    return JSON.parse(readFileSync(credentialsFile(dataDir), 'utf8')) as Credentials;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
};

/** Appears whole or not at all, so that whoever waits for it never reads half of it. */
export const writeCredentials = (dataDir: string, credentials: Credentials): void => {
  const file = credentialsFile(dataDir);
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, `${JSON.stringify(credentials, null, 2)}\n`, { mode: 0o600 });
  renameSync(draft, file);
};
