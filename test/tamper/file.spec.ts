/** What somebody may do to an exported book, and that both verifiers find it, at the same revision. */
import { execFileSync, spawnSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { verifyFile, type VerifyOptions } from '#proof/verify-file.js';
import { Wrong } from '#proof/wrong.js';
import { SIGNER } from '../support/books.js';
import { exported, honest, type Envelope } from './book.js';

const folder = mkdtempSync(join(tmpdir(), 'daybook-tamper-'));
afterAll(() => rmSync(folder, { recursive: true }));

const book = honest();
const lines = exported(book);
const last = book.length - 1;

/** Revision of the nth event (from 0) of a type, or of what its transaction or last element is. */
const find = (what: string, nth = 0): number =>
  book.filter(
    ({ type, data }) =>
      type === what || data.transaction?.type === what || data.card_transaction?.elements.at(-1).type === what,
  )[nth]!.revision;

type Edit = (envelope: Envelope, all: Envelope[]) => void;

/** The book with one event changed and all hashes, the tree and the signature made anew: nothing but what it says is wrong. */
const forged =
  (revision: number, edit: Edit): (() => string[]) =>
  () => {
    const copy = structuredClone(book);
    edit(copy[revision]!, copy);
    return exported(copy);
  };

const onLine = (revision: number, change: (line: string) => string): string[] =>
  lines.map((line, i) => (i === revision + 1 ? change(line) : line));

const footer = (change: (parsed: Record<string, unknown>) => object): string[] => [
  ...lines.slice(0, -1),
  JSON.stringify(change(JSON.parse(lines.at(-1)!) as Record<string, unknown>)),
];

const header = (change: object): string[] => [
  JSON.stringify({ ...(JSON.parse(lines[0]!) as object), ...change }),
  ...lines.slice(1),
];

const stranger = (): { private: typeof SIGNER.private; public: typeof SIGNER.public } => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  return { private: privateKey, public: publicKey };
};

const paid = find('transfer');
const exchange = find('exchange');
const journal = find('journal');
const [first, second, third] = [0, 1, 2].map((n) => find('reversal', n)) as [number, number, number];
const [reserved, captured, released] = ['FundsReserved', 'reservation_capture', 'ReservationReleased'].map((what) =>
  find(what),
) as [number, number, number];
const authorized = find('authorization');
const [advised, card, final] = [find('advice'), find('capture'), find('capture', 1)];
const keyed = book.findIndex(({ meta }) => meta.idempotency?.events === 2);

/** Renumbers what comes after a change in length, as somebody would who knows how the numbers go. */
const renumbered = (envelopes: Envelope[]): Envelope[] => {
  let sequence = 0;
  return envelopes.map((envelope, revision) => ({
    ...envelope,
    revision,
    meta: { ...envelope.meta, sequence: envelope.meta.sequence === null ? null : ++sequence },
  }));
};

type Case = [what: string, tamper: () => string[], revision: number | null, says: RegExp];

