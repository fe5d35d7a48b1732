import { replayAgainst } from './replay-product.js';
import { realRows, syntheticRows } from './rows.js';

describe('replay: every stated balance is met', () => {
  it('of a synthetic set', async () => {
    await replayAgainst(syntheticRows(20_261_121, 40, 30), 'synthetic');
  }, 120_000);

  const rows = realRows();
  if (rows === null) {
    process.stdout.write(
      'replay: the real set is not here (set DAYBOOK_REPLAY_FILE); only the synthetic one is replayed\n',
    );
  } else {
    it('of 12,043 real-shaped transactions', async () => {
      expect(rows).toHaveLength(12_043);
      await replayAgainst(rows, 'anz');
    }, 600_000);
  }
});
