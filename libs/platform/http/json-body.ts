import { isUtf8 } from 'node:buffer';
import type { ErrorCode } from '#contract/problems.js';
import { Problem } from './problem.js';

export const MAX_BODY_BYTES = 1024 * 1024;

/** Objects and lists within each other. The deepest body of the contract has five. */
const MAX_DEPTH = 32;

/**
 * Fields and list items altogether, where the operation does not say otherwise: the largest body of the contract but the
 * batch has 6,000, and the time that parsing takes grows with these and not with the bytes.
 */
export const MAX_MEMBERS = 10_000;

const QUOTE = 34;
const BACKSLASH = 92;
const OPEN_LIST = 91;
const OPEN_OBJECT = 123;
const COMMA = 44;
const CLOSE_LIST = 93;
const CLOSE_OBJECT = 125;

/**
 * What makes a body not worth parsing; null: nothing. A container has at most one member more than it has commas, so both
 * are counted, and an empty one counts as one.
 */
const excessOf = (bytes: Uint8Array, maxMembers: number): ErrorCode | null => {
  let depth = 0;
  let members = 0;
  let inText = false;
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i];
    if (inText) {
      if (byte === BACKSLASH) i++;
      else if (byte === QUOTE) inText = false;
    } else if (byte === QUOTE) inText = true;
    else if (byte === COMMA) {
      if (++members > maxMembers) return 'too_many_members';
    } else if (byte === OPEN_LIST || byte === OPEN_OBJECT) {
      if (++depth > MAX_DEPTH) return 'too_deeply_nested';
      if (++members > maxMembers) return 'too_many_members';
    } else if (byte === CLOSE_LIST || byte === CLOSE_OBJECT) depth--;
  }
  return null;
};

/** The value of a JSON body. Throws `Problem`: not UTF-8, not JSON, nested too deeply, too many members. */
export const parseJsonBody = (bytes: Buffer, maxMembers: number = MAX_MEMBERS): unknown => {
  if (!isUtf8(bytes)) throw new Problem('malformed_json');
  const excess = excessOf(bytes, maxMembers);
  if (excess !== null) throw new Problem(excess);
  try {
    return JSON.parse(bytes.toString('utf8')) as unknown;
  } catch {
    // The parser's own message quotes the body.
    throw new Problem('malformed_json');
  }
};
