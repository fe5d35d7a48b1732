/** Plays random histories until so many commands were compared, or until one tells the oracle and the product apart. */
import fc from 'fast-check';
import { histories, play, WORLD_SIZE, type Difference, type Played } from './simulation.js';

export interface Plan {
  readonly commands: number;
  readonly seed: number;
  /** Commands of a history at most. */
  readonly longest: number;
  /** With amounts at the end of the range of numbers. */
  readonly extremes: boolean;
  readonly progress?: (commands: number) => void;
}

export interface Report {
  readonly commands: number;
  readonly histories: number;
  /** How often each verdict came, by command: `PostTransaction done`, `AuthorizeCard declined: card_suspended`. */
  readonly verdicts: ReadonlyMap<string, number>;
  readonly failure: Failure | null;
}

export interface Failure {
  /** What replays it, by these histories alone: see `told`. */
  readonly seed: number;
  readonly extremes: boolean;
  readonly difference: Difference;
  /** The shortest history found that still differs, its last command the one that does. */
  readonly played: readonly Played[];
}

/** A chunk takes a second; looking for the shortest history that differs may take as long as it likes, but for this. */
const SHRINKING_MS = 60_000;

/** Commands of a history at most. At the end of the range the oracle sets its books aside before each, which takes long. */
export const LONGEST = { ordinary: 300, extremes: 60 } as const;

/** Rules and names of what exists differ from run to run; which rule it was does not matter to the count. */
const kindOf = (verdict: string): string => verdict.replace(/ by .*$/, '');

export const simulate = ({ commands, seed, longest, extremes, progress }: Plan): Report => {
  const verdicts = new Map<string, number>();
  const history = histories(longest, extremes);
  let compared = 0;
  let count = 0;
  for (let chunk = seed; compared < commands; chunk++) {
    let failure: Failure | null = null;
    const checked = fc.check(
      fc.property(history, (one) => {
        const { played, difference } = play(one, extremes);
        if (difference) {
          failure = { seed: chunk, extremes, difference, played };
          return false;
        }
        // What is played after the first difference only looks for a shorter one.
        if (failure !== null) return true;
        count += 1;
        compared += played.length;
        for (const { command, verdict } of played.slice(WORLD_SIZE)) {
          const key = `${command.type} ${kindOf(verdict)}`;
          verdicts.set(key, (verdicts.get(key) ?? 0) + 1);
        }
        return true;
      }),
      { seed: chunk, numRuns: 10, interruptAfterTimeLimit: SHRINKING_MS, markInterruptAsFailure: false },
    );
    if (checked.errorInstance instanceof Error && failure === null) throw checked.errorInstance;
    if (checked.failed) return { commands: compared, histories: count, verdicts, failure };
    progress?.(compared);
  }
  return { commands: compared, histories: count, verdicts, failure: null };
};
