import { readFileSync } from 'node:fs';

/** This room's tables, in the order they are made. */
export const ACCESS_MIGRATIONS: readonly { readonly name: string; readonly sql: string }[] = [
  {
    name: 'access-api-key-credentials',
    sql: readFileSync(new URL('./api-key-credentials.sql', import.meta.url), 'utf8'),
  },
  {
    name: 'access-user-credentials',
    sql: readFileSync(new URL('./users/user-credentials.sql', import.meta.url), 'utf8'),
  },
  {
    name: 'access-audit-log',
    sql: readFileSync(new URL('./audit/audit-log.sql', import.meta.url), 'utf8'),
  },
  {
    name: 'access-version-uses',
    sql: readFileSync(new URL('./version-uses/version-uses.sql', import.meta.url), 'utf8'),
  },
  {
    name: 'access-version-letters',
    sql: readFileSync(new URL('./version-uses/version-letters.sql', import.meta.url), 'utf8'),
  },
  {
    name: 'access-recent-reads',
    sql: readFileSync(new URL('./version-uses/recent-reads.sql', import.meta.url), 'utf8'),
  },
];
