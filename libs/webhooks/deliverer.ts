import { randomUUID } from 'node:crypto';
import { attemptDelivery, unsendable, type Attempt } from './attempt.js';
import type { Egress } from './connections.js';
import { maskedHeaders, type Destination, type SealedDestination } from './destination.js';
import type {
  Claim,
  Claimed,
  DeliveryStore,
  Lane,
  LaneTerms,
  SentRequest,
  Settlement,
  Turn,
} from './delivery-store.js';
import { Gathered } from './gathered.js';
import { Rotation } from './rotation.js';
import { nextAttempt } from './schedule.js';
import { signatureHeaders, type Secret, type WebhookKey } from './signing.js';
import { Slots } from './slots.js';

/** Where a worker stands with a delivery. */
export type Step = 'claimed' | 'sent' | 'answered' | 'recorded';

/** What is sent: the event as it is told in a version; null where there is none any more. */
export type RenderEvent = (
  tenantId: string,
  revision: number,
  terms: { readonly apiVersion: string | null; readonly payload: 'snapshot' | 'thin' },
) => Promise<{ readonly body: Uint8Array; readonly signatureHeader: string } | null>;

export interface DelivererOptions {
  readonly store: DeliveryStore;
  readonly egress: Egress;
  readonly render: RenderEvent;
  readonly destinationOf: (lane: Lane, sealed: SealedDestination) => Promise<Destination>;
  /** Secrets of an endpoint by their ids; of those that can't be had, none. */
  readonly secretsOf: (lane: Lane, secretIds: readonly string[]) => Promise<readonly Secret[]>;
  readonly key?: WebhookKey;
  /** Business time: the schedule's. */
  readonly now: () => number;
  /** Whether an error says that something of ours is away for now: then nothing is kept of the attempt. */
  readonly isPassing: (error: unknown) => boolean;
  /** Attempts under way in this process at once. */
  readonly most: number;
  /** Of those, how many are claimed for an endpoint in one turn. */
  readonly perTurn: number;
  readonly onFailure: (error: unknown, lane: Lane) => void;
  readonly onStep?: (step: Step, claimed: Claimed) => void;
  /** For the whole of an attempt, in ms: 15,000 unless given. */
  readonly deadlineMs?: number;
  readonly random?: () => number;
}

interface Made {
  readonly sent: SentRequest;
  readonly attempt: Attempt;
}

/** How soon (ms) a tenant gets a turn again that has been sent what it may be for now. */
const BUDGET_PAUSE_MS = 100;
/** How soon (ms) an endpoint does that another worker was just claiming of. */
const LOCKED_PAUSE_MS = 10;
/** So many times what may be under way here waits for a turn by whoever finds that it has something due. */
const ROUNDS_WAITING = 2;
/** Endpoints in one claim, and outcomes in one transaction: more would keep the first of them waiting. */
const TURNS_TOGETHER = 64;
const SETTLED_TOGETHER = 100;

/**
 * Sends what endpoints have waiting. It keeps nothing that matters: whoever wakes an endpoint may do so in vain or twice, and
 * whatever this process forgets is claimed by another once its lease has run out.
 */
export class Deliverer {
  private readonly rotation = new Rotation();
  private readonly slots: Slots;
  private readonly outcomes: Gathered<Settlement>;
  private readonly ending = new AbortController();
  private readonly underWay = new Set<Promise<void>>();
  private readonly cutOff = new AbortController();
  /** Who waits for an endpoint's next turn. */
  private readonly turns = new Map<string, (() => void)[]>();
  private readonly inFlight = new Map<string, number>();
  /** Endpoints that may have more waiting than was claimed. */
  private readonly more = new Set<string>();
  /** Tenants that have been sent what they may be for now. */
  private readonly paused = new Set<string>();
  private isClaiming = false;

  constructor(private readonly options: DelivererOptions) {
    this.slots = new Slots(options.most);
    this.outcomes = new Gathered((all) => options.store.settle(all), SETTLED_TOGETHER);
  }

  /** Attempts under way, and endpoints that wait for a turn. */
  get load(): { readonly sending: number; readonly waiting: number } {
    return { sending: this.slots.inUse, waiting: this.rotation.size };
  }

