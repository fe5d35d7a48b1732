/** The file is none that can be verified: no export, not of a whole book, no receipt. */
export class NotABook extends Error {
  override readonly name = 'NotABook';
}
