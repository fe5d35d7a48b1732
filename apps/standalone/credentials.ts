import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
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

/** The demo's tenants whose keys are made, before all of it is. Only the first start that comes to its end needs none. */
const seedingFile = (dataDir: string): string => path.join(dataDir, 'credentials.seeding.json');

const read = (file: string): unknown => {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
};

/** Appears whole or not at all, so that whoever waits for it never reads half of it. */
const write = (file: string, content: unknown): void => {
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 });
  renameSync(draft, file);
};

/** Null before the first start came to its end. */
export const readCredentials = (dataDir: string): Credentials | null =>
  read(credentialsFile(dataDir)) as Credentials | null;

/** Keys are shown once: those of a start that was killed before its end are kept for the next one. */
export const readSeeding = (dataDir: string): readonly CredentialsTenant[] =>
  (read(seedingFile(dataDir)) as readonly CredentialsTenant[] | null) ?? [];

export const writeSeeding = (dataDir: string, tenants: readonly CredentialsTenant[]): void =>
  write(seedingFile(dataDir), tenants);

/** Whoever waits for this file finds a finished installation: it is written last. */
export const writeCredentials = (dataDir: string, credentials: Credentials): void => {
  write(credentialsFile(dataDir), credentials);
  rmSync(seedingFile(dataDir), { force: true });
};
