import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { account, deposit, given, tenant, type Step } from '#domain/spec-support.js';
import { replayFile } from './replay.js';

const MAX = Number.MAX_SAFE_INTEGER;
const folder = mkdtempSync(join(tmpdir(), 'daybook-replay-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A book as `daybook export` writes it. */
const exported = (...steps: readonly Step[]): string => {
  const { book } = given(tenant(), ...steps);
  const previous_hash = '00'.repeat(32);
  let hash = Buffer.from(previous_hash, 'hex');
  const lines = book.stored.map((text) => {
    hash = createHash('sha256').update(hash).update(text).digest();
    return JSON.stringify({ ...(JSON.parse(text) as object), hash: hash.toString('hex') });
  });
  const file = join(folder, `${lines.length}.ndjson`);
  const header = { format: 'daybook.export/1', tenant_id: 'tnt_new', previous_hash };
  const footer = { count: lines.length, head_hash: hash.toString('hex') };
  writeFileSync(file, `${[JSON.stringify(header), ...lines, JSON.stringify(footer)].join('\n')}\n`);
  return file;
};

describe('the trial balance of a replay', () => {
  it('is in numbers', async () => {
    const report = await replayFile(exported(account('ada'), deposit('ada', 70)));
    expect(report.trial_balance).toEqual([{ currency: 'NGN', debits: 70, credits: 70 }]);
  });

  it('is exact beyond them', async () => {
    const clearing = account('books', 'general', 'NGN', { allow_negative: true });
    const post: Step = {
      type: 'PostTransaction',
      data: { type: 'transfer', amount: 2, currency: 'NGN', source: '@books', destination: '@bob' },
    };
    const report = await replayFile(exported(account('ada'), account('bob'), clearing, deposit('ada', MAX), post));
    expect(report.trial_balance).toEqual([
      { currency: 'NGN', debits: '9007199254740993', credits: '9007199254740993' },
    ]);
    expect(JSON.parse(JSON.stringify(report))).toEqual(report);
  });
});
