import { randomUUID } from 'node:crypto';
import { attemptDelivery, type Attempt } from './attempt.js';
import type { Egress } from './connections.js';
import { maskedHeaders, type Destination, type SealedDestination } from './destination.js';
import type { Claimed, DeliveryStore, Lane, LaneTerms, SentRequest } from './delivery-store.js';
import { Rotation } from './rotation.js';
import { nextAttempt } from './schedule.js';
import { signatureHeaders, type Secret, type WebhookKey } from './signing.js';

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

/** How soon (ms) an endpoint gets a turn again whose tenant has been sent what it may be for now. */
const BUDGET_PAUSE_MS = 100;

/**
 * Sends what endpoints have waiting. It keeps nothing that matters: whoever wakes an endpoint may do so in vain or twice, and
 * whatever this process forgets is claimed by another once its lease has run out.
 */
export class Deliverer {
  private readonly rotation = new Rotation();
  private readonly claim = randomUUID();
  private readonly ending = new AbortController();
  private readonly underWay = new Set<Promise<void>>();
  private readonly cutOff = new AbortController();
  /** Who waits for an endpoint's next turn. */
  private readonly turns = new Map<string, (() => void)[]>();
  private readonly inFlight = new Map<string, number>();
  /** Endpoints that may have more waiting than was claimed. */
  private readonly more = new Set<string>();
  private claiming = 0;
  private sending = 0;

  constructor(private readonly options: DelivererOptions) {}

  /** Attempts under way, and endpoints that wait for a turn. */
  get load(): { readonly sending: number; readonly waiting: number } {
    return { sending: this.sending, waiting: this.rotation.size };
  }

  /** Resolves once the endpoint has had a turn: its deliveries that are due are claimed, or cannot be now. */
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
    for (const waiters of this.turns.values()) for (const done of waiters) done();
    while (this.underWay.size > 0) await Promise.all(this.underWay);
    clearTimeout(late);
  }

  private get room(): number {
    return this.options.most - this.sending - this.claiming * this.options.perTurn;
  }

  private fill(): void {
    while (this.room > 0 && !this.ending.signal.aborted) {
      const lane = this.rotation.next();
      if (lane === null) return;
      this.track(this.turn(lane));
    }
  }

  private track(work: Promise<void>): void {
    this.underWay.add(work);
    void work.finally(() => {
      this.underWay.delete(work);
      this.fill();
    });
  }

  private async turn(lane: Lane): Promise<void> {
    const key = keyOf(lane);
    const waiters = this.turns.get(key) ?? [];
    this.turns.delete(key);
    this.claiming += 1;
    try {
      await this.launch(lane);
    } catch (error) {
      // It waits for the next sweep.
      this.options.onFailure(error, lane);
    } finally {
      this.claiming -= 1;
    }
    for (const done of waiters) done();
  }

  private async launch(lane: Lane): Promise<void> {
    const { store, now, perTurn, secretsOf } = this.options;
    const claim = await store.claim(lane, this.claim, perTurn, now());
    if (claim.kind === 'budget') setTimeout(() => this.again(lane), BUDGET_PAUSE_MS).unref();
    if (claim.kind !== 'claimed') {
      if (claim.kind === 'busy') this.more.add(keyOf(lane));
      return;
    }
    const { claimed, terms } = claim;
    if (claim.hasMore) this.more.add(keyOf(lane));
    this.sending += claimed.length;
    this.inFlight.set(keyOf(lane), (this.inFlight.get(keyOf(lane)) ?? 0) + claimed.length);
    for (const one of claimed) this.step('claimed', one);
    const at = Date.now();
    const signing = terms.secrets.filter(({ expires_at }) => expires_at === null || Date.parse(expires_at) > at);
    const secrets = secretsOf(
      lane,
      signing.map(({ secret_id }) => secret_id),
    );
    for (const one of claimed) this.track(this.deliver(one, terms, secrets));
    await secrets;
  }

  private async deliver(claimed: Claimed, terms: LaneTerms, secrets: Promise<readonly Secret[]>): Promise<void> {
    const key = keyOf(claimed);
    try {
      const made = await this.attempt(claimed, terms, await secrets);
      if (made === null) await this.options.store.release(claimed);
      else await this.keep(claimed, made);
    } catch (error) {
      // Not the consumer's doing. The claim comes back, here or, where not even that can be said, with its lease.
      if (!this.cutOff.signal.aborted) this.options.onFailure(error, claimed);
      await this.options.store.release(claimed).catch(() => undefined);
    }
    this.sending -= 1;
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

  private async attempt(
    claimed: Claimed,
    terms: LaneTerms,
    secrets: readonly Secret[],
  ): Promise<{ sent: SentRequest; attempt: Attempt } | null> {
    const { egress, render, destinationOf, key, deadlineMs } = this.options;
    const rendered = await render(claimed.tenantId, claimed.revision, terms);
    const { url, headers: own } = await destinationOf(claimed, terms.destination);
    if (rendered === null || url === null) return null;
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

  private async keep(claimed: Claimed, made: { sent: SentRequest; attempt: Attempt }): Promise<void> {
    const { store, now, random = Math.random } = this.options;
    const next = nextAttempt(claimed.tries + 1, made.attempt.outcome, random());
    await store.settle(claimed, made.sent, made.attempt, next, now());
    this.step('recorded', claimed);
  }

  private step(step: Step, claimed: Claimed): void {
    this.options.onStep?.(step, claimed);
  }
}

const keyOf = ({ tenantId, endpointId }: Lane): string => `${tenantId}/${endpointId}`;
