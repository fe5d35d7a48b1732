import { createHash } from 'node:crypto';
import { exportedLine } from './exported-line.js';

describe('a line of an export', () => {
  it('is the stored bytes with the hash put in last, of a payload that shares its memory with others', () => {
    const text = '{"at":"2026-01-05T09:00:00.000Z","data":{"name":"é 漢"},"revision":7}';
    const around = Buffer.from(`xx${text}yy`);
    const payload = around.subarray(2, around.length - 2);
    const hash = createHash('sha256').update(payload).digest();
    expect(exportedLine({ payload, hash })).toBe(`${text.slice(0, -1)},"hash":"${hash.toString('hex')}"}\n`);
  });
});
