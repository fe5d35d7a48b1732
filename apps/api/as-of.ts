import { parseInstant } from '#domain/time.js';
import type { Call } from '#platform/http/call.js';
import { Problem } from '#platform/http/problem.js';
import type { AsOf } from './reads.js';

/** The time or revision that a read is asked for; null: now. Throws `Problem`. */
export const asOfIn = ({ query }: Call): AsOf | null => {
  const text = query.as_of;
  if (typeof text !== 'string') return null;
  const found = /^revision:(\d{1,15})$/.exec(text);
  if (found) return { revision: Number(found[1]) };
  const at = parseInstant(text);
  if (at === undefined) throw new Problem('pattern_mismatch', { param: 'as_of' });
  return { at };
};
