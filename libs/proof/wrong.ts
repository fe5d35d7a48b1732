/** What a verification found that can't be. `revision` is null where it is of the file and of no event in it. */
export class Wrong extends Error {
  override readonly name = 'Wrong';

  constructor(
    readonly revision: number | null,
    readonly what: string,
  ) {
    super(revision === null ? what : `revision ${revision}: ${what}`);
  }
}

/** What an event says that can't be; whoever reads it knows which revision it is. */
export class Contradiction extends Error {
  override readonly name = 'Contradiction';
}

/** Throws where something does not hold. The sentence is made only then. */
export const must = (holds: boolean, what: () => string): void => {
  if (!holds) throw new Contradiction(what());
};
