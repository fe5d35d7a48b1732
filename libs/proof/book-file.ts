/** An exported book on disk (`docs/export-format.md`), read in pieces: what is in memory does not grow with the file. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { Wrong } from './wrong.js';

export interface Header {
  readonly format: string;
  readonly tenant_id: string;
  readonly stream: string;
  readonly from_revision: number;
  readonly to_revision: number;
  readonly previous_hash: string;
}

export interface Footer {
  readonly count: number;
  readonly head_hash: string;
  readonly checkpoint: { readonly note: string; readonly public_key: string };
}

export const FORMAT = 'daybook.export/1';
export const NO_HASH = '0'.repeat(64);

const CHUNK = 2 ** 18;
/** An append is at most 1,000,000 bytes, and no event is longer than its append. */
const LONGEST_LINE = 1_100_000;
const LF = 10;
/** Of events, the place in the file of every so-manieth is kept. */
const STRIDE = 16;

export interface Line {
  /** Without its line feed; good until the next one is asked for. */
  readonly bytes: Buffer;
  readonly at: number;
  /** Whether a line feed ends it: the last line of a file that was cut off may have none. */
  readonly ended: boolean;
}

export class BookFile {
  readonly bytes: number;
  /** Of the open file, which another reader may share: a path may lead elsewhere by then. */
  readonly descriptor: number;
  private readonly standing: string;
  private readonly places: number[] = [];

  /** By its path, or by the descriptor of one that is open and stays so. Throws what `openSync` throws. */
  constructor(private readonly source: string | number) {
    this.descriptor = typeof source === 'number' ? source : openSync(source, 'r');
    this.bytes = fstatSync(this.descriptor).size;
    this.standing = this.stand();
  }

  /** False where somebody wrote to it since: what was read first and last may be of two files. */
  isUnchanged(): boolean {
    return this.stand() === this.standing;
  }

  private stand(): string {
    const { size, mtimeNs, ctimeNs } = fstatSync(this.descriptor, { bigint: true });
    return `${size} ${mtimeNs} ${ctimeNs}`;
  }

  *lines(from = 0): Generator<Line> {
    let chunk = Buffer.allocUnsafe(CHUNK);
    let [begin, end, place] = [0, 0, from];
    for (;;) {
      const feed = chunk.indexOf(LF, begin);
      if (feed >= 0 && feed < end) {
        yield { bytes: chunk.subarray(begin, feed), at: place, ended: true };
        place += feed + 1 - begin;
        begin = feed + 1;
        continue;
      }
      if (end - begin > LONGEST_LINE) throw new Wrong(null, `the line at byte ${place} is longer than any event`);
      // What is left goes to the front, of a larger buffer where it fills this one by half.
      const roomy = end - begin > chunk.length / 2 ? Buffer.allocUnsafe(2 * chunk.length) : chunk;
      chunk.copy(roomy, 0, begin, end);
      const left = end - begin;
      const read = readSync(this.descriptor, roomy, left, roomy.length - left, place + left);
      [chunk, begin, end] = [roomy, 0, left + read];
      if (read > 0) continue;
      if (end > 0) yield { bytes: chunk.subarray(0, end), at: place, ended: false };
      return;
    }
  }

  /** Remembers where an event stands; to be told of all, in order from revision 0. */
  note(revision: number, at: number): void {
    if (revision % STRIDE === 0) this.places[revision / STRIDE] = at;
  }

  /** The line of an event that was noted; null where there is none. */
  eventAt(revision: number): Buffer | null {
    const place = this.places[Math.floor(revision / STRIDE)];
    if (place === undefined) return null;
    let left = revision % STRIDE;
    for (const { bytes } of this.lines(place)) if (left-- === 0) return bytes;
    return null;
  }

  close(): void {
    if (typeof this.source === 'string') closeSync(this.descriptor);
  }
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
const HEX = /^[0-9a-f]{64}$/;

const objectOf = (bytes: Buffer): Record<string, unknown> | null => {
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'));
    return value !== null && typeof value === 'object' && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
};

/** Null where the first line is no header of an export. */
export const headerOf = (bytes: Buffer): Header | null => {
  const header = objectOf(bytes);
  if (header?.['format'] !== FORMAT) return null;
  const { tenant_id, stream, from_revision, to_revision, previous_hash } = header;
  const isOne =
    typeof tenant_id === 'string' &&
    typeof stream === 'string' &&
    isCount(from_revision) &&
    isCount(to_revision) &&
    typeof previous_hash === 'string' &&
    HEX.test(previous_hash);
  return isOne ? (header as unknown as Header) : null;
};

/** Null where a line is no footer. */
export const footerOf = (bytes: Buffer): Footer | null => {
  const footer = objectOf(bytes);
  if (footer === null || !isCount(footer['count']) || !HEX.test(String(footer['head_hash']))) return null;
  const checkpoint = footer['checkpoint'] as Footer['checkpoint'] | null;
  const isOne = typeof checkpoint?.note === 'string' && typeof checkpoint.public_key === 'string';
  return isOne ? (footer as unknown as Footer) : null;
};
