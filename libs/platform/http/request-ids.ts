import { randomFillSync } from 'node:crypto';

const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const RANDOM_CHARACTERS = 16;
const pool = new Uint8Array(RANDOM_CHARACTERS * 256);
let taken = pool.length;
let lastMs = -1;
let lastTime = '';

const timePart = (ms: number): string => {
  if (ms === lastMs) return lastTime;
  let text = '';
  for (let rest = ms, i = 0; i < 10; i++, rest = Math.floor(rest / 32)) text = ALPHABET.charAt(rest % 32) + text;
  lastMs = ms;
  lastTime = text;
  return text;
};

/** `req_` and a ULID. Random bytes are drawn 256 ids at a time, because a call of the generator costs more than the rest. */
export const newRequestId = (): string => {
  if (taken === pool.length) {
    randomFillSync(pool);
    taken = 0;
  }
  let id = `req_${timePart(Date.now())}`;
  for (const end = taken + RANDOM_CHARACTERS; taken < end; taken++) id += ALPHABET[(pool[taken] as number) & 31];
  return id;
};
