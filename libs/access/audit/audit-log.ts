import pg from 'pg';
import { isUnstorable, NotCanonical } from '#domain/canonical.js';
import { newUlid } from '../users/secret-tokens.js';
import {
  chainedEntry,
  entryText,
  NO_ENTRY,
  outcomeOf,
  PLATFORM,
  type AuditEntry,
  type NotedCall,
} from './audit-entry.js';

/** Seals personal texts of a tenant, each under its subject's key, in the order given. */
export type SealTexts = (
  tenantId: string,
  texts: readonly { readonly text: string; readonly subject: string }[],
) => Promise<readonly string[]>;

export interface AuditLogOptions {
  readonly seal: SealTexts;
  /** Whether there is such a tenant. */
  readonly exists: (tenantId: string) => Promise<boolean>;
  /** Entries could not be written and are tried again; or, with a number, so many were given up. */
  readonly onTrouble: (error: unknown, lost: number) => void;
  /** Milliseconds in which calls are gathered; 100 unless given. */
  readonly gatherMs?: number;
}

type Draft = Omit<AuditEntry, 'sequence' | 'ip' | 'reason'> & {
  ip: string | null;
  reason: string | null;
  count: number;
};

/** What is written at once: all of it or nothing. Its first id tells later whether it was. */
interface Batch {
  readonly tenantId: string;
  readonly isProven: boolean;
  readonly since: number;
  readonly drafts: readonly Draft[];
}

const GATHER_MS = 100;
const RETRY_MS = 1_000;
/** Calls in memory at most while the database is away; about 500 bytes each. */
const WAITING = 50_000;
/** How long a tenant that is named, and not found, may yet turn up: it may have been made a moment ago. */
const UNFOUND_MS = 10_000;

const ADD = `WITH kept AS (
    INSERT INTO daybook.audit_log
      (tenant_id, audit_id, sequence, entry, hash, actor, outcome, operation, request_id, resource_id, status, count)
    SELECT $1, * FROM unnest($2::text[], $3::bigint[], $4::text[], $5::bytea[], $6::text[], $7::text[], $8::text[],
      $9::text[], $10::text[], $11::smallint[], $12::integer[]))
  UPDATE daybook.audit_heads SET sequence = $13, hash = $14 WHERE tenant_id = $1`;

/**
 * Keeps what the stream of events does not tell of who did what: refused calls, operators' reads, sign-ins. `note` puts a
 * call into an array; every 100 ms the array is written, one transaction for each tenant, as links of the tenant's chain.
 * A crash loses what was noted since: at most 100 ms while the database answers. Accepted writes are none of it: they are
 * events, and never lost. The pool's role is `daybook_app`; rows pass the tenant's row-level security.
 */
export class AuditLog {
  #noted: NotedCall[] = [];
  #unwritten: Batch[] = [];
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> | null = null;
  #lost = 0;

  constructor(
    private readonly pool: Pick<pg.Pool, 'connect'>,
    private readonly options: AuditLogOptions,
  ) {}

