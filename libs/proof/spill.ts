/** Records of one length that are kept on disk beyond a bound, and come back in groups that belong together. */
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const GROUPS = 256;
const FIRST_BYTES = 4096;

export class Spill {
  private readonly groups: { buffer: Buffer; used: number }[];
  private bytes = 0;
  private folder: string | null = null;

  /** `most`: bytes that may be in memory. */
  constructor(
    private readonly recordBytes: number,
    private readonly most = 64 * 2 ** 20,
  ) {
    this.groups = Array.from({ length: GROUPS }, () => ({ buffer: Buffer.alloc(0), used: 0 }));
  }

  /** Copies a record; its first byte says which group it is of. */
  add(record: Buffer): void {
    const group = this.groups[record[0]!]!;
    if (group.used + this.recordBytes > group.buffer.length) {
      const larger = Buffer.allocUnsafe(Math.max(FIRST_BYTES, group.buffer.length * 2));
      group.buffer.copy(larger, 0, 0, group.used);
      group.buffer = larger;
    }
    record.copy(group.buffer, group.used, 0, this.recordBytes);
    group.used += this.recordBytes;
    this.bytes += this.recordBytes;
    if (this.bytes > this.most) this.write();
  }

  /** All records of a group, in the order in which they were added. */
  *read(): Generator<readonly Buffer[]> {
    for (const [i, { buffer, used }] of this.groups.entries()) {
      const stored = this.folder === null ? Buffer.alloc(0) : readFileSync(join(this.folder, String(i)));
      const all = stored.length === 0 ? buffer.subarray(0, used) : Buffer.concat([stored, buffer.subarray(0, used)]);
      const records: Buffer[] = [];
      for (let at = 0; at < all.length; at += this.recordBytes) records.push(all.subarray(at, at + this.recordBytes));
      if (records.length > 0) yield records;
    }
  }

  close(): void {
    if (this.folder !== null) rmSync(this.folder, { recursive: true, force: true });
  }

  private write(): void {
    this.folder ??= mkdtempSync(join(tmpdir(), 'daybook-verify-'));
    for (const [i, group] of this.groups.entries()) {
      const file = openSync(join(this.folder, String(i)), 'a', 0o600);
      writeSync(file, group.buffer, 0, group.used);
      closeSync(file);
      group.used = 0;
    }
    this.bytes = 0;
  }
}
