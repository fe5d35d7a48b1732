/**
 * What is stored once is read for ever: envelopes, hashes and snapshots of a fixed history, byte for byte.
 *
 * A file of `history-*.jsonl` is one tenant's stream as version 1 of the shapes wrote it, an envelope a line. These files
 * never change. A new type of event, or a new version of one, comes in a file of its own: decide real commands with
 * libs/domain/spec-support.ts and keep what `book.stored` holds.
 */
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { decodeEvent, encodeEvent, ledgerStream } from '#domain/codec.js';
import { IS_PUBLIC } from '#domain/is-public.js';
import type { LedgerEvent } from '#domain/ledger.js';
import { Books, nothingYet } from '#engine/books.js';
import { chained } from '#engine/hash-chain.js';
import { hashKey } from '#engine/key-hash.js';
import { FOLD_VERSION, restoreSnapshot, snapshotParts } from '#engine/snapshots.js';
import { verifyFile } from '#proof/verify-file.js';
import { exportedBook } from '../support/books.js';

interface Golden {
  /** The chain's last hash: made of all envelopes in their order. */
  readonly head: string;
  /** SHA-256 over the parts of the snapshot after the last event, by the `FOLD_VERSION` that made it. */
  readonly snapshots: Readonly<Record<number, string>>;
}

