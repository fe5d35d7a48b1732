import type { Book, Installation } from './fixture.js';
import { runLoad, type LoadResult } from './load.js';
import type { Comparison } from './scenarios.js';

/** How often each of the three is measured, forwards and backwards in turn: what drifts meanwhile drifts for all. */
const ROUNDS = 4;

type Variant = 'plain' | 'configured' | 'charged';
const VARIANTS: readonly Variant[] = ['plain', 'configured', 'charged'];

/** To what is measured beside it; 1 is as fast. */
export interface Against {
  readonly requestsPerSecond: number;
  readonly p99Ms: number;
  /** To the plain figure of the same round: in the middle, and at its extremes. */
  readonly ratio: number;
  readonly lowest: number;
  readonly highest: number;
}

export interface ComparedRow {
  readonly scenario: string;
  readonly clients: number;
  readonly plain: Pick<Against, 'requestsPerSecond' | 'p99Ms'>;
  readonly configured: Against;
  readonly charged: Against;
  readonly failures: number;
  readonly firstFailure: string | null;
}

const middle = (values: readonly number[]): number => {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length / 2;
  return ((sorted[Math.ceil(half) - 1] as number) + (sorted[Math.floor(half)] as number)) / 2;
};

export const compare = async (
  comparison: Comparison,
  clients: number,
  { installation, book, seconds }: { installation: Installation; book: Book; seconds: number },
): Promise<ComparedRow> => {
  const runs: Record<Variant, LoadResult[]> = { plain: [], configured: [], charged: [] };
  for (let round = 0; round < ROUNDS; round++) {
    for (const variant of round % 2 === 0 ? VARIANTS : VARIANTS.toReversed()) {
      await installation.settle(book);
      runs[variant].push(await runLoad(comparison[variant], installation.baseUrl, clients, seconds));
    }
  }
  const figures = (variant: Variant): Pick<Against, 'requestsPerSecond' | 'p99Ms'> => ({
    requestsPerSecond: middle(runs[variant].map((run) => run.requestsPerSecond)),
    p99Ms: middle(runs[variant].map((run) => run.p99Ms)),
  });
  const against = (variant: Variant): Against => {
    const ratios = runs[variant].map(
      (run, round) => run.requestsPerSecond / (runs.plain[round] as LoadResult).requestsPerSecond,
    );
    return {
      ...figures(variant),
      ratio: middle(ratios),
      lowest: Math.min(...ratios),
      highest: Math.max(...ratios),
    };
  };
  const all = VARIANTS.flatMap((variant) => runs[variant]);
  return {
    scenario: comparison.name,
    clients,
    plain: figures('plain'),
    configured: against('configured'),
    charged: against('charged'),
    failures: all.reduce((sum, run) => sum + run.failures, 0),
    firstFailure: all.find((run) => run.firstFailure !== null)?.firstFailure ?? null,
  };
};
