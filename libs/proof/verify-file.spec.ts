import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
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
