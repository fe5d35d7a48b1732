import { crash, describeCrash, NOTHING_WRONG, wrongIn } from './crash.js';

describe('crash: processes killed under load', () => {
  it('loses no acknowledged command and does none twice', async () => {
    const seed = Number(process.env['DAYBOOK_TEST_SEED'] ?? 20_261_121);
    const result = await crash({ kills: 21, seed, lanes: 8 });
    process.stdout.write(describeCrash(`seed ${seed}`, result));
    expect(result.acknowledged).toBeGreaterThan(100);
    expect(wrongIn(result)).toEqual(NOTHING_WRONG);
  }, 300_000);
});
