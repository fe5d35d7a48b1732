/** The command was called in a way that can't work; exit code 2. */
export class UsedWrongly extends Error {
  override readonly name = 'UsedWrongly';
}

/** The command did what it was asked to and found something wrong; exit code 1. */
export class FoundWrong extends Error {
  override readonly name = 'FoundWrong';
}
