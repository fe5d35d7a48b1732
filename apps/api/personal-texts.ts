import type { Sealed } from '#domain/decision.js';

const SEALED = 's1.';

/**
 * Every sealed text in an event's data, to have the keys of all of them at once. A client's own reference may look like one
 * and then is asked for in vain: opening it gives nothing, and no renderer asks for it.
 */
export const sealedTextsIn = (value: unknown, found: Sealed[] = []): Sealed[] => {
  if (typeof value === 'string') {
    if (value.startsWith(SEALED)) found.push(value);
  } else if (Array.isArray(value)) {
    for (const item of value) sealedTextsIn(item, found);
  } else if (value !== null && typeof value === 'object') {
    for (const key in value) sealedTextsIn((value as Record<string, unknown>)[key], found);
  }
  return found;
};
