import { readFileSync } from 'node:fs';
import pg from 'pg';
import { ledgerStream } from '#domain/codec.js';
import type { EventStore } from '#event-store/event-store.js';
import { PLATFORM } from '#access/audit/audit-entry.js';
import type { Configuration } from '#platform/configuration.js';
import { GROUPS, ledgerReading, PROJECTIONS } from '#projections/registry.js';
import { NotABook } from '#proof/not-a-book.js';
import { originOf } from '#proof/checkpoint.js';
import { verifyReceipt, type VerifiedReceipt } from '#proof/receipt.js';
import { openReport } from '#proof/signed-report.js';
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
  readonly audit?: boolean;
  /** The report of a closed month, to be made again from the book. */
  readonly report?: string;
}

/** What reading a file throws, as a sentence. */
export const readable = async <T>(file: string, read: () => T | Promise<T>): Promise<T> => {
  try {
    return await read();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') throw new UsedWrongly(`There is no file ${file}.`);
    if (typeof code === 'string' && /^E[A-Z]+$/.test(code)) throw new UsedWrongly(`${file} can't be read (${code}).`);
    throw error;
  }
};

const publishedText = async (file: string | undefined): Promise<string | undefined> =>
  file === undefined ? undefined : readable(file, () => readFileSync(file, 'utf8'));

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
  months: book.months,
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
    ...book.months.map(
      ({ month, revision, sha256 }) =>
        `  ${month}  closed by revision ${revision}, report ${sha256 ?? 'beyond exact numbers'}`,
    ),
  ].join('\n');
};

/** Does the work, and tells what it found: exit code 1 where something is wrong, 2 where it was asked for wrongly. */
const telling = async <T>(file: string, json: boolean, work: () => Promise<T>): Promise<T> => {
  try {
    return await work();
  } catch (error) {
    if (error instanceof NotABook) throw new UsedWrongly(error.message);
    if (!(error instanceof Wrong)) throw error;
    const { revision, what } = error;
    if (json) process.stdout.write(`${JSON.stringify({ verified: false, revision, message: what })}\n`);
    throw new FoundWrong(`${file}: ${error.message}`);
  }
};

/** The month whose report it is: it is signed, and what the book's events come to. Throws `Wrong`. */
const checkReport = async (file: string, book: VerifiedBook, key?: string): Promise<string> => {
  const text = await readable(file, () => readFileSync(file, 'utf8'));
  const { report, sha256 } = openReport(text, originOf(ledgerStream(book.tenantId)), key ?? book.key);
  const due = book.months.find(({ month }) => month === report.month);
  if (due === undefined) throw new Wrong(null, `the book does not close ${report.month}`);
  if (due.sha256 === sha256) return report.month;
  throw new Wrong(due.revision, `the report of ${report.month} is ${due.sha256} by the book, the file’s is ${sha256}`);
};

const verifyBook = async (file: string, { json, key, checkpoint, report }: VerifyArguments): Promise<VerifiedBook> => {
  const published = await publishedText(checkpoint);
  const bar = progressOf('verify', json);
  return telling(file, json, async () => {
    try {
      const book = await readable(file, () => verifyFile(file, { key, published, onProgress: bar.update }));
      bar.end();
      const month = report === undefined ? null : await checkReport(report, book, key);
      const asked = month === null ? '' : `\n  the report of ${month} is what these events come to`;
      process.stdout.write(
        json ? `${JSON.stringify({ ...asJson(book), report: month })}\n` : `${inWords(file, book)}${asked}\n`,
      );
      return book;
    } finally {
      bar.end();
    }
  });
};

const receiptInWords = (file: string, receipt: VerifiedReceipt, isPinned: boolean): string => {
  const { stream, revision, type, size, key, publishedSize } = receipt;
  const whose = isPinned
    ? ''
    : '\n  signed by the key that the receipt itself names; compare it, or give --key and --checkpoint';
  const anchor = publishedSize === null ? whose : `${whose}\n  the published checkpoint is of the same ${size} events`;
  return `${file}: revision ${revision} (${type}) is one of the ${size} events of ${stream} that ${key} signed${anchor}`;
};

const verifyReceiptFile = async (file: string, { json, key, checkpoint }: VerifyArguments): Promise<void> => {
  const text = await readable(file, () => readFileSync(file, 'utf8'));
  const published = await publishedText(checkpoint);
  await telling(file, json, async () => {
    const receipt = verifyReceipt(text, { key, published });
    const { publishedSize: published_size, ...verified } = receipt;
    const said = json
      ? JSON.stringify({ verified: true, ...verified, published_size })
      : receiptInWords(file, receipt, key !== undefined);
    process.stdout.write(`${said}\n`);
  });
};

const checkUrl = (url: string): void => {
  if (URL.canParse(url) && /^postgres(ql)?:$/.test(new URL(url).protocol)) return;
  throw new UsedWrongly(
    `--against ${url}: write postgres://user:password@host:port/database, of the database’s owner.`,
  );
};

