/**
 * Which of many words a text holds, wherever in it: one pass over the text however many the words are and however long
 * (A. Aho, M. Corasick, “Efficient string matching”, 1975).
 */

interface Place {
  readonly next: Map<string, Place>;
  /** Where to go on when no word goes on here: the longest end of what was read that a word begins with. */
  otherwise: Place | null;
  /** The nearest of those at which a word ends. */
  shorter: Place | null;
  word: string | null;
}

const place = (): Place => ({ next: new Map(), otherwise: null, shorter: null, word: null });

export class TextSearch {
  private readonly root = place();

  /** None of the words may be empty. */
  constructor(words: Iterable<string>) {
    for (const word of words) {
      let at = this.root;
      for (const letter of word) {
        let to = at.next.get(letter);
        if (to === undefined) at.next.set(letter, (to = place()));
        at = to;
      }
      at.word = word;
    }
    this.link();
  }

  /** Each of the words that the text holds, once. */
  in(text: string): ReadonlySet<string> {
    const found = new Set<string>();
    let at = this.root;
    for (const letter of text) {
      at = this.step(at, letter);
      for (let end: Place | null = at; end !== null; end = end.shorter) {
        if (end.word === null) continue;
        // Whatever stands behind it was found with it.
        if (found.has(end.word)) break;
        found.add(end.word);
      }
    }
    return found;
  }

  private step(from: Place, letter: string): Place {
    for (let at: Place | null = from; at !== null; at = at.otherwise) {
      const to = at.next.get(letter);
      if (to !== undefined) return to;
    }
    return this.root;
  }

  /** Nearest to the root first, as each link leads nearer to it. */
  private link(): void {
    const places = [this.root];
    for (const from of places) {
      for (const [letter, to] of from.next) {
        const otherwise = from.otherwise === null ? this.root : this.step(from.otherwise, letter);
        to.otherwise = otherwise;
        to.shorter = otherwise.word === null ? otherwise.shorter : otherwise;
        places.push(to);
      }
    }
  }
}
