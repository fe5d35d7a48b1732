/** Runs a piece of work and, whatever became of it, releases what it took, the last thing first. */
export const releaseAfter = async <T>(work: (release: (step: () => unknown) => void) => Promise<T>): Promise<T> => {
  const steps: (() => unknown)[] = [];
  try {
    return await work((step) => void steps.push(step));
  } finally {
    for (const step of steps.reverse()) await step();
  }
};
