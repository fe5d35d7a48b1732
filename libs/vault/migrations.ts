import { readFileSync } from 'node:fs';

const sql = (file: string): string => readFileSync(new URL(file, import.meta.url), 'utf8');

/** This room's tables, in the order they are made. */
export const VAULT_MIGRATIONS: readonly { readonly name: string; readonly sql: string }[] = [
  { name: 'vault-subject-keys', sql: sql('./subject-keys.sql') },
  { name: 'vault-blanked-rows', sql: sql('./blanked-rows.sql') },
  { name: 'vault-once-only-secrets', sql: sql('./once-only-secrets.sql') },
];
