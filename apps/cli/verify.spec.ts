import { createHash, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { ledgerStream } from '#domain/codec.js';
import { account, deposit, given, tenant } from '#domain/spec-support.js';
import { originOf, signCheckpoint, verifierKey } from '#proof/checkpoint.js';
import { GrowingTree, inclusionPath } from '#proof/merkle.js';
import { FoundWrong, UsedWrongly } from './outcome.js';
import { verify, type VerifyArguments } from './verify.js';

const folder = mkdtempSync(join(tmpdir(), 'daybook-verify-cli-'));
afterAll(() => rmSync(folder, { recursive: true }));

interface Signer {
  readonly private: KeyObject;
  readonly public: KeyObject;
}

const signer = (): Signer => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  return { private: privateKey, public: publicKey };
};

const OURS = signer();
const STRANGER = signer();
const TENANT = 'tnt_01KE6P4YM00000000000000001';
const STREAM = ledgerStream(TENANT);
const ORIGIN = originOf(STREAM);
const KEY = verifierKey(ORIGIN, OURS.public);
const REVISION = 2;

const written = (amount: number): readonly string[] =>
  given(tenant(), account('ada'), account('bob'), deposit('ada', amount), deposit('bob', 5)).book.stored;

/** Hashes of the events, as the chain has them. */
const chained = (stored: readonly string[]): Buffer[] => {
  let hash = Buffer.alloc(32);
  return stored.map((text) => (hash = createHash('sha256').update(hash).update(text).digest()));
};

const rootOf = (hashes: readonly Buffer[]): Buffer => {
  const tree = new GrowingTree();
  for (const hash of hashes) tree.push(hash);
  return tree.root();
};

const STORED = written(70);
const HASHES = chained(STORED);
const SIZE = STORED.length;

const checkpointOf = (hashes: readonly Buffer[], by = OURS, origin = ORIGIN): string =>
  signCheckpoint({ origin, size: hashes.length, root: rootOf(hashes) }, by);

/** What `GET /v1/ledger/receipt?revision=2` answers of a stream with these events. */
const receiptOf = (stored: readonly string[], by = OURS): object => {
  const hashes = chained(stored);
  const inclusion = inclusionPath(REVISION, hashes.length).map(({ from, leaves }) =>
    leaves === 1
      ? createHash('sha256')
          .update(Buffer.from([0]))
          .update(hashes[from]!)
          .digest()
      : rootOf(hashes.slice(from, from + leaves)),
  );
  return {
    format: 'daybook.receipt/1',
    stream: STREAM,
    revision: REVISION,
    event: stored[REVISION],
    previous_hash: hashes[REVISION - 1]!.toString('hex'),
    hash: hashes[REVISION]!.toString('hex'),
    inclusion: inclusion.map((node) => node.toString('base64')),
    checkpoint: { note: checkpointOf(hashes, by), public_key: verifierKey(ORIGIN, by.public) },
  };
};

const kept = (name: string, content: string | object): string => {
  const file = join(folder, name);
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  return file;
};

const none = (): never => {
  throw new Error('a receipt needs no installation');
};

/** What the command writes on standard output. */
const told = async (options: Partial<VerifyArguments>, file?: string): Promise<string> => {
  const written: string[] = [];
  const output = jest.spyOn(process.stdout, 'write').mockImplementation((text) => written.push(String(text)) > 0);
  try {
    await verify(none, file, { json: false, ...options });
  } finally {
    output.mockRestore();
  }
  return written.join('');
};

const receipt = kept('receipt.json', receiptOf(STORED));
const REWRITTEN = written(71);