  readonly note = (call: NotedCall): void => {
    if (this.#noted.length >= WAITING) {
      this.#lost += 1;
      return;
    }
    this.#noted.push(call);
    if (this.#timer === undefined) this.#later(this.options.gatherMs ?? GATHER_MS);
  };

  /** Writes what was noted so far. Never throws: what can't be written is tried again. */
  async flush(): Promise<void> {
    // What is being written was noted before; what was noted since comes after it.
    while (this.#writing !== null) await this.#writing;
    if (this.#noted.length === 0 && this.#unwritten.length === 0) return;
    this.#writing = this.#write().finally(() => (this.#writing = null));
    await this.#writing;
  }

  /** Writes the rest, once. */
  async close(): Promise<void> {
    await this.flush();
    clearTimeout(this.#timer);
    if (this.#unwritten.length > 0)
      this.#tell(new Error('the audit log could not be written before the end'), this.#held());
  }

  #later(ms: number): void {
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      void this.flush();
    }, ms);
    this.#timer.unref();
  }

  async #write(): Promise<void> {
    const batches = [...this.#unwritten, ...gathered(this.#noted)];
    this.#noted = [];
    this.#unwritten = [];
    let trouble: unknown = null;
    for (const [i, batch] of batches.entries()) {
      try {
        if (!(await this.#isThere(batch))) continue;
        await this.#add(batch);
      } catch (error) {
        trouble = error;
        // Of another tenant's row there may be nothing wrong; of a database that is away there is of all.
        if (isAway(error)) {
          this.#unwritten.push(...batches.slice(i));
          break;
        }
        this.#unwritten.push(batch);
      }
    }
    this.#giveUpBeyond();
    if (trouble !== null || this.#lost > 0) this.#tell(trouble, this.#lost);
    this.#lost = 0;
    if (this.#unwritten.length > 0 && this.#timer === undefined) this.#later(RETRY_MS);
  }

  #tell(error: unknown, lost: number): void {
    this.options.onTrouble(error, lost);
  }

  #held(): number {
    return this.#unwritten.reduce((sum, { drafts }) => sum + drafts.length, 0);
  }

  #giveUpBeyond(): void {
    while (this.#held() > WAITING) this.#lost += this.#unwritten.pop()!.drafts.length;
  }

  /** False: to be left out; or kept for a while, where the tenant may yet turn up. */
  async #isThere(batch: Batch): Promise<boolean> {
    if (batch.isProven || batch.tenantId === PLATFORM) return true;
    if (await this.options.exists(batch.tenantId)) return true;
    if (Date.now() - batch.since < UNFOUND_MS) this.#unwritten.push(batch);
    return false;
  }

  async #add({ tenantId, drafts }: Batch): Promise<void> {
    const sealed = await this.#sealed(tenantId, drafts);
    const client = await this.pool.connect();
    try {
      const head = await lockHead(client, tenantId, drafts[0]!.id);
      if (head === null) await client.query('ROLLBACK');
      else {
        await client.query(ADD, rowsOf(tenantId, head, sealed));
        await client.query('COMMIT');
      }
      client.release();
    } catch (error) {
      // In a transaction whose state nobody knows, with a tenant set: not for the next one.
      client.release(true);
      throw error;
    }
  }

  /** A user's address is the user's and goes with their key; all else belongs to the tenant. */
  async #sealed(tenantId: string, drafts: readonly Draft[]): Promise<Omit<AuditEntry, 'sequence'>[]> {
    const texts: { text: string; subject: string }[] = [];
    const asked = (text: string | null, subject: string): number | null =>
      text === null ? null : texts.push({ text, subject }) - 1;
    const places = drafts.map(({ actor, ip, reason }) => ({
      ip: asked(ip, actor.startsWith('usr_') ? actor : tenantId),
      reason: asked(reason, tenantId),
    }));
    const sealed = texts.length === 0 ? [] : await this.options.seal(tenantId, texts);
    const at = (place: number | null): string | null => (place === null ? null : sealed[place]!);
    return drafts.map((draft, i) => ({ ...draft, ip: at(places[i]!.ip), reason: at(places[i]!.reason) }));
  }
}

interface Head {
  readonly sequence: string;
  readonly hash: Buffer;
  readonly written: boolean;
}

/** Where the chain stands, held until the transaction ends; null where this batch is in it already. */
const lockHead = async (client: pg.PoolClient, tenantId: string, first: string): Promise<Head | null> => {
  const tenant = pg.escapeLiteral(tenantId);
  const results = (await client.query(
    `BEGIN; SET LOCAL daybook.tenant = ${tenant};
     INSERT INTO daybook.audit_heads (tenant_id, sequence, hash)
       VALUES (${tenant}, 0, decode(repeat('00', 32), 'hex')) ON CONFLICT DO NOTHING;
     SELECT sequence, hash, EXISTS (SELECT FROM daybook.audit_log l
         WHERE l.tenant_id = ${tenant} AND l.audit_id = ${pg.escapeLiteral(first)}) AS written
       FROM daybook.audit_heads WHERE tenant_id = ${tenant} FOR UPDATE`,
  )) as unknown as readonly pg.QueryResult<Head>[];
  const head = results.at(-1)?.rows[0];
  if (head === undefined) throw new Error(`the audit chain of ${tenantId} has no head`);
  return head.written ? null : head;
};

const rowsOf = (tenantId: string, head: Head, drafts: readonly Omit<AuditEntry, 'sequence'>[]): unknown[] => {
  let sequence = Number(head.sequence);
  let hash: Uint8Array = sequence === 0 ? NO_ENTRY : head.hash;
  const links = drafts.map((draft) => {
    sequence += 1;
    const text = entryText({ ...draft, sequence });
    hash = chainedEntry(hash, text);
    return { sequence, text, hash };
  });
  const column = (name: keyof Draft): unknown[] => drafts.map((draft) => draft[name]);
  return [
    tenantId,
    column('id'),
    links.map((link) => link.sequence),
    links.map((link) => link.text),
    links.map((link) => link.hash),
    column('actor'),
    column('outcome'),
    column('operation'),
    column('request_id'),
    column('resource_id'),
    column('status'),
    column('count'),
    sequence,
    hash,
  ];
};

/** By tenant, in the order in which they were noted. */
const gathered = (noted: readonly NotedCall[]): Batch[] => {
  const batches = new Map<string, { isProven: boolean; readonly since: number; readonly drafts: Draft[] }>();
  const repeated = new Map<string, Draft>();
  for (const call of noted) {
    const { tenantId, isProven, at } = call;
    let batch = batches.get(tenantId);
    if (batch === undefined) batches.set(tenantId, (batch = { isProven, since: at, drafts: [] }));
    batch.isProven ||= isProven;
    // These can be made as fast as the wire carries them: no limit stands before the first, and the second is one.
    const repeats = call.status === 401 || call.status === 429;
    const name = repeats ? `${tenantId} ${call.actor} ${call.operation} ${call.code} ${call.ip}` : null;
    const before = name === null ? undefined : repeated.get(name);
    if (before !== undefined) {
      before.count += 1;
      continue;
    }
    const draft = draftOf(call);
    if (name !== null) repeated.set(name, draft);
    batch.drafts.push(draft);
  }
  return [...batches].map(([tenantId, batch]) => ({ tenantId, ...batch }));
};

/** Of a text that can't be stored the rest: nothing that was called is left out for how it was spelt. */
const storable = (text: string | null): string | null =>
  text === null || !isUnstorable(text) ? text : Buffer.from(text).toString().replaceAll('\0', '\ufffd');

const draftOf = (call: NotedCall): Draft => ({
  id: `aud_${newUlid(call.at)}`,
  tenant_id: call.tenantId,
  at: new Date(call.at).toISOString(),
  actor: call.actor,
  operation: call.operation,
  outcome: outcomeOf(call.status),
  status: call.status,
  code: call.code,
  count: 1,
  resource_id: storable(call.resourceId),
  reason: storable(call.reason),
  request_id: storable(call.requestId) ?? '',
  api_version: call.apiVersion,
  ip: call.ip,
});

/** No connection, or one that broke: PostgreSQL's own errors have five characters and are of one statement. */
const isAway = (error: unknown): boolean => {
  if (error instanceof NotCanonical) return false;
  const { code } = error as { readonly code?: unknown };
  return typeof code !== 'string' || code.length !== 5 || code.startsWith('57') || code.startsWith('08');
};
