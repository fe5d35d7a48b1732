import type { StreamingRead } from '@eventstore/db-client';
import { DeadlineExceeded } from '../deadline.js';
import type { ServerEvent } from './stored-event.js';

/**
 * Everything that one read gives. The client puts no deadline on reads, and a server that accepts a connection and never
 * answers keeps them for ever: this one ends when nothing has come for `timeoutMs`. The call is cancelled whenever it is
 * left before its end; destroying the stream, as leaving a `for await` does, would leak it.
 */
export function collect(reading: StreamingRead<{ event?: ServerEvent }>, timeoutMs: number): Promise<ServerEvent[]> {
  return new Promise((resolve, reject) => {
    const events: ServerEvent[] = [];
    const fail = (error: unknown): void => {
      clearTimeout(timer);
      reading.cancel().catch(() => undefined);
      reject(error);
    };
    const timer = setTimeout(() => fail(new DeadlineExceeded(`a read gave nothing for ${timeoutMs} ms`)), timeoutMs);
    // For ever: an error without a listener would end the process, also one that comes after the deadline.
    reading.on('error', fail);
    reading.on('data', ({ event }) => {
      timer.refresh();
      if (event) events.push(event);
    });
    reading.on('end', () => {
      clearTimeout(timer);
      resolve(events);
    });
  });
}
