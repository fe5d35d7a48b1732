import type { Sealed } from '#domain/decision.js';
import { assertSubject, newKey, type SubjectKey } from './sealing.js';
import {
  type KeyOrErased,
  type KeyShelf,
  openerWith,
  Sealing,
  SubjectKeyMissing,
  subjectsOf,
} from './sealing-session.js';

/** Subject keys in this process's memory: for `DAYBOOK_EVENT_STORE=memory` and tests. With the process all is erased. */
export class MemorySubjectVault {
  readonly #keys = new Map<string, KeyOrErased>();

  readonly #shelf: KeyShelf = {
    peek: (tenantId, subject) => this.#keys.get(nameOf(tenantId, subject)),
    // Async, so that it fails as a rejection.
    keep: async (tenantId, keys) => {
      const lost = [...keys].filter(([subject, key]) => !this.#keep(tenantId, subject, key));
      if (lost[0] !== undefined) throw new SubjectKeyMissing(lost[0][0]);
    },
  };

  async load(tenantId: string, subjects: readonly string[]): Promise<void> {
    subjects.forEach(assertSubject);
    for (const subject of subjects) this.#keep(tenantId, subject, newKey());
  }

  session(tenantId: string, isNew: (subject: string) => boolean): Sealing {
    return new Sealing(tenantId, isNew, this.#shelf);
  }

  async opener(tenantId: string, sealedTexts: Iterable<Sealed>): Promise<(sealed: Sealed) => string | null> {
    const subjects = subjectsOf(sealedTexts);
    const keys = [...subjects].map((subject) => [subject, this.#shelf.peek(tenantId, subject) ?? null] as const);
    return openerWith(tenantId, subjects, new Map(keys));
  }

  async erase(tenantId: string, subject: string): Promise<void> {
    assertSubject(subject);
    this.#keys.set(nameOf(tenantId, subject), null);
  }

  /** Whether this key stands for the subject now. */
  #keep(tenantId: string, subject: string, key: SubjectKey): boolean {
    const name = nameOf(tenantId, subject);
    const standing = this.#keys.get(name);
    if (standing === undefined) this.#keys.set(name, key);
    return standing === undefined || standing?.equals(key) === true;
  }
}

const nameOf = (tenantId: string, subject: string): string => `${tenantId}/${subject}`;
