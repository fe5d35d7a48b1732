import { NotTaken, OutcomePending, type CommandRequest, type Receipt } from './ports.js';

/** A command between being taken and being answered. */
export class Waiting {
  /** The answer of the attempt at hand; given only when that attempt is durable. */
  receipt: Receipt | null = null;
  /** Why this command alone came to nothing in the attempt at hand. */
  failure: unknown = undefined;
  /** An earlier command of the same attempt under the same key: this one gets its answer. */
  twin: Waiting | null = null;
  settled = false;

  constructor(
    readonly request: CommandRequest,
    /** When it was taken: ms of the monotonic clock. */
    readonly since: number,
    /** Roughly what it takes, in bytes. */
    readonly bytes: number,
    private readonly resolve: (receipt: Receipt) => void,
    private readonly reject: (reason: unknown) => void,
  ) {}

  /** A new attempt: what the last one came to no longer counts. */
  reset(): void {
    this.receipt = null;
    this.failure = undefined;
    this.twin = null;
  }

  answer(receipt: Receipt): void {
    if (this.settled) return;
    this.settled = true;
    this.resolve(receipt);
  }

  fail(reason: unknown): void {
    if (this.settled) return;
    this.settled = true;
    this.reject(reason);
  }

  /** Gives the answer of the attempt, which is durable now. */
  conclude(): void {
    if (this.failure !== undefined) return this.fail(this.failure);
    const receipt = this.twin === null ? this.receipt : this.twin.receipt;
    if (receipt === null) return this.fail(new Error('a command was left undecided'));
    this.answer(this.twin !== null && receipt.kind === 'committed' ? { ...receipt, replayed: true } : receipt);
  }

  /** It has waited too long. `appending`: it may be in the stream already. */
  giveUp(appending: boolean, reason: NotTaken['reason']): void {
    this.fail(appending ? new OutcomePending('the outcome of an append is not known yet') : new NotTaken(reason, 1000));
  }
}

/** Roughly the memory of a command, without encoding it. */
export const roughBytes = (value: unknown): number => {
  if (typeof value === 'string') return value.length + 16;
  if (typeof value !== 'object' || value === null) return 8;
  let bytes = 16;
  if (Array.isArray(value)) for (const member of value) bytes += roughBytes(member);
  else for (const key in value) bytes += 16 + roughBytes((value as Record<string, unknown>)[key]);
  return bytes;
};
