import { hasEventStoreDb, startEventStoreDb } from '../support/eventstoredb.js';
import { replayAgainst } from './replay-product.js';
import { realRows, syntheticRows } from './rows.js';

const onLiveServer = hasEventStoreDb() ? describe : describe.skip;

onLiveServer('replay on a live EventStoreDB', () => {
  it('meets every stated balance', async () => {
    const server = await startEventStoreDb();
    try {
      const rows = realRows() ?? syntheticRows(20_261_121, 40, 30);
      await replayAgainst(rows, 'eventstoredb', { DAYBOOK_EVENT_STORE: 'eventstoredb', EVENTSTORE_URL: server.url });
    } finally {
      await server.stop();
    }
  }, 600_000);
});
