import pg from 'pg';
import { ledgerStream } from '#domain/codec.js';
import type { LedgerEvent } from '#domain/ledger.js';
import type { EventStore, RecordedEvent } from '#event-store/event-store.js';
import { rebuild, type RebuildOptions } from '#projecting/rebuild.js';
import { Chain } from '#proof/chain.js';
import { readCanonical } from '#proof/envelope.js';
import { Verifier } from '#proof/verifier.js';
import { Wrong } from '#proof/wrong.js';
import { differenceInWords } from './differences.js';

/** Something that is not as the stream says, or the stream itself. */
export interface Finding {
  readonly tenant_id: string | null;
  /** Of a stream. */
  readonly revision: number | null;
  /** Of a read model; null: the stream. */
  readonly table: string | null;
  readonly message: string;
}

const REVERSED = '"type":"TransactionReversed","v":1}';

const openOf = ({ payload }: RecordedEvent): Buffer =>
  Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength - 1);

/** The event that a reversal says it reverses: to be read before the reversal is judged. */
const originalOf = async (store: EventStore, stream: string, event: RecordedEvent): Promise<LedgerEvent | null> => {
  const text = event.text;
  if (!text.endsWith(REVERSED)) return null;
  const { data } = JSON.parse(text) as { data: { original_revision?: unknown } };
  const revision = Number(data.original_revision);
  if (!Number.isSafeInteger(revision) || revision < 0) return null;
  for await (const page of store.read(stream, revision, 1)) {
    const [found] = page;
    return found === undefined || found.revision !== revision ? null : readCanonical(openOf(found));
  }
  return null;
};

/** Verifies a tenant's stream where it is stored. Null: it is true. */
export const verifyStream = async (
  store: EventStore,
  tenantId: string,
  onProgress: (events: number) => void = () => undefined,
): Promise<Wrong | null> => {
  const stream = ledgerStream(tenantId);
  const originals = new Map<number, LedgerEvent>();
  const chain = new Chain();
  const verifier = new Verifier(tenantId, (revision) => originals.get(revision) ?? null);
  let found: Wrong | null = null;
  try {
    for await (const page of store.read(stream, 0)) {
      for (const event of page) {
        const original = await originalOf(store, stream, event);
        if (original !== null) originals.set(original.revision, original);
        const open = openOf(event);
        chain.take({ open, hash: Buffer.from(event.hash).toString('hex') });
        verifier.take(open);
        originals.clear();
      }
      onProgress(verifier.revision + 1);
    }
    const head = await store.head(stream);
    // What was appended since it was read is not what it is about.
    if (head !== null && head.revision === verifier.revision && Buffer.from(head.hash).toString('hex') !== chain.hash)
      found = new Wrong(verifier.revision, 'the store names another head');
  } catch (error) {
    if (!(error instanceof Wrong)) throw error;
    found = error;
  }
  const wrong = verifier.conclude(found);
  verifier.close();
  return wrong;
};

/** Makes read models anew beside the ones in use, compares and leaves them: what differs. */
export const compareReadModels = async (
  names: readonly string[],
  options: Omit<RebuildOptions<LedgerEvent>, 'onCompared' | 'onProgress'>,
  onProgress: (name: string, events: number, ofEvents: number) => void = () => undefined,
): Promise<Finding[]> => {
  const findings: Finding[] = [];
  for (const name of names) {
    const { tables } = await rebuild(name, {
      ...options,
      onProgress: ({ events, ofEvents }) => onProgress(name, events, ofEvents),
      onCompared: () => false,
    });
    for (const { table, differences } of tables) {
      for (const difference of differences) {
        const { tenant_id, revision } = { ...difference.due, ...difference.stands };
        findings.push({
          tenant_id: (tenant_id as string | undefined) ?? null,
          revision: typeof revision === 'number' ? revision : null,
          table,
          message: differenceInWords(difference),
        });
      }
    }
  }
  return findings;
};

/** Tenants that the read models know of. */
export const tenantsOf = async (projector: pg.ClientConfig): Promise<string[]> => {
  const client = new pg.Client(projector);
  await client.connect();
  try {
    const { rows } = await client.query<{ tenant_id: string }>(
      'SELECT DISTINCT tenant_id FROM daybook.tenant_progress ORDER BY tenant_id',
    );
    return rows.map(({ tenant_id }) => tenant_id);
  } finally {
    await client.end();
  }
};
