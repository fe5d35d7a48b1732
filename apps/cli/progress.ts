import { Presets, SingleBar } from 'cli-progress';

export interface Progress {
  update(done: number, total: number): void;
  end(): void;
}

/** A bar on a terminal, one JSON object a line when asked for, nothing when the output goes elsewhere. */
export const progressOf = (what: string, json: boolean): Progress => {
  if (json) {
    return {
      update: (done, total) => void process.stdout.write(`${JSON.stringify({ progress: what, done, total })}\n`),
      end: () => undefined,
    };
  }
  if (!process.stderr.isTTY) return { update: () => undefined, end: () => undefined };
  const bar = new SingleBar(
    { format: `${what} {bar} {percentage}% {value}/{total} {eta_formatted}` },
    Presets.shades_classic,
  );
  let started = false;
  return {
    update: (done, total) => {
      if (started) {
        bar.setTotal(total);
        bar.update(done);
      } else bar.start(total, done);
      started = true;
    },
    end: () => bar.stop(),
  };
};
