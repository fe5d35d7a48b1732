import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { decodeEvent, ledgerStream } from '#domain/codec.js';
import type { Installation } from '#installation/installation.js';
import { pendingErasures, type PendingErasure } from '#projections/erasures/erasures.queries.js';
import type { Resource } from '../reads.js';
import { PERSONAL_ROWS } from './blanked.js';

/** What an erasure that is in the stream leads to. */
export interface ErasingPort {
  /** Drops the subject's key for good, and takes away what was rendered of them. Repeating it changes nothing. */
  erase(tenantId: string, subjectId: string): Promise<void>;
}

const LOOK_EVERY_MS = 2_000;
/** Until no instance opens anything under the dropped key any more (the vault's `noticeErasuresMs`), and some. */
const SETTLED_AFTER_MS = 1_500;
/**
 * Until no delivery is under way any more whose body was written before: what came of it is kept when it ends. The longest
 * attempt, what a worker remembers of an event, and some.
 */
const DELIVERED_AFTER_MS = 30_000;
/** How long a request waits for its rows; the rest is done behind it. */
const PATIENCE_MS = 2_000;

const DONE = `UPDATE daybook.subject_keys SET rows_blanked_at = now()
  WHERE tenant_id = $1 AND subject = $2 AND erased_at IS NOT NULL`;

// What was sent stays told as sent; its bytes are gone.
const DROP_SENT = `UPDATE daybook.delivery_attempts a SET body = '\\x', excerpt = '', answer_headers = '{}'
  FROM daybook.deliveries d
  WHERE a.tenant_id = $1 AND d.tenant_id = $1 AND d.delivery_id = a.delivery_id AND d.revision = ANY ($2::bigint[])
    AND (length(a.body) > 0 OR a.excerpt <> '' OR a.answer_headers <> '{}')`;

/** Where texts of a subject are: rows by their table, and the events that hold them. */
interface Found {
  readonly rows: ReadonlyMap<string, ReadonlySet<string>>;
  readonly revisions: readonly number[];
}

/**
 * Makes an erasure true outside the stream (DECISIONS 5, 77). The event says it; the key is dropped, and what was rendered
 * before is found by reading the tenant's stream once, for only that knows which texts are whose. A second pass comes once no
 * instance can render anything under the key any more, the last once no delivery that was rendered before is under way. A
 * crash in between loses nothing: the event is found again.
 */
export class Erasures implements ErasingPort {
  /** Whose second pass was made here, and whose last is still to come. */
  private readonly settled = new Set<string>();

  constructor(
    private readonly installation: Pick<Installation, 'pools' | 'store' | 'vault'>,
    private readonly logger: Logger,
  ) {}

  async erase(tenantId: string, subjectId: string): Promise<void> {
    await this.installation.vault.erase(tenantId, subjectId);
    const first = this.blank(tenantId, subjectId).catch((err: unknown) => this.later(err));
    await Promise.race([first, sleep(PATIENCE_MS, undefined, { ref: false })]);
  }

  /** Completes what is left of all erasures, until it is told to end. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.look().catch((err: unknown) => this.later(err));
      await sleep(LOOK_EVERY_MS, undefined, { signal, ref: false }).catch(() => undefined);
    }
  }

  /** Once. */
  async look(): Promise<void> {
    const { pools } = this.installation;
    const ended = new Set(
      (await pendingErasures(pools.engine, DELIVERED_AFTER_MS)).filter(({ settled }) => settled).map(nameOf),
    );
    for (const pending of await pendingErasures(pools.engine, SETTLED_AFTER_MS)) {
      // One that can't be completed keeps no other from it.
      await this.complete(pending, ended).catch((err: unknown) => this.later(err, pending));
    }
  }

  private async complete(pending: PendingErasure, ended: ReadonlySet<string>): Promise<void> {
    const { pools, vault } = this.installation;
    const { tenantId, subjectId } = pending;
    const name = nameOf(pending);
    await vault.erase(tenantId, subjectId);
    if (!pending.settled || (this.settled.has(name) && !ended.has(name))) return;
    await this.blank(tenantId, subjectId);
    this.settled.add(name);
    if (!ended.has(name)) return;
    await pools.engine.query(DONE, [tenantId, subjectId]);
    this.settled.delete(name);
  }

  private later(err: unknown, of?: PendingErasure): void {
    const whose = of === undefined ? {} : { tenant_id: of.tenantId, subject_id: of.subjectId };
    this.logger.warn(
      { err, ...whose },
      'what was rendered of an erased subject could not be blanked; it is tried again',
    );
  }

  private async blank(tenantId: string, subjectId: string): Promise<void> {
    const { rows, revisions } = await this.find(tenantId, subjectId);
    for (const { table, id, blank, also } of PERSONAL_ROWS) {
      for (const row of rows.get(table) ?? []) {
        await this.blankRow(table, id, [tenantId, row], blank);
        if (also !== undefined) await this.installation.pools.projector.query(also, [tenantId, row]);
      }
    }
    await this.installation.pools.projector.query(DROP_SENT, [tenantId, revisions]);
  }

  private async find(tenantId: string, subjectId: string): Promise<Found> {
    const mark = `s1.${subjectId}.`;
    const rows = new Map<string, Set<string>>(PERSONAL_ROWS.map(({ table }) => [table, new Set()]));
    const revisions: number[] = [];
    for await (const page of this.installation.store.read(ledgerStream(tenantId), 0)) {
      for (const event of page) {
        const text = event.text;
        if (!text.includes(mark)) continue;
        revisions.push(event.revision);
        const { data } = decodeEvent(text);
        for (const { table, facts } of PERSONAL_ROWS) {
          for (const [id, said] of facts(data)) if (JSON.stringify(said).includes(mark)) rows.get(table)?.add(id);
        }
      }
    }
    return { rows, revisions };
  }

  /** Without a lock that the projector could wait for: where it was faster, the row is looked at again. */
  private async blankRow(
    table: string,
    id: string,
    key: readonly [tenantId: string, id: string],
    blank: (resource: Resource) => Resource,
  ): Promise<void> {
    const { projector } = this.installation.pools;
    const where = `WHERE tenant_id = $1 AND ${id} = $2`;
    for (;;) {
      const { rows } = await projector.query<{ resource: string }>(`SELECT resource FROM daybook.${table} ${where}`, [
        ...key,
      ]);
      const before = rows[0]?.resource;
      if (before === undefined) return;
      const after = JSON.stringify(blank(JSON.parse(before) as Resource));
      if (after === before) return;
      const { rowCount } = await projector.query(
        `UPDATE daybook.${table} SET resource = $3 ${where} AND resource = $4`,
        [...key, after, before],
      );
      if (rowCount === 1) return;
    }
  }
}

const nameOf = ({ tenantId, subjectId }: PendingErasure): string => `${tenantId}/${subjectId}`;
