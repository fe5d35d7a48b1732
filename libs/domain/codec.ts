import { canonicalJson, type Json } from './canonical.js';
import type { Clear, Sealed } from './decision.js';
import { LedgerInconsistent } from './entries.js';
import type { EventMeta, EventType, LedgerDraft, LedgerEvent } from './ledger.js';
import { IS_PUBLIC } from './is-public.js';
import { formatInstant, parseInstant, type Instant } from './time.js';

/** Stream of a tenant's ledger; only this file knows how it is named. */
export const ledgerStream = (tenantId: string, epoch = 0): string => `ledger-${tenantId}-${epoch}`;

export const LEDGER_STREAM_PREFIX = 'ledger-';

export const tenantOfStream = (stream: string): string =>
  stream.slice(LEDGER_STREAM_PREFIX.length, stream.lastIndexOf('-'));

/** Version of each event's shape. An upcaster goes where a number is raised; a published shape is never reinterpreted. */
const SHAPE = 1;

/** Turns personal data into what may be stored; gets the text and whose it is. */
export type Seal = (text: string, subject: string) => Sealed;

const isClear = (value: object): value is Clear => typeof (value as Partial<Clear>).clear === 'string';

/** The canonical envelope: what is stored and hashed. */
export const encodeEvent = (draft: LedgerDraft, revision: number, at: Instant, meta: EventMeta, seal: Seal): string =>
  canonicalJson(
    {
      revision,
      id: draft.id,
      type: draft.type,
      v: SHAPE,
      at: formatInstant(at),
      data: draft.data as unknown as Json,
      meta: meta as unknown as Json,
    },
    (value) => (isClear(value) ? seal(value.clear, value.subject ?? draft.subject) : undefined),
  );

interface Envelope {
  readonly revision: number;
  readonly id: string;
  readonly type: string;
  readonly v: number;
  readonly at: string;
  readonly data: unknown;
  readonly meta: EventMeta;
}

/** Reads an envelope back. Throws `LedgerInconsistent` where it is none that this version of the code knows. */
export const decodeEvent = (text: string): LedgerEvent => {
  try {
    return readEnvelope(JSON.parse(text));
  } catch (error) {
    if (error instanceof SyntaxError) throw new LedgerInconsistent('an event is not JSON');
    throw error;
  }
};

/** The same of an envelope that was parsed. */
export const readEnvelope = (parsed: unknown): LedgerEvent => {
  const envelope = (parsed ?? {}) as Partial<Envelope>;
  const { revision, id, type, v, data, meta } = envelope;
  if (type === undefined || !Object.hasOwn(IS_PUBLIC, type) || v !== SHAPE) {
    throw new LedgerInconsistent(`event ${type} v${v} is unknown to this version`);
  }
  const at = typeof envelope.at === 'string' ? parseInstant(envelope.at) : undefined;
  if (at === undefined) throw new LedgerInconsistent(`event ${id} has no time`);
  return { revision, id, at, type: type as EventType, data, meta } as LedgerEvent;
};