  /**
   * Gives the endpoint a turn. False where other workers had better: its tenant may have nothing more under way here, also
   * where the endpoint waits already, or so many have their turns before it that it would wait long.
   */
  takeUp(lane: Lane): boolean {
    if (this.slots.allowed(lane.tenantId) === 0) return false;
    if (this.rotation.has(lane)) return true;
    const soon = ROUNDS_WAITING * Math.ceil(this.options.most / this.options.perTurn);
    if (this.rotation.ahead(lane.tenantId, (tenantId) => !this.paused.has(tenantId)) >= soon) return false;
    void this.wake(lane);
    return true;
  }

  /**
   * Resolves once the endpoint has had a turn: its deliveries that are due are claimed, or cannot be now. Or once it is clear
   * that nobody who waits can have one here before something is done: then other workers may as well look after it.
   */
  wake(lane: Lane): Promise<void> {
    if (this.ending.signal.aborted) return Promise.resolve();
    return new Promise((done) => {
      const key = keyOf(lane);
      this.turns.set(key, [...(this.turns.get(key) ?? []), done]);
      this.rotation.add(lane);
      this.fill();
    });
  }

  /** Finishes what is under way, for so long (ms), gives the rest back, and ends. */
  async stop(graceMs = 5_000): Promise<void> {
    this.ending.abort(new Error('the worker ends'));
    const late = setTimeout(() => this.cutOff.abort(new Error('the worker ends')), graceMs);
    this.wait([...this.turns.keys()]);
    while (this.underWay.size > 0) await Promise.all(this.underWay);
    clearTimeout(late);
  }

  /** One claim at a time, of all that may have a turn: what is woken meanwhile comes together with the next. */
  private fill(): void {
    if (this.isClaiming || this.ending.signal.aborted) return;
    const turns = this.nextTurns();
    if (turns.length === 0) return;
    this.isClaiming = true;
    this.track(
      this.claimFor(turns).finally(() => {
        this.isClaiming = false;
      }),
    );
  }

  /** A turn's slots are held from here on, until it is known how many are needed. */
  private nextTurns(): Turn[] {
    const turns: Turn[] = [];
    const mayHave = (tenantId: string): boolean => !this.paused.has(tenantId) && this.slots.allowed(tenantId) > 0;
    while (turns.length < TURNS_TOGETHER) {
      const lane = this.rotation.next(mayHave);
      if (lane === null) {
        this.wait([...this.turns.keys()].filter((key) => !turns.some((turn) => keyOf(turn.lane) === key)));
        break;
      }
      const most = Math.min(this.options.perTurn, this.slots.allowed(lane.tenantId));
      this.slots.take(lane.tenantId, most);
      turns.push({ lane, most });
    }
    return turns;
  }

  /** Who waits for these need not any longer. */
  private wait(keys: readonly string[]): void {
    for (const key of keys) {
      for (const done of this.turns.get(key) ?? []) done();
      this.turns.delete(key);
    }
  }

  private track(work: Promise<void>): void {
    this.underWay.add(work);
    void work.finally(() => {
      this.underWay.delete(work);
      this.fill();
    });
  }

  private async claimFor(turns: readonly Turn[]): Promise<void> {
    const { store, now, onFailure } = this.options;
    const waiters = turns.flatMap(({ lane }) => {
      const own = this.turns.get(keyOf(lane)) ?? [];
      this.turns.delete(keyOf(lane));
      return own;
    });
    let claims: readonly Claim[] = [];
    try {
      // An id of its own: what a worker has lost to its lease and claimed again is not settled by its first attempt.
      claims = await store.claim(turns, randomUUID(), now());
    } catch (error) {
      // They wait for the next sweep.
      for (const { lane } of turns) onFailure(error, lane);
    }
    for (const [i, { lane, most }] of turns.entries()) {
      const claim = claims[i] ?? { kind: 'nothing' };
      this.slots.give(lane.tenantId, most - (claim.kind === 'claimed' ? claim.claimed.length : 0));
      this.launch(lane, claim);
    }
    for (const done of waiters) done();
  }

  private launch(lane: Lane, claim: Claim): void {
    const key = keyOf(lane);
    if (claim.kind === 'busy') this.more.add(key);
    if (claim.kind === 'locked') setTimeout(() => this.again(lane), LOCKED_PAUSE_MS).unref();
    if (claim.kind === 'budget') this.pause(lane);
    if (claim.kind !== 'claimed') return;
    const { claimed, terms } = claim;
    if (claim.hasMore) this.more.add(key);
    this.inFlight.set(key, (this.inFlight.get(key) ?? 0) + claimed.length);
    for (const one of claimed) this.step('claimed', one);
    const at = Date.now();
    const signing = terms.secrets.filter(({ expires_at }) => expires_at === null || Date.parse(expires_at) > at);
    const secrets = this.options.secretsOf(
      lane,
      signing.map(({ secret_id }) => secret_id),
    );
    for (const one of claimed) this.track(this.deliver(one, terms, secrets));
  }

