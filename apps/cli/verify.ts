import { readFileSync } from 'node:fs';
import pg from 'pg';
import type { Configuration } from '#platform/configuration.js';
import { GROUPS, ledgerReading, PROJECTIONS } from '#projections/registry.js';
import { NotABook } from '#proof/not-a-book.js';
import { verifyReceipt } from '#proof/receipt.js';
import { verifyFile, type VerifiedBook } from '#proof/verify-file.js';
import { Wrong } from '#proof/wrong.js';
import { MasterKeys } from '#vault/master-key.js';
import { PostgresSubjectVault } from '#vault/subject-vault.js';
import { openBeside } from './opened.js';
import { FoundWrong, UsedWrongly } from './outcome.js';
import { progressOf } from './progress.js';

export interface VerifyArguments {
  readonly json: boolean;
  readonly key?: string;
  readonly checkpoint?: string;
  readonly receipt?: string;
  readonly against?: string;
}

/** What reading a file throws, as a sentence. */
export const readable = <T>(file: string, read: () => T): T => {
  try {
    return read();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') throw new UsedWrongly(`There is no file ${file}.`);
    if (typeof code === 'string' && /^E[A-Z]+$/.test(code)) throw new UsedWrongly(`${file} can't be read (${code}).`);
    throw error;
  }
};

const asNumber = (sum: bigint): number | string => (sum > BigInt(Number.MAX_SAFE_INTEGER) ? String(sum) : Number(sum));

const asJson = (book: VerifiedBook): object => ({
  verified: true,
  tenant_id: book.tenantId,
  revision: book.revision,
  events: book.revision + 1,
  head_hash: book.headHash,
  root_hash: book.root,
  key: book.key,
  published_size: book.publishedSize,
  accounts: book.accounts,
  trial_balance: book.trialBalance.map(({ currency, debits, credits }) => ({
    currency,
    debits: asNumber(debits),
    credits: asNumber(credits),
  })),
});

const inWords = (file: string, book: VerifiedBook): string => {
  const sums = book.trialBalance.map(
    ({ currency, debits, credits }) => `  ${currency}  debits ${debits}  credits ${credits}`,
  );
  const anchor =
    book.publishedSize === null
      ? 'signed by the key that the file itself names; compare it, or give --key and --checkpoint'
      : `and the ${book.publishedSize} events of the published checkpoint`;
  return [
    `${file}: ${book.tenantId} is true up to revision ${book.revision}: ${book.revision + 1} events, ${book.accounts} accounts`,
    `head ${book.headHash}`,
    `root ${book.root}`,
    `key  ${book.key}`,
    `     ${anchor}`,
    ...sums,
  ].join('\n');
};

/** Does the work, and tells what it found: exit code 1 where something is wrong, 2 where it was asked for wrongly. */
const telling = (file: string, json: boolean, work: () => void): void => {
  try {
    work();
  } catch (error) {
    if (error instanceof NotABook) throw new UsedWrongly(error.message);
    if (!(error instanceof Wrong)) throw error;
    const { revision, what } = error;
    if (json) process.stdout.write(`${JSON.stringify({ verified: false, revision, message: what })}\n`);
    throw new FoundWrong(`${file}: ${error.message}`);
  }
};

const verifyBook = (file: string, { json, key, checkpoint }: VerifyArguments): void => {
  const published = checkpoint === undefined ? undefined : readable(checkpoint, () => readFileSync(checkpoint, 'utf8'));
  const bar = progressOf('verify', json);
  telling(file, json, () => {
    try {
      const book = readable(file, () => verifyFile(file, { key, published, onProgress: bar.update }));
      bar.end();
      process.stdout.write(json ? `${JSON.stringify(asJson(book))}\n` : `${inWords(file, book)}\n`);
    } finally {
      bar.end();
    }
  });
};

const verifyReceiptFile = (file: string, { json, key }: VerifyArguments): void => {
  const text = readable(file, () => readFileSync(file, 'utf8'));
  telling(file, json, () => {
    const { stream, revision, type, size, key: signer } = verifyReceipt(text, key);
    const said = `${file}: revision ${revision} (${type}) is one of the ${size} events of ${stream} that ${signer} signed\n`;
    process.stdout.write(
      json ? `${JSON.stringify({ verified: true, stream, revision, type, size, key: signer })}\n` : said,
    );
  });
};

/** Verifies streams where they are stored, and read models against them; while they are in use. */
const verifyDatabase = async (configuration: Configuration, url: string, json: boolean): Promise<void> => {
  if (!URL.canParse(url) || !/^postgres(ql)?:$/.test(new URL(url).protocol)) {
    throw new UsedWrongly(
      `--against ${url}: write postgres://user:password@host:port/database, of the database’s owner.`,
    );
  }
  const against = await import('./verify-against.js');
  const opened = await openBeside({ ...configuration, databaseUrl: url });
  const projector = { connectionString: opened.urls.projector };
  const pool = new pg.Pool({ ...projector, max: 2 });
  const vault = new PostgresSubjectVault(pool, new MasterKeys(opened.masterKey));
  const tell = (finding: object, said: string): void =>
    void process.stdout.write(json ? `${JSON.stringify(finding)}\n` : `${said}\n`);
  let wrong = 0;
  try {
    for (const tenantId of await against.tenantsOf(projector)) {
      const found = await against.verifyStream(opened.store, tenantId);
      if (found === null) continue;
      wrong++;
      const { revision, what: message } = found;
      tell({ tenant_id: tenantId, revision, table: null, message }, `${tenantId}: ${found.message}`);
    }
    const names = PROJECTIONS.map(({ name }) => name);
    const reading = ledgerReading((tenantId, sealed) => vault.opener(tenantId, sealed));
    const bar = progressOf('compare', json);
    const options = { store: opened.store, owner: { connectionString: url }, projector, reading, groups: GROUPS };
    const findings = await against.compareReadModels(names, options, (_name, done, total) => bar.update(done, total));
    bar.end();
    for (const finding of findings) {
      const where = finding.revision === null ? '' : `revision ${finding.revision}: `;
      tell(finding, `${where}${finding.table}: ${finding.message}`);
    }
    wrong += findings.length;
  } finally {
    await pool.end();
    await opened.close();
  }
  if (wrong > 0) throw new FoundWrong(`${wrong} found that is not as the streams say.`);
  tell({ verified: true }, 'Every stream is true, and every read model is what its stream says.');
};

/**
 * Verifies an exported book, a receipt, or a database. The first two need no server and no network. Throws `FoundWrong` naming
 * the first revision that is wrong.
 */
export const verify = async (
  configuration: () => Configuration,
  file: string | undefined,
  options: VerifyArguments,
): Promise<void> => {
  const { receipt, against, json } = options;
  const asked = [file, receipt, against].filter((one) => one !== undefined);
  if (asked.length !== 1) throw new UsedWrongly('Name a file, --receipt <file> or --against <database url>.');
  if (receipt !== undefined) verifyReceiptFile(receipt, options);
  else if (against !== undefined) await verifyDatabase(configuration(), against, json);
  else verifyBook(file as string, options);
};
