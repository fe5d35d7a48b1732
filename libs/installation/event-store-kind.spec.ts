import { checkEventStoreKind, keepEventStoreKind } from './event-store-kind.js';

/** A database with the one row, or none yet. */
const database = (kind?: string) => {
  let kept = kind;
  return {
    query: (text: string, values?: readonly string[]) => {
      if (text.startsWith('INSERT')) kept ??= values?.[0];
      return Promise.resolve({ rows: kept === undefined ? [] : [{ kind: kept }] });
    },
  } as never;
};

describe('the event store of an installation', () => {
  it('is noted at the first start and stays', async () => {
    const db = database();
    await keepEventStoreKind(db, { eventStore: 'eventstoredb' } as never);
    await keepEventStoreKind(db, { eventStore: 'eventstoredb' } as never);
    await expect(keepEventStoreKind(db, { eventStore: 'postgres' } as never)).rejects.toThrow(
      /events of this installation are in eventstoredb/,
    );
  });

  it.each(['postgres', 'memory'] as const)('of another kind is refused to a command: %s', async (eventStore) => {
    await expect(checkEventStoreKind(database('eventstoredb'), { eventStore })).rejects.toThrow(/nothing was changed/);
  });
});
