import { setTimeout as sleep } from 'node:timers/promises';
import { FoundWrong, UsedWrongly } from '../outcome.js';
import type { SandboxAccess, ToldEvent } from './sandbox.js';

const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 30_000;

/** Whole messages of a stream of server-sent events: their data. Comments and what is cut off at the end are left out. */
async function* dataOf(body: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of body) {
    text += decoder.decode(chunk, { stream: true });
    const messages = text.split('\n\n');
    text = messages.pop() as string;
    for (const message of messages) {
      const data = message.split('\n').filter((line) => line.startsWith('data: '));
      if (data.length > 0) yield data.map((line) => line.slice('data: '.length)).join('\n');
    }
  }
}

/**
 * A tenant's events, one after the other, from now on or after a sequence; goes on where it was when the connection breaks.
 * Ends when `signal` is aborted. Throws `FoundWrong` where the installation refuses, `UsedWrongly` where none answers at all.
 */
export async function* followed(
  { baseUrl, key }: SandboxAccess,
  after: number | null,
  signal: AbortSignal,
  onTrouble: (message: string) => void,
): AsyncGenerator<{ readonly event: ToldEvent; readonly json: string }> {
  let last = after;
  let pause = FIRST_RETRY_MS;
  let hasAnswered = false;
  while (!signal.aborted) {
    try {
      const response = await fetch(`${baseUrl}/v1/events/stream`, {
        headers: { authorization: `Bearer ${key}`, ...(last === null ? {} : { 'last-event-id': String(last) }) },
        signal,
      });
      hasAnswered = true;
      if (response.status >= 400 && response.status < 500 && response.status !== 429) {
        throw new FoundWrong(`The stream of events was refused: ${await response.text()}`);
      }
      if (response.ok && response.body !== null) {
        for await (const json of dataOf(response.body)) {
          const event = JSON.parse(json) as ToldEvent;
          yield { event, json };
          last = event.sequence;
          pause = FIRST_RETRY_MS;
        }
      }
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof FoundWrong) throw error;
      if (!hasAnswered) throw new UsedWrongly(`No installation answers at ${baseUrl}. Start it with: npm start`);
      onTrouble(`the connection broke (${(error as Error).message}); connecting again`);
    }
    await sleep(pause, undefined, { signal }).catch(() => undefined);
    pause = Math.min(2 * pause, LONGEST_RETRY_MS);
  }
}
