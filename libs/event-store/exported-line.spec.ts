import { createHash } from 'node:crypto';
import { exportedLine } from './exported-line.js';

describe('a line of an export', () => {
  it('is the stored text with the hash put in last', () => {
    const text = '{"at":"2026-01-05T09:00:00.000Z","data":{"name":"é 漢"},"revision":7}';
    const hash = createHash('sha256').update(text).digest();
    expect(exportedLine({ text, hash })).toBe(`${text.slice(0, -1)},"hash":"${hash.toString('hex')}"}\n`);
  });
});