interface ExportedBook {
  readonly file: string;
  readonly book: VerifiedBook;
}

/** That the stored stream begins with the book. */
const compareWithBook = (store: EventStore, { file, book }: ExportedBook, json: boolean): Promise<void> =>
  telling(file, json, async () => {
    const { differenceFromBook } = await import('./verify-continued.js');
    const difference = await differenceFromBook(store, file, book);
    if (difference !== null) throw difference;
    const { tenantId: tenant_id, revision } = book;
    const said = `${tenant_id}: the database has the same events up to revision ${revision}, where the book ends`;
    process.stdout.write(json ? `${JSON.stringify({ continues_book: true, tenant_id, revision })}\n` : `${said}\n`);
  });

/** Verifies streams where they are stored, and read models against them; while they are in use. `kept`: what one must begin with. */
const verifyDatabase = async (
  configuration: Configuration,
  url: string,
  json: boolean,
  kept: ExportedBook | null,
): Promise<void> => {
  const against = await import('./verify-against.js');
  const opened = await openBeside({ ...configuration, databaseUrl: url });
  const projector = { connectionString: opened.urls.projector };
  const pool = new pg.Pool({ ...projector, max: 2 });
  const vault = new PostgresSubjectVault(pool, new MasterKeys(opened.masterKey));
  const tell = (finding: object, said: string): void =>
    void process.stdout.write(json ? `${JSON.stringify(finding)}\n` : `${said}\n`);
  let wrong = 0;
  try {
    if (kept !== null) await compareWithBook(opened.store, kept, json);
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
    const { checkDeliveries } = await import('./verify-deliveries.js');
    findings.push(...(await checkDeliveries(projector)));
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
  tell(
    { verified: true },
    'Every stream is true, every read model is what its stream says, and no delivery is there twice.',
  );
};

/** Verifies the chains of the audit log, which no export holds; tells where each stands, for who keeps that elsewhere. */
const verifyAudit = async (configuration: Configuration, json: boolean): Promise<void> => {
  const { tenantsOf } = await import('./verify-against.js');
  const { auditChains } = await import('./verify-audit.js');
  const opened = await openBeside(configuration);
  const tell = (found: object, said: string): void =>
    void process.stdout.write(json ? `${JSON.stringify(found)}\n` : `${said}\n`);
  let wrong = 0;
  try {
    const chains = [PLATFORM, ...(await tenantsOf({ connectionString: opened.urls.projector }))];
    for await (const { tenantId, report } of auditChains({ connectionString: opened.urls.app }, chains)) {
      const tenant_id = tenantId === PLATFORM ? null : tenantId;
      const whose = tenant_id ?? 'the installation';
      if (report.isWhole) {
        const { entries, head } = report;
        const head_hash = Buffer.from(head.hash).toString('hex');
        tell({ verified: true, tenant_id, entries, head_hash }, `${whose}: ${entries} entries, head ${head_hash}`);
      } else {
        const { sequence, fault: message } = report;
        wrong++;
        tell({ verified: false, tenant_id, sequence, message }, `${whose}: entry ${sequence}: ${message}`);
      }
    }
  } finally {
    await opened.close();
  }
  if (wrong > 0) throw new FoundWrong(`${wrong} chains of the audit log are not whole.`);
};

/** An option that would not be looked at is refused: who gave it believes that it was. */
const checkOptions = (file: string | undefined, options: VerifyArguments): void => {
  const { receipt, audit, against, report, key, checkpoint } = options;
  const asked = [file ?? against, receipt, audit].filter((one) => one !== undefined);
  if (asked.length !== 1) {
    throw new UsedWrongly(
      'Name a file, --receipt <file>, --against <database url> or --audit; of these, a file and --against go together.',
    );
  }
  if (against !== undefined) checkUrl(against);
  if (report !== undefined && file === undefined) throw new UsedWrongly('--report goes with a book alone.');
  if (file !== undefined || receipt !== undefined) return;
  if (key !== undefined) throw new UsedWrongly('--key goes with a book or a receipt.');
  if (checkpoint !== undefined) throw new UsedWrongly('--checkpoint goes with a book or a receipt.');
};

/**
 * Verifies an exported book, a receipt, a database, or the audit log; or a book, and that a database goes on from it. A book and
 * a receipt need no server and no network. Throws `FoundWrong` naming the first revision that is wrong.
 */
export const verify = async (
  configuration: () => Configuration,
  file: string | undefined,
  options: VerifyArguments,
): Promise<void> => {
  checkOptions(file, options);
  const { receipt, against, audit, json } = options;
  if (receipt !== undefined) return verifyReceiptFile(receipt, options);
  if (audit !== undefined) return verifyAudit(configuration(), json);
  const kept = file === undefined ? null : { file, book: await verifyBook(file, options) };
  if (against !== undefined) await verifyDatabase(configuration(), against, json, kept);
};
