import { crash } from './crash.js';

describe('crash: processes killed under load', () => {
  it('loses no acknowledged command and does none twice', async () => {
    const seed = Number(process.env['DAYBOOK_TEST_SEED'] ?? 20_261_121);
    const result = await crash({ kills: 21, seed, lanes: 8 });
    const killed = Object.entries(result.killed).map(([name, count]) => `${name} ${count}`);
    process.stdout.write(
      `crash (seed ${seed}): killed ${killed.join(', ')}; sent ${result.sent}, acknowledged ${result.acknowledged}, ` +
        `lost ${result.lost.length}, doubled ${result.doubled.length}\n`,
    );
    expect(result.acknowledged).toBeGreaterThan(100);
    const { lost, doubled, changed, differences, appendedByResending } = result;
    expect({ lost, doubled, changed, differences, appendedByResending }).toEqual({
      lost: [],
      doubled: [],
      changed: [],
      differences: [],
      appendedByResending: 0,
    });
  }, 300_000);
});