/** By file. A raised FOLD_VERSION adds a digest to each; none that stands here is ever corrected. */
const HISTORIES: Readonly<Record<string, Golden>> = {
  'history-1.jsonl': {
    head: '319560b7c18bc4d3b17099a7bc396578e6b82e35a8bec0f294460cd8d33517e2',
    snapshots: {
      1: '39a4ac597aec9e6a3f1d32e12dc1ecc9a2e11970c096ab235703a4cec80b40b6',
      2: '09c7e0c01be73452cacf7cfe0fec10e988b4ce1759c3c1a67ff8209f47082a01',
      3: 'e6afa90f961d9a613e342b9521bf197b3d5c6f861a0e2fbcdf27a315af4948d4',
    },
  },
  'history-api-versions.jsonl': {
    head: '4f754185263a176a87d8f68094dabb4f8a5462accf9d234c89ad6e8930ada006',
    snapshots: { 3: 'c973969b0905dce6cb7a2bc7f9a701fc1af546097f755f24140fc3f8fe5cd2bc' },
  },
  'history-card-backing.jsonl': {
    head: '8d8b6b2e14c831fb825240813baf01c638cd5e80fb7374553f64bbca9a0d3996',
    snapshots: { 3: 'c709b9d70ddcff27d085294f241260ac95f23ed0e1b1681864a15e4cbd3e18cc' },
  },
  'history-card-changes.jsonl': {
    head: '45988ceafe4fe493c1ee6f92a10f0f417ac9ae1f577f71d0abc8be6bf627ee37',
    snapshots: {
      2: 'b9a49f00767e5186ac03abdffa553c223183f5c1d660256807dca5027a235af5',
      3: '4bb5e79a2b777b8c1014ca716f7959d7d6b75a642a77004b14d7210af41878bf',
    },
  },
  'history-cards.jsonl': {
    head: '5acbcb41e980df929b58654c94837b25b412ed0c01ab6942f90d4e0bcd626474',
    snapshots: {
      2: '138843238fa6df2f4d75958e3ad14d181dc45330e54eb36570c8a6078f51ea57',
      3: '0a81aba12ebec815eb8ccd264a7710723e0096f175efcc0e30511792cb642a52',
    },
  },
  'history-closing.jsonl': {
    head: '2e59adf0de4c6a32875684c11c4d2dbf61a389f4eb135436f853e75637a895c9',
    snapshots: { 3: '3ed353cb84fc6cfa2d3077944edd15662294f926b013366d51d4603e5d048d33' },
  },
  'history-entitlements.jsonl': {
    head: '6c9dd39a2d226c7ed58ec38eba550a96eb7eb989ace810df4860c7552e83cf3a',
    snapshots: {
      2: '703b06db92498c268da87eb443a1d90832afff55fdbe54c0dc2cf8f025269ee3',
      3: '6de2f7f921fd54bffc746dcfc0ef6e4b111bb2f6a1f33a56648b31662d45e19b',
    },
  },
  'history-finance.jsonl': {
    head: 'b47be447955796878ca908fcd09ba5743f3166ae6558576d59dc899fd699a39d',
    snapshots: { 3: '652a2496c33e4f44530c06758c14eb152a5fe8fe39e5c8372f354eab95a5d29d' },
  },
  'history-erasure.jsonl': {
    head: 'aa7ac1c93ffb97fef515a53d090a089e38c6dcc75179bb52153a3902b4351e8c',
    snapshots: { 3: '6361b7d667c2948e49c0ee2bccfa0c0d81598d5fdcaa0bc52b269c61d02fc2f1' },
  },
  'history-kyc.jsonl': {
    head: '4fdf587a011cdfa3f80af079ebd4b1091d1e141b0e85926df837ad2d95af4103',
    snapshots: { 3: '990415f3695518d7416f84257b72b5cbee29d99c43f269036a4fde224b3563a9' },
  },
  'history-limits.jsonl': {
    head: '04d93dffc442263fd6f96f878eaecab93f75012669b8bbdfb009368ddd5ceb5d',
    snapshots: {
      2: 'c45b9962691e7e43196b546fa7babc3d5fe7e0f9fd00fe14efc94494a1de6319',
      3: '7992dd7f17168560b96c36c09be47b905aa442adf8f376bfc320a2e541975c2a',
    },
  },
  'history-reconciliation.jsonl': {
    head: 'd2145b7ee8c8e6372c76b7c6a4fc43fff1ffefb40126901c84938e2a461ae80f',
    snapshots: { 3: '670128116d01eeebbb503f08d738255b3592f2c99643e82e668720313e385441' },
  },
  'history-reservations.jsonl': {
    head: '5d1de3fb906a6c801b69eda395199565e725cd99b86583d5dc0e1bb7584007d4',
    snapshots: {
      2: '3d7c97ae61508ce3409e5c953a7b2444ff32e22a42ea914f0666f91d276acf96',
      3: 'eaefc1ce8ed5c077c809a4bd46d3994954e2a2dc68c87d50f9f17a7ecad314db',
    },
  },
  'history-users.jsonl': {
    head: '326eba1867e07f4c8f9f8ed85f70df33a27adce4b33c1f1cd68808edaf37e3bd',
    snapshots: {
      2: '53c3d79aad0ab0fe258923a811da535ecc904c7dbd55da8aa6006f94769e51df',
      3: '395d10e4ee24b15f65de344286272c8d1e44c17347fd16287f79194a7ee8a829',
    },
  },
  'history-webhooks.jsonl': {
    head: 'de72979d0bbf463da1fbe3882a5fe3748a324fb1e057e7289ef3e532ad4e8812',
    snapshots: { 3: '7620d1afa35d792afdfbc507a9c8a1f732eea4707593248af690229d803c6e6c' },
  },
};

/** As they are in use: a cold key, an idempotency key, one beyond ASCII. */
const KEYS = ['ref:INV-1', `${'0123456789abcdef'.repeat(4)}#7`, 'code:café-😀'];

/** What these keys hash to, by `FOLD_VERSION`: filters and windows in snapshots are made of hashes. */
const HASHES: Readonly<Record<number, readonly (readonly [a: number, b: number])[]>> = {
  1: [
    [3194967647, 3057657522],
    [1727385374, 1024381146],
    [2173369397, 259491203],
  ],
  2: [
    [3194967647, 3057657522],
    [1727385374, 1024381146],
    [2173369397, 259491203],
  ],
  3: [
    [3194967647, 3057657522],
    [1727385374, 1024381146],
    [2173369397, 259491203],
  ],
};

/** Made before postings counted towards limits; a book has to say what it counts (DECISIONS 43). */
const BEFORE_LIMITS = 'history-1.jsonl';

