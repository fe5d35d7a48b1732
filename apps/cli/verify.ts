import { readFileSync } from 'node:fs';
import { NotABook } from '#proof/not-a-book.js';
import { verifyReceipt } from '#proof/receipt.js';
import { verifyFile, type VerifiedBook } from '#proof/verify-file.js';
import { Wrong } from '#proof/wrong.js';
import { FoundWrong, UsedWrongly } from './outcome.js';
import { progressOf } from './progress.js';

export interface VerifyArguments {
  readonly json: boolean;
  readonly key?: string;
  readonly checkpoint?: string;
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

/** Verifies an exported book: no server, no network. Throws `FoundWrong` naming the first revision that is wrong. */
export const verify = (file: string, options: VerifyArguments): void => {
  const { json, key, checkpoint } = options;
  const published = checkpoint === undefined ? undefined : readable(checkpoint, () => readFileSync(checkpoint, 'utf8'));
  const bar = progressOf('verify', json);
  try {
    const book = readable(file, () => verifyFile(file, { key, published, onProgress: bar.update }));
    bar.end();
    process.stdout.write(json ? `${JSON.stringify(asJson(book))}\n` : `${inWords(file, book)}\n`);
  } catch (error) {
    bar.end();
    if (error instanceof NotABook) throw new UsedWrongly(error.message);
    if (!(error instanceof Wrong)) throw error;
    const { revision, what } = error;
    if (json) process.stdout.write(`${JSON.stringify({ verified: false, revision, message: what })}\n`);
    throw new FoundWrong(`${file}: ${error.message}`);
  }
};
