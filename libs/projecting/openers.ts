import type { Reading } from './feed.js';
import type { GroupWork } from './positions.js';
import type { Occurrence, Open } from './projection.js';

/** What opens the sealed texts of these events, by tenant: each tenant's vault is asked once. */
export const openersFor = async <E extends Occurrence>(
  { opener }: Reading<E>,
  groups: readonly GroupWork<E>[],
): Promise<ReadonlyMap<string, Open>> => {
  const sealed = new Map<string, Set<string>>();
  for (const { group, events } of groups) {
    if (group.reads === 'envelopes') continue;
    for (const { tenantId, arrival } of events) {
      const texts = arrival.decoded?.sealed ?? [];
      if (texts.length === 0) continue;
      const known = sealed.get(tenantId) ?? new Set();
      texts.forEach((text) => known.add(text));
      sealed.set(tenantId, known);
    }
  }
  const made = [...sealed].map(async ([tenantId, texts]) => [tenantId, await opener(tenantId, [...texts])] as const);
  return new Map(await Promise.all(made));
};