const linesOf = (file: string): string[] =>
  readFileSync(path.join(import.meta.dirname, file), 'utf8')
    .split('\n')
    .slice(0, -1);

/** Folds a history as the engine does when it loads a tenant. */
const booksOf = (file: string): Books => {
  const events = linesOf(file).map((line) => ({ line, event: decodeEvent(line) }));
  const books = new Books(events[0]!.event.meta.tenant_id, nothingYet());
  for (const { line, event } of events) {
    const payload = Buffer.from(line);
    const { id, type, revision } = event;
    const hash = chained(books.hash, payload);
    books.follow({ stream: books.stream, revision, id, type, payload, text: line, hash, position: '' });
  }
  return books;
};

const reencoded = (event: LedgerEvent): string =>
  encodeEvent({ ...event, subject: '' }, event.revision, event.at, event.meta, () => {
    throw new Error('what was stored holds nothing that is yet to be sealed');
  });

const digestOf = (parts: Iterable<Uint8Array>): string => {
  const digest = createHash('sha256');
  for (const part of parts) digest.update(part).update('\n');
  return digest.digest('hex');
};

const refuseChange = (what: string, found: string, golden: string | undefined): void => {
  if (found === golden) return;
  const known = golden === undefined ? `has no golden value for FOLD_VERSION ${FOLD_VERSION}` : `was ${golden}`;
  throw new Error(
    `${what} is ${found} and ${known}. With what is folded, or how it is stored, FOLD_VERSION (libs/engine/snapshots.ts) ` +
      'is raised: a snapshot of the version before would be read as if nothing had changed. The new value is added in ' +
      'this file under the new number.',
  );
};

it('there is a golden envelope of every type of event, and golden values of every file', () => {
  const files = readdirSync(import.meta.dirname).filter((name) => name.endsWith('.jsonl'));
  expect(files.sort()).toEqual(Object.keys(HISTORIES).sort());
  const types = new Set(files.flatMap(linesOf).map((line) => decodeEvent(line).type));
  expect(Object.keys(IS_PUBLIC).filter((type) => !types.has(type as LedgerEvent['type']))).toEqual([]);
});

it(`hashes keys as FOLD_VERSION ${FOLD_VERSION} does`, () => {
  const found = KEYS.map((key) => {
    const { a, b } = hashKey(key);
    return [a, b];
  });
  refuseChange('hashKey', JSON.stringify(found), JSON.stringify(HASHES[FOLD_VERSION]));
});

describe.each(Object.entries(HISTORIES))('%s', (file, { head, snapshots }) => {
  it('decodes, and comes to the same bytes when it is encoded again', () => {
    for (const line of linesOf(file)) expect(reencoded(decodeEvent(line))).toBe(line);
  });

  it('is a book that verify finds true, but for one', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'daybook-golden-'));
    try {
      const book = path.join(folder, 'book.ndjson');
      writeFileSync(book, `${exportedBook(linesOf(file)).join('\n')}\n`);
      const verified = verifyFile(book);
      if (file === BEFORE_LIMITS)
        await expect(verified).rejects.toThrow('revision 10: it counts nothing towards limits');
      else expect(await verified).toMatchObject({ headHash: head, revision: linesOf(file).length - 1 });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('folds, and its chain ends where it ended', () => {
    const books = booksOf(file);
    expect(books.stream).toBe(ledgerStream(books.tenantId));
    expect(books.revision).toBe(linesOf(file).length - 1);
    expect(Buffer.from(books.hash).toString('hex')).toBe(head);
  });

  it(`comes to the snapshot that FOLD_VERSION ${FOLD_VERSION} stands for`, async () => {
    const books = booksOf(file);
    const found = digestOf(snapshotParts(books));
    refuseChange('The digest of the snapshot', found, snapshots[FOLD_VERSION]);
    const { tenantId, revision, hash } = books;
    const stored = (async function* () {
      yield* snapshotParts(books);
    })();
    const restored = new Books(tenantId, await restoreSnapshot(tenantId, { revision, hash, parts: stored }));
    expect(digestOf(snapshotParts(restored))).toBe(found);
  });
});