describe('daybook verify --receipt', () => {
  it('says whose key it is that signed, where none is given', async () =>
    expect(await told({ receipt })).toMatch(
      /revision 2 \(\w+\) is one of the \d+ events.*\n.*the receipt itself names/,
    ));

  it('is true of the checkpoint that was kept of the same events', async () => {
    const checkpoint = kept('same.txt', checkpointOf(HASHES));
    expect(await told({ receipt, checkpoint, key: KEY })).toMatch(`checkpoint is of the same ${SIZE} events`);
    expect(JSON.parse(await told({ receipt, checkpoint, json: true }))).toMatchObject({
      verified: true,
      revision: REVISION,
      size: SIZE,
      published_size: SIZE,
      key: KEY,
    });
  });

  /** Wrong: exit code 1. Misused: 2, with what to do. */
  it.each<[what: string, of: object, checkpoint: string, key: string | undefined, kind: unknown, says: RegExp]>([
    [
      'a stream that was written anew, signed by the same key',
      receiptOf(REWRITTEN),
      checkpointOf(HASHES),
      KEY,
      FoundWrong,
      /revision 2: the published checkpoint of \d+ events is of another tree/,
    ],
    [
      'a receipt that a stranger signed',
      receiptOf(STORED, STRANGER),
      checkpointOf(HASHES),
      undefined,
      FoundWrong,
      /revision 2: the receipt is signed by .*, the published checkpoint is not/,
    ],
    [
      'a receipt that a stranger signed, where the key is known',
      receiptOf(STORED, STRANGER),
      checkpointOf(HASHES),
      KEY,
      FoundWrong,
      /revision 2: the checkpoint is not signed by/,
    ],
    [
      'a checkpoint that a stranger signed',
      receiptOf(STORED),
      checkpointOf(HASHES, STRANGER),
      KEY,
      UsedWrongly,
      /not signed by that key/,
    ],
    [
      'a checkpoint of fewer events',
      receiptOf(STORED),
      checkpointOf(HASHES.slice(0, -1)),
      KEY,
      UsedWrongly,
      /Export the book, verify that with --checkpoint, and compare the hash of revision 2/,
    ],
    [
      'a checkpoint of another tenant',
      receiptOf(STORED),
      checkpointOf(HASHES, OURS, 'daybook/ledger-tnt_x-0'),
      undefined,
      UsedWrongly,
      /is of daybook\/ledger-tnt_x-0, not of/,
    ],
    ['a checkpoint that is none', receiptOf(STORED), 'hello', KEY, UsedWrongly, /checkpoint is none/],
  ])('%s', async (_what, of, published, key, kind, says) => {
    const checkpoint = kept('checkpoint.txt', published);
    const options = { receipt: kept('given.json', of), checkpoint, ...(key === undefined ? {} : { key }) };
    await expect(told(options)).rejects.toThrow(says);
    await expect(told(options)).rejects.toBeInstanceOf(kind as new () => Error);
  });

  it('names a checkpoint file that is not there', async () =>
    expect(told({ receipt, checkpoint: join(folder, 'nowhere') })).rejects.toThrow('There is no file'));

  it('an envelope that is not canonical is wrong, and no fault of the program', async () => {
    const loose = STORED.map((text, i) => (i === REVISION ? text.replace(':', ': ') : text));
    await expect(told({ receipt: kept('loose.json', receiptOf(loose)) })).rejects.toThrow(/revision 2: .*canonical/);
  });
});

describe('daybook verify refuses what it would not look at', () => {
  it.each<[string, Partial<VerifyArguments>, RegExp]>([
    ['--receipt with --report', { receipt, report: 'r.json' }, /--report goes with a book alone/],
    ['--against with --key', { against: 'postgres://u@h/d', key: KEY }, /--key goes with a book or a receipt/],
    ['--receipt with --against', { receipt, against: 'postgres://u@h/d' }, /a file and --against go together/],
    ['nothing', {}, /Name a file/],
    ['an address that is none', { against: 'localhost' }, /write postgres:/],
    ['--audit with --checkpoint', { audit: true, checkpoint: 'c.txt' }, /--checkpoint goes with a book or a receipt/],
  ])('%s', async (_what, options, says) => {
    await expect(told(options)).rejects.toThrow(says);
    await expect(told(options)).rejects.toBeInstanceOf(UsedWrongly);
  });
});