  private pause(lane: Lane): void {
    this.rotation.add(lane);
    if (this.paused.has(lane.tenantId)) return;
    this.paused.add(lane.tenantId);
    setTimeout(() => {
      this.paused.delete(lane.tenantId);
      this.fill();
    }, BUDGET_PAUSE_MS).unref();
  }

  private async deliver(claimed: Claimed, terms: LaneTerms, secrets: Promise<readonly Secret[]>): Promise<void> {
    const key = keyOf(claimed);
    try {
      await this.keep(claimed, await this.made(claimed, terms, secrets));
    } catch (error) {
      // Something of ours is away. The claim comes back with the next sweep or, where not even that can be said, with its lease.
      if (!this.cutOff.signal.aborted) this.options.onFailure(error, claimed);
      await this.options.store.release(claimed).catch(() => undefined);
      this.more.delete(key);
    }
    this.slots.give(claimed.tenantId, 1);
    const left = (this.inFlight.get(key) ?? 1) - 1;
    if (left === 0) this.inFlight.delete(key);
    else this.inFlight.set(key, left);
    // One claim for several: only once half of what may be under way is done.
    if (left * 2 <= this.options.perTurn && this.more.delete(key)) this.again(claimed);
  }

  private again({ tenantId, endpointId }: Lane): void {
    if (this.ending.signal.aborted) return;
    this.rotation.add({ tenantId, endpointId });
    this.fill();
  }

  /** What can't be made for a reason of its own waits as long as what can't be delivered, and is seen as that. */
  private async made(claimed: Claimed, terms: LaneTerms, secrets: Promise<readonly Secret[]>): Promise<Made> {
    try {
      return await this.attempt(claimed, terms, await secrets);
    } catch (error) {
      if (this.cutOff.signal.aborted || this.options.isPassing(error)) throw error;
      this.options.onFailure(error, claimed);
      return notSent(terms, `it could not be made: ${(error as Error).message}`, false);
    }
  }

  private async attempt(claimed: Claimed, terms: LaneTerms, secrets: readonly Secret[]): Promise<Made> {
    const { egress, render, destinationOf, key, deadlineMs } = this.options;
    const rendered = await render(claimed.tenantId, claimed.revision, terms);
    const { url, headers: own } = await destinationOf(claimed, terms.destination);
    if (url === null) return notSent(terms, 'the endpoint’s URL was erased', true);
    if (rendered === null) return notSent(terms, 'there is no such event any more', true);
    const at = Date.now();
    const signed = signatureHeaders({
      endpointHeader: rendered.signatureHeader,
      secrets,
      ...(key === undefined ? {} : { ed25519: key }),
      id: claimed.eventId,
      timestampSeconds: Math.floor(at / 1_000),
      body: rendered.body,
    });
    const { body } = rendered;
    const sent = { url: terms.destination.url, headers: { ...maskedHeaders(own), ...signed }, body, at };
    this.step('sent', claimed);
    const { signal } = this.cutOff;
    const limit = deadlineMs === undefined ? {} : { deadlineMs };
    const attempt = await attemptDelivery({ url, headers: { ...own, ...signed }, body, egress, signal, ...limit });
    this.step('answered', claimed);
    return { sent, attempt };
  }

  private async keep(claimed: Claimed, { sent, attempt }: Made): Promise<void> {
    const { now, random = Math.random } = this.options;
    const next = nextAttempt(claimed.tries + 1, attempt.outcome, random());
    await this.outcomes.add({ claimed, sent, attempt, next, now: now() });
    this.step('recorded', claimed);
  }

  private step(step: Step, claimed: Claimed): void {
    this.options.onStep?.(step, claimed);
  }
}

const notSent = (terms: LaneTerms, reason: string, isForGood: boolean): Made => ({
  sent: { url: terms.destination.url, headers: {}, body: Buffer.alloc(0), at: Date.now() },
  attempt: unsendable(reason, isForGood),
});

const keyOf = ({ tenantId, endpointId }: Lane): string => `${tenantId}/${endpointId}`;
