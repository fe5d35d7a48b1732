import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { histories, play } from '../../test/support/histories.js';
import { exportedBook } from '../../test/support/books.js';
import { verifyFile } from './verify-file.js';

const folder = mkdtempSync(join(tmpdir(), 'daybook-verify-spec-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('an honest book', () => {
  it('is found true, whatever was done in it', async () => {
    await fc.assert(
      fc.asyncProperty(histories, async (history) => {
        const book = play(history, () => undefined);
        const file = join(folder, 'book.ndjson');
        writeFileSync(file, exportedBook(book.stored).join('\n') + '\n');
        const verified = await verifyFile(file);
        expect(verified.revision).toBe(book.events.length - 1);
      }),
      { numRuns: Number(process.env['DAYBOOK_TEST_HISTORIES'] ?? 40) },
    );
  });
});

describe('a book that is exchanged while it is verified', () => {
  const lines = exportedBook(play(fc.sample(histories, { seed: 1, numRuns: 1 })[0]!, () => undefined).stored);
  const genuine = `${lines.join('\n')}\n`;
  const forged = genuine.replace(/"actor":"[^"]*"/, '"actor":"key_forged"');
  const file = join(folder, 'exchanged.ndjson');

  it('for another file is not said to be true', async () => {
    writeFileSync(file, forged);
    const onProgress = (): void => {
      writeFileSync(`${file}.new`, genuine);
      renameSync(`${file}.new`, file);
    };
    await expect(verifyFile(file, { onProgress })).rejects.toThrow(/hash does not follow|Somebody wrote to it/);
  });

  it('in its place is not said to be true', async () => {
    writeFileSync(file, forged);
    const onProgress = (): void => writeFileSync(file, genuine);
    await expect(verifyFile(file, { onProgress })).rejects.toThrow('Somebody wrote to it while it was verified.');
  });
});
