import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';

/** One stated movement of one account segment; amounts in cents. */
export interface Row {
  readonly segment: string;
  readonly kind: 'card' | 'payment' | 'transfer' | 'salary';
  /** A card row that was authorized before it was cleared. */
  readonly authorized: boolean;
  readonly amount: number;
  readonly balanceBefore: number;
  readonly balanceAfter: number;
}

const KINDS: Readonly<Record<string, Row['kind']>> = {
  POS: 'card',
  'SALES-POS': 'card',
  PAYMENT: 'payment',
  'PHONE BANK': 'payment',
  'INTER BANK': 'transfer',
  'PAY/SALARY': 'salary',
};

/** Cents of a decimal text with two places, without a detour over a float. */
const cents = (text: string): number => {
  const found = /^(-?)(\d+)\.(\d\d)$/.exec(text);
  if (!found) throw new Error(`${text} is not an amount with two decimals`);
  const value = Number(found[2]) * 100 + Number(found[3]);
  return found[1] === '-' ? -value : value;
};

const REAL_FILE = resolve(import.meta.dirname, '../../../shared/data/anz/derived_replay_order.csv.gz');

/** The real set where it is present; it has no licence and so is no part of this repository. */
export const realRows = (): Row[] | null => {
  const file = process.env['DAYBOOK_REPLAY_FILE'] ?? REAL_FILE;
  if (!existsSync(file)) return null;
  const [head, ...lines] = gunzipSync(readFileSync(file)).toString('utf8').trim().split('\n');
  const names = (head as string).split(',');
  return lines.map((line) => {
    const cells = line.split(',');
    const cell = (name: string): string => cells[names.indexOf(name)] as string;
    const kind = KINDS[cell('txn_description')];
    if (kind === undefined) throw new Error(`no way to post ${cell('txn_description')}`);
    return {
      segment: `${cell('account')}/${cell('segment')}`,
      kind,
      authorized: cell('status') === 'authorized',
      amount: Math.abs(cents(cell('signed_amount'))),
      balanceBefore: cents(cell('balance_before')),
      balanceAfter: cents(cell('stated_balance')),
    };
  });
};

/** A small linear congruential generator: the same rows for the same seed, everywhere. */
const generator = (seed: number): (() => number) => {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
};

/** A made-up set of the same shape, whose stated balances are kept by plain addition. */
export const syntheticRows = (seed: number, segments: number, rowsEach: number): Row[] => {
  const random = generator(seed);
  const rows: Row[] = [];
  for (let s = 0; s < segments; s++) {
    let balance = 1_000 + Math.floor(random() * 100_000);
    for (let i = 0; i < rowsEach; i++) {
      const dice = random();
      const kind = dice < 0.6 ? 'card' : dice < 0.8 ? 'payment' : dice < 0.9 ? 'transfer' : 'salary';
      const spendable = kind === 'salary' || balance < 2;
      const amount = 1 + Math.floor(random() * (spendable ? 200_000 : balance - 1));
      const after = spendable ? balance + amount : balance - amount;
      rows.push({
        segment: `synthetic-${s}`,
        kind: spendable ? 'salary' : kind,
        authorized: kind === 'card' && random() < 0.8,
        amount,
        balanceBefore: balance,
        balanceAfter: after,
      });
      balance = after;
    }
  }
  return rows;
};