const FILE: Case[] = [
  ['one byte of an amount', () => onLine(paid, (line) => line.replace('"amount":1000', '"amount":1001')), paid, /hash/],
  [
    'one byte of a hash',
    () => onLine(5, (line) => line.replace(/.(?="\}$)/, (c) => (c === '0' ? '1' : '0'))),
    5,
    /hash/,
  ],
  [
    'two events swapped',
    () => [...lines.slice(0, 9), lines[10]!, lines[9]!, ...lines.slice(11)],
    8,
    /goes on with revision 9/,
  ],
  ['an event left out', () => lines.filter((_, i) => i !== paid + 1), paid, /goes on with revision/],
  ['an event doubled', () => [...lines.slice(0, 9), lines[8]!, ...lines.slice(9)], 8, /goes on with revision 7/],
  ['the tail removed', () => lines.slice(0, 30), 29, /breaks off/],
  ['the tail removed, and the last line kept', () => [...lines.slice(0, -4), lines.at(-1)!], last - 2, /.*/],
  ['cut off in the middle of a line', () => [...lines.slice(0, 20), lines[20]!.slice(0, 300)], 19, /no event/],
  ['cut off after the last event', () => lines.slice(0, -1), last + 1, /breaks off/],
  ['something after the last line', () => [...lines, lines[1]!], null, /more after/],
  ['events of another tenant', () => onLine(8, (line) => line.replaceAll('tnt_01KE', 'tnt_01KF')), 8, /hash/],
  ['a header that names another tenant', () => header({ tenant_id: 'tnt_01KE6P4YM00000000019999999' }), null, /stream/],
  ['a header that says there is less', () => header({ to_revision: 10 }), last + 1, /.*/],
  ['a header with a hash before the first', () => header({ previous_hash: 'ab'.repeat(32) }), null, /hash/],
  ['a last line that counts less', () => footer((all) => ({ ...all, count: 7 })), last + 1, /.*/],
  [
    'a last line that names another head',
    () => footer((all) => ({ ...all, head_hash: 'cd'.repeat(32) })),
    last,
    /head/,
  ],
  [
    'a forged checkpoint: another signature',
    () =>
      footer((all) => ({
        ...all,
        checkpoint: {
          ...(all['checkpoint'] as object),
          note: (all['checkpoint'] as { note: string }).note.replace(/.{8}==?\n$/, 'AAAAAAA=\n'),
        },
      })),
    null,
    /not signed/,
  ],
  [
    'a forged checkpoint: another size',
    () =>
      footer((all) => ({
        ...all,
        checkpoint: {
          ...(all['checkpoint'] as object),
          note: (all['checkpoint'] as { note: string }).note.replace(`\n${last + 1}\n`, `\n${last}\n`),
        },
      })),
    null,
    /not signed/,
  ],
  [
    'the checkpoint of a shorter book',
    () =>
      footer((all) => ({
        ...all,
        checkpoint: (JSON.parse(exported(book.slice(0, 12)).at(-1)!) as Record<string, unknown>)['checkpoint'],
      })),
    last,
    /another book/,
  ],
  ['white space', () => onLine(4, (line) => line.replace('"data":', '"data": ')), 4, /.*/],
  ['a line that is not JSON', () => onLine(6, () => 'balance: 5'), 6, /.*/],
];

const SAID: Case[] = [
  [
    'an amount, with its hash',
    forged(paid, ({ data }) => (data.entries[0].amount = 900)),
    paid,
    /differ|come to|balance/,
  ],
  [
    'an amount on both sides',
    forged(paid, ({ data }) => data.entries.forEach((entry: { amount: number }) => (entry.amount -= 10))),
    paid,
    /balance_after/,
  ],
  ['a balance after', forged(8, ({ data }) => (data.entries[1].balance_after += 1)), 8, /balance_after/],
  [
    'an entry in another currency',
    forged(paid, ({ data }) => (data.entries[1].currency = 'EUR')),
    paid,
    /EUR|currency/,
  ],
  [
    'an entry on an account that never was',
    forged(8, ({ data }) => (data.entries[1].account_id = 'acc_01KE6P4YM00000000019999999')),
    8,
    /never|no event/,
  ],
  [
    'a transfer to somebody else',
    forged(paid, ({ data }, all) => (data.transaction.destination = all[2]!.data.account.account_id)),
    paid,
    /entry|legs|destination/,
  ],
  ['what a transfer says it was', forged(paid, ({ data }) => (data.transaction.amount = 990)), paid, /entry/],
  ['a fee that was waived', forged(paid, ({ data }) => (data.transaction.fees = [])), paid, /fee/],
  [
    'a fee by another rule',
    forged(paid, ({ data }) => (data.transaction.fees[0].rule_id = 'fee_01KE6P4YM00000000019999999')),
    paid,
    /fee/,
  ],
  [
    'the fee rule, after the fact',
    forged(find('FeeRulesReplaced'), ({ data }) => (data.rules[0].flat_amount = 9)),
    paid,
    /fee|due/,
  ],
  ['a rate', forged(exchange, ({ data }) => (data.transaction.rate = '0.6')), exchange, /rate|is 61/],
  ['the amount of a journal', forged(journal, ({ data }) => (data.transaction.amount = 200)), journal, /300/],
  ['a use of limits left out', forged(paid, ({ data }) => data.limit_uses.pop()), paid, /limits/],
  [
    'a use of limits on another day',
    forged(paid, ({ data }) => (data.limit_uses[0].counted_on = '2026-01-04')),
    paid,
    /limits/,
  ],
  [
    'a limit, after the fact',
    forged(find('LimitsReplaced'), ({ data }) => (data.limits[0].amount = 500)),
    paid,
    /limit/,
  ],
  [
    'what an account may hold, after the fact',
    forged(find('LimitsReplaced'), ({ data }) =>
      data.limits.forEach((one: { max_balance: number }) => (one.max_balance = 6000)),
    ),
    paid + 1,
    /has/,
  ],
  ['a reversal of something else', forged(first, ({ data }) => (data.original_revision -= 1)), first, /reverses|event/],
  ['an original told otherwise', forged(first, ({ data }) => (data.original.amount = 1100)), first, /another/],
  [
    'a reversal that counts what was taken back twice',
    forged(second, ({ data }) => (data.original.reversed_amount = 600)),
    second,
    /.*/,
  ],
  [
    'a mirror with other shares',
    forged(third, ({ data }) => {
      data.entries[1].amount += 1;
      data.entries[2].amount -= 1;
      data.entries[1].balance_after -= 1;
      data.entries[2].balance_after += 1;
    }),
    third,
    /.*/,
  ],
  ['a hold', forged(reserved, ({ data }) => (data.holds[0].held_after += 5)), reserved, /held_after/],
  [
    'a reservation of more than it holds',
    forged(reserved, ({ data }) => (data.reservation.amounts.held = 2500)),
    reserved,
    /sums/,
  ],
  [
    'a capture that says it took less',
    forged(captured, ({ data }) => {
      data.reservation.amounts.captured -= 100;
      data.reservation.amounts.released += 100;
    }),
    captured,
    /not what this event/,
  ],
  [
    'a release that was an expiry',
    forged(released, (envelope) => (envelope.type = 'ReservationExpired')),
    released,
    /.*/,
  ],
  [
    'a sum of a purchase',
    forged(authorized, ({ data }) => (data.card_transaction.amounts.authorized += 100)),
    authorized,
    /sums|holds/,
  ],
  ['the status of a purchase', forged(final, ({ data }) => (data.card_transaction.status = 'authorized')), final, /.*/],
  [
    'an element of a purchase, long after',
    forged(final, ({ data }) => (data.card_transaction.elements[1].amount = 400)),
    final,
    /before/,
  ],
  [
    'what a purchase had captured before',
    forged(final, ({ data }) => {
      data.card_transaction.amounts.captured += 5;
      data.card_transaction.amounts.over_captured += 5;
    }),
    final,
    /before|sums/,
  ],
  [
    'what an advice set',
    forged(advised, ({ data }) => (data.card_transaction.elements.at(-1).amount = 3100)),
    advised,
    /.*/,
  ],
  [
    'what of a hold is counted',
    forged(card, ({ data }) => (data.card_transaction.counted[0].amount -= 1)),
    card,
    /counted/,
  ],
  [
    'a clearing of less than its entries',
    forged(card, ({ data }) => {
      data.transaction.amount = 900;
    }),
    card,
    /clears/,
  ],
  ['a line of a settlement', forged(card, ({ data }) => (data.settlement_line.amount -= 1)), card, /line/],
  [
    'the net of a settlement',
    forged(find('SettlementNetted'), ({ data }) => (data.settlement.gross += 1)),
    find('SettlementNetted'),
    /gross/,
  ],
  [
    'an idempotency key used again',
    forged(
      13,
      ({ meta }, all) => (meta.idempotency = structuredClone(all[paid + 1 === 13 ? 8 : 12]!.meta.idempotency)),
    ),
    13,
    /idempotency key/,
  ],
  [
    'an outcome of more events than it made',
    forged(8, ({ meta }) => (meta.idempotency.events = 2)),
    9,
    /command|events/,
  ],
  [
    'an outcome of fewer events than it made',
    forged(keyed, ({ meta }) => (meta.idempotency.events = 3)),
    keyed + 2,
    /command|events/,
  ],
  [
    'a reference used again',
    forged(reserved, ({ data }) => (data.reservation.reference = 'inv-1')),
    reserved,
    /reference/,
  ],
  [
    'a message of the network used again',
    forged(final, ({ data }) => (data.card_transaction.elements.at(-1).network_reference = 'n-5')),
    final,
    /message/,
  ],
  ['a time before the one before', forged(9, (envelope) => (envelope.at = '2026-01-05T08:00:00.000Z')), 9, /id|time/],
  ['an id that is not greater', forged(9, (envelope, all) => (envelope.id = all[8]!.id)), 9, /id/],
  ['a sequence', forged(9, ({ meta }) => (meta.sequence += 1)), 9, /sequence/],
  [
    'an event of another tenant',
    forged(9, ({ meta }) => (meta.tenant_id = 'tnt_01KE6P4YM00000000019999999')),
    9,
    /tenant/,
  ],
  ['an event of a shape that is unknown', forged(9, (envelope) => (envelope.v = 2)), 9, /.*/],
  ['an account opened with money', forged(3, ({ data }) => (data.account.balance = 50)), 3, /balance|sums/],
  [
    'an account that says it has less',
    forged(find('AccountUpdated'), ({ data }) => (data.account.balance -= 1)),
    find('AccountUpdated'),
    /balance|sums/,
  ],
  [
    'an account that changes its side',
    forged(find('AccountUpdated'), ({ data }) => (data.account.normal_side = 'debit')),
    find('AccountUpdated'),
    /normal_side|became/,
  ],
  ['a code given twice', forged(3, ({ data }) => (data.account.account_code = 'ada')), 3, /code/],
  [
    'a posting into a closed period',
    forged(last, ({ data }) => (data.transaction.effective_at = '2026-01-04T00:00:00.000Z')),
    last,
    /effect/,
  ],
  [
    'a posting ahead of its time',
    forged(last, ({ data }) => (data.transaction.effective_at = '2027-01-04T00:00:00.000Z')),
    last,
    /effect/,
  ],
  [
    'a transaction with another name',
    forged(paid, ({ data }) => (data.transaction.transaction_id = 'ltx_01KE6P4YM00000000019999999')),
    paid,
    /id/,
  ],
  ['a fraction of a unit', () => onLine(8, (line) => line.replace('"amount":5000', '"amount":5000.0')), 8, /.*/],
  [
    'an event taken out, and the rest renumbered',
    () => exported(renumbered(book.filter(({ revision }) => revision !== 8))),
    11,
    /balance_after/,
  ],
  [
    'an event put in twice, and the rest renumbered',
    () => exported(renumbered([...book.slice(0, 9), book[8]!, ...book.slice(9)])),
    9,
    /id/,
  ],
];

/** What only something from outside shows: a key, or a checkpoint that was published before. */
const rewritten = (): string[] => {
  const copy = structuredClone(book.slice(0, -1));
  return exported(copy);
};

const write = (name: string, text: readonly string[]): string => {
  const file = join(folder, `${name.replaceAll(/[^a-z0-9]+/g, '-')}.ndjson`);
  writeFileSync(file, `${text.join('\n')}\n`);
  return file;
};

const wrongIn = async (file: string, options?: VerifyOptions): Promise<Wrong | null> => {
  try {
    await verifyFile(file, options);
    return null;
  } catch (error) {
    if (error instanceof Wrong) return error;
    throw error;
  }
};

const PYTHON = spawnSync('python3', ['-c', 'import sys; sys.exit(sys.version_info < (3, 8))']).status === 0;
const ROOT = resolve(import.meta.dirname, '..', '..');

/** What the second verifier finds in each file: `ok`, or the revision (`None`: of the file) and the sentence. */
const secondVerdicts = (files: readonly string[]): string[] => {
  const script = [
    'import sys; sys.path.insert(0, sys.argv[1]); import verify',
    'for name in sys.argv[2:]:',
    '    try:',
    '        verify.verify(open(name, "rb")); print("ok")',
    '    except verify.Wrong as wrong:',
    '        print(wrong.revision, str(wrong).replace("\\n", " "))',
  ].join('\n');
  const said = execFileSync('python3', ['-B', '-c', script, join(ROOT, 'docs'), ...files], { encoding: 'utf8' });
  return said.trimEnd().split('\n');
};

const CASES = [...FILE, ...SAID];

describe('an honest book', () => {
  it('is true', async () => expect(await wrongIn(write('honest', lines))).toBeNull());
});

describe('whoever changes a book is found out', () => {
  it('in at least 40 ways', () => expect(CASES.length).toBeGreaterThan(40));

  it.each(CASES)('%s', async (what, tamper, revision, says) => {
    const wrong = await wrongIn(write(what, tamper()));
    expect(wrong?.message ?? 'nothing').toMatch(says);
    expect(wrong).toMatchObject({ revision });
  });
});

describe('what nothing in a file shows', () => {
  const published = (JSON.parse(lines.at(-1)!) as { checkpoint: { note: string; public_key: string } }).checkpoint;

  it('is an end that was rewritten and signed anew', async () =>
    expect(await wrongIn(write('rewritten', rewritten()))).toBeNull());

  it('a checkpoint that was published shows it', async () => {
    const file = write('rewritten', rewritten());
    expect((await wrongIn(file, { published: published.note, key: published.public_key }))?.revision).toBe(last);
    const other = write('other', forged(last, ({ data }) => (data.transaction.narration = 's1.x.y'))());
    expect((await wrongIn(other, { published: published.note, key: published.public_key }))?.revision).toBe(last);
  });

  it('a key that is known shows whose it is', async () => {
    const file = write('stranger', exported(book, stranger()));
    expect(await wrongIn(file)).toBeNull();
    expect((await wrongIn(file, { key: published.public_key }))?.message).toMatch('not signed');
  });
});

describe('the second verifier', () => {
  it('agrees, and names the same revisions', () => {
    if (!PYTHON) return;
    mkdirSync(join(folder, 'second'), { recursive: true });
    const files = CASES.map(([what, tamper]) => write(`second-${what}`, tamper()));
    const verdicts = secondVerdicts([write('honest', lines), ...files]);
    expect(verdicts[0]).toBe('ok');
    const found = verdicts.slice(1).map((said, i) => `${CASES[i]![0]}: ${said.split(' ')[0]}`);
    expect(found).toEqual(CASES.map(([what, , revision]) => `${what}: ${revision ?? 'None'}`));
  });
});

if (!PYTHON) process.stderr.write('docs/verify.py is not tried: there is no python3.\n');
