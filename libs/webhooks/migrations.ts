import { readFileSync } from 'node:fs';

const sql = (file: string): string => readFileSync(new URL(file, import.meta.url), 'utf8');

/** This room's tables, in the order they are made. None is derived from the stream: no rebuild touches them. */
export const WEBHOOKS_MIGRATIONS: readonly { readonly name: string; readonly sql: string }[] = [
  { name: 'webhooks-secrets', sql: sql('./webhook-secrets.sql') },
  { name: 'webhooks-deliveries', sql: sql('./deliveries.sql') },
];
