/** Idempotent outcomes: each keyed command says how many events it made, and they stand side by side. */
import type { LedgerEvent } from '#domain/ledger.js';
import { must } from './wrong.js';

const HEX = /^[0-9a-f]{64}$/;

export class Outcomes {
  private left = 0;
  private first: LedgerEvent | null = null;

  /** The key that an event is the first outcome of, with its part of a batch; null: it is none. */
  take(event: LedgerEvent): { readonly key: string; readonly part: number } | null {
    const { idempotency, actor, request_id } = event.meta;
    if (this.left > 0) {
      this.left--;
      const { meta, revision } = this.first!;
      must(
        idempotency === null && actor === meta.actor && request_id === meta.request_id,
        () => `the command of revision ${revision} made ${meta.idempotency!.events} events, and this is none of them`,
      );
      return null;
    }
    if (idempotency === null) return null;
    const { key, request, operation, events, part } = idempotency;
    must(HEX.test(key) && HEX.test(request) && operation !== '', () => 'its idempotency record is malformed');
    must(Number.isSafeInteger(events) && events > 0, () => `its command made ${String(events)} events`);
    must(part === null || (part.i >= 0 && part.i < part.n), () => `it is part ${part!.i} of ${part!.n}`);
    this.left = events - 1;
    this.first = event;
    return { key, part: part === null ? 0 : part.i + 1 };
  }

  /** Of a command whose events the book does not have, its first revision; null: none is cut off. */
  get cutOff(): number | null {
    return this.left > 0 ? this.first!.revision : null;
  }
}
