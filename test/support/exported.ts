import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { canonicalJson, type Json } from '#domain/canonical.js';
import { decodeEvent } from '#domain/codec.js';
import { evolve, type LedgerEvent } from '#domain/ledger.js';
import { emptyState, type TenantState } from '#domain/state.js';

const ROOT = resolve(import.meta.dirname, '..', '..');

/** Runs the `daybook` command beside an installation and answers what it printed. */
export const daybook = (dataDir: string, args: readonly string[], env: Record<string, string> = {}): string =>
  execFileSync(process.execPath, [join(ROOT, 'bin', 'daybook.mjs'), ...args], {
    encoding: 'utf8',
    env: { ...process.env, NODE_OPTIONS: '', DAYBOOK_DATA_DIR: dataDir, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    maxBuffer: 2 ** 28,
  });

/** A tenant's whole stream as `daybook export` writes it, decoded. */
export const exportedEvents = (dataDir: string, tenantId: string, env: Record<string, string> = {}): LedgerEvent[] => {
  const folder = mkdtempSync(join(tmpdir(), 'daybook-export-'));
  try {
    const file = join(folder, 'book.ndjson');
    daybook(dataDir, ['export', '--tenant', tenantId, '--out', file], env);
    const [, ...lines] = readFileSync(file, 'utf8').trim().split('\n');
    return lines.slice(0, -1).map((line) => {
      const { hash: _hash, ...envelope } = JSON.parse(line) as { hash: string } & Record<string, Json>;
      return decodeEvent(canonicalJson(envelope));
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

/** The state that a fold from nothing gives: by code that never saw the server's. */
export const folded = (events: Iterable<LedgerEvent>): TenantState => {
  const state = emptyState();
  for (const event of events) evolve(state, event);
  return state;
};
