import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { canonicalJson, type Json } from '#domain/canonical.js';
import { decodeEvent } from '#domain/codec.js';
import { evolve } from '#domain/ledger.js';
import { emptyState, type TenantState } from '#domain/state.js';
import { FoundWrong, UsedWrongly } from './outcome.js';

interface Header {
  readonly format: string;
  readonly tenant_id: string;
  readonly previous_hash: string;
}

interface Footer {
  readonly count: number;
  readonly head_hash: string;
}

type Line = { readonly hash: string } & Record<string, Json>;

export interface ReplayReport {
  readonly tenant_id: string;
  readonly revision: number;
  readonly events: number;
  readonly head_hash: string;
  readonly accounts: number;
  /** Σ of all balances by side; equal in a true book. */
  readonly trial_balance: readonly { readonly currency: string; readonly debits: Sum; readonly credits: Sum }[];
}

/** Exact: a decimal text beyond ±(2^53 − 1), where a number of JSON would be rounded. */
type Sum = number | string;

const told = (sum: bigint): Sum => (sum > BigInt(Number.MAX_SAFE_INTEGER) ? sum.toString() : Number(sum));

const trialBalance = (state: TenantState): ReplayReport['trial_balance'] => {
  const sums = new Map<string, { debits: bigint; credits: bigint }>();
  for (const { terms, balance } of state.accounts.values()) {
    const sum = sums.get(terms.currency) ?? { debits: 0n, credits: 0n };
    // A balance below zero stands on the other side.
    const onDebit = (terms.normalSide === 'debit') === balance >= 0;
    sum[onDebit ? 'debits' : 'credits'] += BigInt(Math.abs(balance));
    sums.set(terms.currency, sum);
  }
  return [...sums]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([currency, { debits, credits }]) => ({ currency, debits: told(debits), credits: told(credits) }));
};

const parsed = <T>(line: string, what: string): T => {
  try {
    return JSON.parse(line) as T;
  } catch {
    throw new FoundWrong(`${what} is not JSON`);
  }
};

class Folder {
  readonly state = emptyState();
  events = 0;
  hash: Buffer;

  constructor(readonly header: Header) {
    this.hash = Buffer.from(header.previous_hash, 'hex');
  }

  /** Hash, order and fold of one line; throws `FoundWrong` naming the revision. */
  event({ hash, ...envelope }: Line): void {
    const next = this.state.head.value.revision + 1;
    const canonical = canonicalJson(envelope);
    this.hash = createHash('sha256').update(this.hash).update(canonical).digest();
    if (this.hash.toString('hex') !== hash)
      throw new FoundWrong(`revision ${next}: its hash does not follow from the one before`);
    if (envelope['revision'] !== next)
      throw new FoundWrong(`revision ${next} is missing: the file goes on with ${String(envelope['revision'])}`);
    try {
      evolve(this.state, decodeEvent(canonical));
    } catch (error) {
      throw new FoundWrong(`revision ${next}: ${(error as Error).message}`);
    }
    this.events++;
  }

  report(): ReplayReport {
    return {
      tenant_id: this.header.tenant_id,
      revision: this.state.head.value.revision,
      events: this.events,
      head_hash: this.hash.toString('hex'),
      accounts: this.state.accounts.size,
      trial_balance: trialBalance(this.state),
    };
  }
}

const readHeader = (line: string): Header => {
  const header = parsed<Header>(line, 'the first line');
  if (header.format !== 'daybook.export/1') throw new UsedWrongly('This is no export of a ledger (daybook.export/1).');
  return header;
};

const checkFooter = (folder: Folder, footer: Footer): void => {
  if (footer.count !== folder.events || footer.head_hash !== folder.hash.toString('hex')) {
    throw new FoundWrong(`the file ends after ${folder.events} events, its last line speaks of ${footer.count}`);
  }
};

/** Folds an exported stream from nothing: what it comes to, or the first revision that is wrong. */
export const replayFile = async (file: string, until: number = Number.MAX_SAFE_INTEGER): Promise<ReplayReport> => {
  const lines = createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY });
  let folder: Folder | null = null;
  let ended = false;
  for await (const line of lines) {
    if (folder === null) folder = new Folder(readHeader(line));
    else {
      const content = parsed<Line | Footer>(line, `the line after revision ${folder.state.head.value.revision}`);
      ended = 'head_hash' in content;
      if (folder.state.head.value.revision >= until) return folder.report();
      if (ended) checkFooter(folder, content as Footer);
      else folder.event(content as Line);
    }
  }
  if (folder === null) throw new UsedWrongly(`${file} is empty.`);
  if (!ended)
    throw new FoundWrong(`the file breaks off after revision ${folder.state.head.value.revision}: it has no last line`);
  return folder.report();
};

export const replay = async (
  file: string,
  options: { readonly until?: number; readonly json: boolean },
): Promise<void> => {
  const report = await replayFile(file, options.until).catch((error: unknown) => {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') throw new UsedWrongly(`There is no file ${file}.`);
    if (code !== undefined) throw new UsedWrongly(`${file} can't be read (${code}).`);
    throw error;
  });
  if (options.json) {
    process.stdout.write(`${JSON.stringify(report)}\n`);
    return;
  }
  const sums = report.trial_balance.map(
    ({ currency, debits, credits }) => `  ${currency}  debits ${debits}  credits ${credits}`,
  );
  process.stdout.write(
    `${report.tenant_id} at revision ${report.revision}: ${report.events} events, ${report.accounts} accounts\n` +
      `head ${report.head_hash}\n${sums.join('\n')}\n`,
  );
};
