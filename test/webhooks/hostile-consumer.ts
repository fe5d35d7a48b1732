/** How consumers fail: by turns, so that each delivery comes through in the end. */
import type { ServerResponse } from 'node:http';
import type { Behaviour } from '../support/consumer.js';

const misbehave: readonly ((response: ServerResponse) => void)[] = [
  (response) => void response.writeHead(500).end('no'),
  (response) => void response.writeHead(429, { 'retry-after': '1' }).end(),
  (response) => void response.socket?.destroy(),
  (response) => void response.socket?.end('SSH-2.0-OpenSSH_9.2\r\n'),
  // Never answers: the deadline does.
  () => undefined,
];

/** Of so many answers one is what it should be, beside those that always are. */
export const hostile = (acknowledge: (path: string, eventId: string) => void): Behaviour => {
  let turn = 0;
  return (response, { path, event }) => {
    turn += 1;
    const isWell = path === '/well' || turn % 3 !== 0;
    if (!isWell) {
      misbehave[Math.floor(turn / 3) % misbehave.length]!(response);
      return;
    }
    acknowledge(path, event.id);
    response.writeHead(200).end();
  };
};
