import { START, streamNameFilter } from '@eventstore/db-client';
import type {
  AllStreamSubscription,
  EventStoreDBClient,
  Filter,
  Position as ServerPosition,
} from '@eventstore/db-client';
import { Bell } from '../bell.js';
import type { RecordedEvent } from '../event-store.js';
import { BEGINNING, compareServerPositions } from './position.js';
import { fromServer } from './stored-event.js';

/** Of every 32 times this many events that the server passes over, it says how far it is. */
const CHECKPOINT_INTERVAL = 8;

/**
 * One subscription of the server, from its start to whatever ends it, with what has come and was not yet taken. The
 * server ends it whenever more than 32 events wait for us: that is routine, and following means opening the next one.
 */
export class OpenFeed {
  /** Rings when there is something new to take or to know. */
  readonly bell = new Bell();
  readonly #subscription: AllStreamSubscription;
  readonly #limit: number;
  #waiting: RecordedEvent[] = [];
  #checkpoint: ServerPosition | undefined;
  #caughtUp = false;
  #confirmed = false;
  #ended: { readonly error: unknown } | undefined;

  /** Starts just after `after`; stops asking the server for more while `limit` events wait to be taken. */
  constructor(client: EventStoreDBClient, after: ServerPosition, streamPrefixes: readonly string[], limit: number) {
    this.#limit = limit;
    this.#subscription = client.subscribeToAll({
      fromPosition: compareServerPositions(after, BEGINNING) === 0 ? START : after,
      filter: filterOf(streamPrefixes, (position) => {
        this.#checkpoint = position;
        this.bell.ring();
      }),
    });
    this.#listen();
  }

  get confirmed(): boolean {
    return this.#confirmed;
  }

  /** Set once nothing more will come. What waits may still be taken. */
  get ended(): { readonly error: unknown } | undefined {
    return this.#ended;
  }

  /** True when all that came has been taken and the server has said that there was no more. */
  get caughtUp(): boolean {
    return this.#caughtUp && this.#drained;
  }

  /**
   * How far the server has looked for events, if it has said so. Its word comes ahead of the events before it, which may
   * still be on their way through the stream: it counts only when all of them have been taken.
   */
  get checkpoint(): ServerPosition | undefined {
    return this.#drained ? this.#checkpoint : undefined;
  }

  take(most: number): RecordedEvent[] {
    const taken = this.#waiting.splice(0, most);
    if (this.#waiting.length < this.#limit && this.#subscription.isPaused()) this.#subscription.resume();
    return taken;
  }

  /** Cancels the call. Merely destroying the stream would leak it, and a hundred leaks stall the connection. */
  close(): void {
    this.#subscription.removeAllListeners('data');
    this.#subscription.resume();
    this.#subscription.unsubscribe().catch(() => undefined);
  }

  get #drained(): boolean {
    return this.#waiting.length === 0 && this.#subscription.readableLength === 0;
  }

  #listen(): void {
    const subscription = this.#subscription;
    // For ever: an error without a listener would end the process.
    subscription.on('error', (error) => this.#end(error));
    subscription.on('end', () => this.#end(undefined));
    subscription.on('close', () => this.#end(undefined));
    subscription.on('confirmation', () => {
      this.#confirmed = true;
      this.bell.ring();
    });
    subscription.on('caughtUp', () => {
      this.#caughtUp = true;
      this.bell.ring();
    });
    subscription.on('fellBehind', () => {
      this.#caughtUp = false;
    });
    subscription.on('data', ({ event }) => {
      if (event) this.#waiting.push(fromServer(event));
      if (this.#waiting.length >= this.#limit) subscription.pause();
      this.bell.ring();
    });
  }

  #end(error: unknown): void {
    this.#ended ??= { error };
    this.bell.ring();
  }
}

function filterOf(prefixes: readonly string[], reached: (position: ServerPosition) => void): Filter {
  const common = {
    checkpointInterval: CHECKPOINT_INTERVAL,
    checkpointReached: (_: unknown, position: ServerPosition): void => reached(position),
  };
  // Everything but what the server writes for itself.
  if (prefixes.includes('')) return streamNameFilter({ ...common, regex: '^[^$]' });
  return streamNameFilter({ ...common, prefixes: [...prefixes] });
}
