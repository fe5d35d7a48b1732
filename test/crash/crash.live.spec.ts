import { hasEventStoreDb, startEventStoreDb, type StartedServer } from '../support/eventstoredb.js';
import { crash, describeCrash, NOTHING_WRONG, wrongIn, type Victim } from './crash.js';

/** Killed, and started again at once; not killed while it is coming back. */
class Restarted implements Victim {
  readonly name = 'eventstoredb';
  private isUp = true;

  constructor(private readonly server: StartedServer) {}

  kill(): boolean {
    if (!this.isUp) return false;
    this.isUp = false;
    void this.server
      .kill()
      .then(() => this.server.restart())
      .then(() => (this.isUp = true));
    return true;
  }
}

const onLiveServer = hasEventStoreDb() ? describe : describe.skip;

onLiveServer('crash on a live EventStoreDB', () => {
  it('loses no acknowledged command and does none twice', async () => {
    const store = await startEventStoreDb();
    const { server } = store;
    try {
      const env = { DAYBOOK_EVENT_STORE: 'eventstoredb', EVENTSTORE_URL: store.url };
      // A server that was started elsewhere is not ours to kill.
      const victims = server === undefined ? [] : [new Restarted(server)];
      const result = await crash({ kills: 20, seed: 20_261_121, lanes: 8, env, victims });
      process.stdout.write(describeCrash('on EventStoreDB', result));
      expect(result.acknowledged).toBeGreaterThan(100);
      expect(wrongIn(result)).toEqual(NOTHING_WRONG);
    } finally {
      await store.stop();
    }
  }, 400_000);
});
