/** Card traffic as networks send it, in whatever disorder: no sum is ever wrong, and nothing counts twice. */
import { Network, type Purchase } from '#apps/cli/simulate/network.js';
import { shuffled } from '#apps/cli/simulate/simulate.js';
import { messagesOf, ORDINARY, STORY_NAMES, type Traffic } from '#apps/cli/simulate/traffic.js';
import { BookLedger } from './book-ledger.js';

const SEED = Number(process.env.DAYBOOK_SIMULATION_SEED ?? 1);
const FUNDS = 100_000;

const played = async (differing: Partial<Traffic> = {}): Promise<{ network: Network; ledger: BookLedger }> => {
  const traffic = { ...ORDINARY, seed: SEED, ...differing };
  const ledger = new BookLedger(FUNDS, traffic.cards);
  const network = new Network(ledger);
  for (const message of messagesOf(traffic)) await network.send(message);
  return { network, ledger };
};

const DISORDERS = {
  'in good order': { late: 0, doubled: 0, lost: 0 },
  'as networks are': {},
  'mostly late': { late: 0.9 },
  'nearly all of it twice': { doubled: 0.9 },
  'half of it lost': { lost: 0.5 },
  'all at once': { late: 0.5, doubled: 0.5, lost: 0.3 },
  'on one poor account': { cards: 1, most: 90_000 },
} as const satisfies Record<string, Partial<Traffic>>;

describe('a card network', () => {
  it.each(Object.entries(DISORDERS))('%s: every sum is right after every message', async (name, differing) => {
    const { network } = await played(differing);
    const { messages, repeated, refused, unlinked, faults } = network.tally;
    expect(faults).toEqual([]);
    expect(messages).toBeGreaterThan(300);
    process.stdout.write(
      `network ${name}, seed ${SEED}: ${messages} messages, ${repeated} came again, ${refused} refused, ${unlinked} about nothing known\n`,
    );
  });

  it.each(STORY_NAMES)('the story of %s alone', async (name) => {
    const { network } = await played({ stories: [name], purchases: 60 });
    expect(network.tally.faults).toEqual([]);
  });

  it('meets every status and every element on the way', async () => {
    const { ledger } = await played({ purchases: 1000 });
    const all: Purchase[] = [];
    const seen = new Set<string>();
    for (let n = 0; n < ORDINARY.cards; n++) all.push(...(await ledger.standing(n)).purchases);
    for (const { data } of ledger.book.events) {
      if ('card_transaction' in data && data.card_transaction) seen.add(data.card_transaction.status);
    }
    expect([...seen].sort()).toEqual([
      'authorized',
      'captured',
      'declined',
      'expired',
      'partially_captured',
      'partially_refunded',
      'refunded',
      'reversed',
    ]);
    expect([...new Set(all.flatMap((one) => one.elements.map(({ type }) => type)))].sort()).toEqual([
      'advice',
      'authorization',
      'capture',
      'credit',
      'decline',
      'expiry',
      'increment',
      'increment_declined',
      'refund',
      'reversal',
    ]);
    expect(all.some(({ amounts }) => amounts.authorized > 0 && amounts.over_captured > 0)).toBe(true);
    expect(all.some(({ amounts }) => amounts.receivable > 0)).toBe(true);
  });

  it('may say all of it again, in any order: nothing is written', async () => {
    const { network, ledger } = await played();
    await ledger.elapse(90 * 86_400_000);
    const { revision } = ledger;
    for (const taken of shuffled(network.history, SEED)) await network.repeat(taken);
    expect(network.tally.faults).toEqual([]);
    expect(network.history.length).toBeGreaterThan(500);
    expect(ledger.revision).toBe(revision);
  });
});
