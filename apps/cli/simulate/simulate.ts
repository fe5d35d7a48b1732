import type { Configuration } from '#platform/configuration.js';
import { FoundWrong, UsedWrongly } from '../outcome.js';
import { progressOf } from '../progress.js';
import { findRunning, operatorToken } from '../running.js';
import { HttpLedger } from './http-ledger.js';
import { Network } from './network.js';
import { Random } from './random.js';
import { messagesOf, STORY_NAMES, type StoryName, type Traffic } from './traffic.js';

export interface SimulateArguments extends Omit<Traffic, 'stories' | 'seed'> {
  readonly seed?: number;
  readonly stories: readonly string[];
  /** What each card's account begins with, minor units. */
  readonly funds: number;
  readonly json: boolean;
}

const storiesOf = (names: readonly string[]): readonly StoryName[] => {
  const unknown = names.find((name) => !(STORY_NAMES as readonly string[]).includes(name));
  if (unknown !== undefined)
    throw new UsedWrongly(`There is no story ${unknown}. There are: ${STORY_NAMES.join(', ')}.`);
  return names.length === 0 ? STORY_NAMES : (names as readonly StoryName[]);
};

/**
 * Sends card traffic to the running installation, on a sandbox tenant of its own, and looks after each message whether the
 * sums can be; then all of it once more, in another order, which must change nothing. Exit code 1 where something is wrong.
 */
export const simulate = async (configuration: Configuration, given: SimulateArguments): Promise<void> => {
  const seed = given.seed ?? Date.now() % 1_000_000_000;
  const traffic: Traffic = { ...given, seed, stories: storiesOf(given.stories) };
  const { baseUrl } = await findRunning(configuration);
  const token = await operatorToken(configuration, ['manage_tenants', 'manage_tenant_api_keys'], 3600, 'simulate');
  const ledger = new HttpLedger(baseUrl, token, given.funds);
  await ledger.open(given.cards);

  const network = new Network(ledger);
  const messages = messagesOf(traffic);
  const progress = progressOf('messages', given.json);
  const started = Date.now();
  const { faults } = network.tally;
  for (const [i, message] of messages.entries()) {
    if (faults.length === 0) await network.send(message);
    progress.update(i + 1, 2 * messages.length);
  }
  const again = shuffled(network.history, seed);
  for (const [i, taken] of again.entries()) {
    if (faults.length === 0) await network.repeat(taken);
    progress.update(messages.length + i + 1, messages.length + again.length);
  }
  progress.end();
  report(network, traffic, ledger.hasClock, (Date.now() - started) / 1000, given.json);
};

/** The same in another order. */
export const shuffled = <T>(list: readonly T[], seed: number): readonly T[] => {
  const random = new Random(seed);
  const rest = [...list];
  for (let i = rest.length - 1; i > 0; i--) {
    const other = random.between(0, i);
    [rest[i], rest[other]] = [rest[other] as T, rest[i] as T];
  }
  return rest;
};

const report = ({ tally }: Network, traffic: Traffic, hasClock: boolean, seconds: number, json: boolean): void => {
  const { seed, purchases, cards } = traffic;
  if (json) process.stdout.write(`${JSON.stringify({ seed, purchases, cards, seconds, ...tally })}\n`);
  else {
    process.stdout.write(
      `seed ${seed}: ${tally.messages} messages about ${purchases} purchases on ${cards} cards in ${seconds.toFixed(1)} s; ` +
        `${tally.repeated} came again, ${tally.refused} were refused, ${tally.unlinked} were about nothing known\n` +
        (hasClock ? '' : 'Time stood still, so nothing expired: start with DAYBOOK_CLOCK=settable to move it.\n'),
    );
  }
  if (tally.faults.length > 0) throw new FoundWrong(`seed ${seed}: ${tally.faults.join('\n')}`);
  if (!json) process.stdout.write('every sum was right after every message, and nothing that came again changed any\n');
};
