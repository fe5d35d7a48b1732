import type { Seal } from '#domain/codec.js';
import type { Sealed } from '#domain/decision.js';
import { assertSubject, newKey, openText, sealText, subjectOf, type SubjectKey } from './sealing.js';

/** A key, or null for a subject that was erased. */
export type KeyOrErased = SubjectKey | null;

/**
 * The key of this subject must be loaded before anything can be sealed for it. The engine declares an error of this shape
 * among its ports and tells it by `name` and `subject`: this room may not import the engine's.
 */
export class SubjectKeyMissing extends Error {
  override readonly name = 'SubjectKeyMissing';
  constructor(readonly subject: string) {
    super(`the key of ${subject} is not loaded`);
  }
}

/** Where a session's keys come from and go to. */
export interface KeyShelf {
  /** What is in memory; undefined where nothing is. */
  peek(tenantId: string, subject: string): KeyOrErased | undefined;
  /**
   * Keeps these keys for good, in one statement. A subject that has another key already, or was erased, throws
   * `SubjectKeyMissing` when all is done: what was sealed under the losing key must be sealed again.
   */
  keep(tenantId: string, keys: ReadonlyMap<string, SubjectKey>): Promise<void>;
}

/**
 * One batch's sealing. For an erased subject it seals under a key that nobody keeps: the books go on (a clearing is never
 * refused), and what is said about the subject from then on opens for nobody either.
 */
export class Sealing {
  readonly #made = new Map<string, SubjectKey>();
  #unkept = new Map<string, SubjectKey>();

  constructor(
    private readonly tenantId: string,
    private readonly isNew: (subject: string) => boolean,
    private readonly shelf: KeyShelf,
  ) {}

  /** Synchronous. Throws `SubjectKeyMissing`. */
  readonly seal: Seal = (text, subject) => {
    const key = this.#made.get(subject) ?? this.shelf.peek(this.tenantId, subject);
    if (key === undefined) return sealText(this.tenantId, subject, this.#make(subject), text);
    return sealText(this.tenantId, subject, key ?? newKey(), text);
  };

  /**
   * Writes the keys made so far, in one statement; nothing to write, nothing asked. To be awaited before the append, or
   * a crash would leave texts that nobody can open. May be called again, after a failure too. Throws `SubjectKeyMissing`
   * where another instance was first: the batch is decided again.
   */
  async persist(): Promise<void> {
    if (this.#unkept.size === 0) return;
    const keys = this.#unkept;
    await this.shelf.keep(this.tenantId, keys);
    this.#unkept = new Map([...this.#unkept].filter(([subject]) => !keys.has(subject)));
  }

  #make(subject: string): SubjectKey {
    if (!this.isNew(subject)) throw new SubjectKeyMissing(subject);
    assertSubject(subject);
    const key = newKey();
    this.#made.set(subject, key);
    this.#unkept.set(subject, key);
    return key;
  }
}

/** The subjects of these texts. What is no sealed text has none, and opens to null. */
export const subjectsOf = (sealedTexts: Iterable<Sealed>): Set<string> => {
  const subjects = new Set<string>();
  for (const sealed of sealedTexts) {
    const subject = subjectOf(sealed);
    if (subject !== null) subjects.add(subject);
  }
  return subjects;
};

/**
 * Opens with these keys, at once. Null: erased, unknown, or not sealed by this subject's key. Throws for a subject that
 * was not announced: null would then pass for an erasure.
 */
export const openerWith =
  (tenantId: string, subjects: ReadonlySet<string>, keys: ReadonlyMap<string, KeyOrErased>) =>
  (sealed: Sealed): string | null => {
    const subject = subjectOf(sealed);
    if (subject === null) return null;
    if (!subjects.has(subject)) throw new Error(`the opener was not told of a text of ${subject}`);
    const key = keys.get(subject) ?? null;
    return key === null ? null : openText(tenantId, subject, key, sealed);
  };
