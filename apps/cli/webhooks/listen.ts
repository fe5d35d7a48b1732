import { EVENT_SELECTORS, selectorsOf } from '#contract/public-events.js';
import { signatureHeader } from '#contract/versions/webhooks.js';
import type { Configuration } from '#platform/configuration.js';
import { attemptDelivery } from '#webhooks/attempt.js';
import { Egress } from '#webhooks/connections.js';
import { hostOf, portOf } from '#webhooks/egress.js';
import { newSigningSecret, type Secret, signatureHeaders } from '#webhooks/signing.js';
import { UsedWrongly } from '../outcome.js';
import { followed } from './event-stream.js';
import { findSandbox, type SandboxAccess, type ToldEvent } from './sandbox.js';

export interface ListenArguments {
  /** Where events are sent: any http or https URL, on this machine or not. */
  readonly forward: string;
  readonly key?: string;
  /** Which types: as a webhook endpoint has them. */
  readonly events: readonly string[];
  readonly secret?: string;
  /** Begins after this sequence instead of with what happens from now on. */
  readonly after?: number;
  /** Ends after so many. */
  readonly count?: number;
  readonly json: boolean;
}

export interface Forwarding {
  readonly url: URL;
  readonly secret: Secret;
  readonly selectors: ReadonlySet<string>;
  readonly after: number | null;
  /** Infinity: without end. */
  readonly count: number;
}

export interface Forwarded {
  readonly event: ToldEvent;
  /** Null: there was no answer. */
  readonly status: number | null;
  readonly failure: string | null;
  readonly ms: number;
}

const checked = (given: ListenArguments): Forwarding => {
  const url = URL.canParse(given.forward) ? new URL(given.forward) : null;
  if (url === null || !/^https?:$/.test(url.protocol)) throw new UsedWrongly('--forward takes an http or https URL.');
  const unknown = given.events.find((selector) => !EVENT_SELECTORS.includes(selector));
  if (unknown !== undefined) throw new UsedWrongly(`There is no type of event ${unknown}.`);
  const secret = given.secret ?? newSigningSecret();
  if (!/^whsec_[A-Za-z0-9+/]{32,88}={0,2}$/.test(secret)) throw new UsedWrongly('--secret is whsec_ and base64.');
  const selectors = new Set(given.events.length === 0 ? ['*'] : given.events);
  const { after = null, count = Infinity } = given;
  return { url, secret: secret as Secret, selectors, after, count };
};

/** Sends each event of a tenant on, signed as a delivery is. Nothing is tried again. */
export async function* forwarded(
  access: SandboxAccess,
  { url, secret, selectors, after, count }: Forwarding,
  signal: AbortSignal,
  onTrouble: (message: string) => void,
): AsyncGenerator<Forwarded> {
  const egress = new Egress({ allow: [{ host: hostOf(url), port: portOf(url) }] });
  let left = count;
  try {
    for await (const { event, json } of followed(access, after, signal, onTrouble)) {
      if (!selectorsOf(event.type).some((selector) => selectors.has(selector))) continue;
      const body = Buffer.from(json);
      const { api_version: version } = JSON.parse(json) as { api_version: string };
      const headers = signatureHeaders({
        endpointHeader: signatureHeader(version),
        secrets: [secret],
        id: event.id,
        timestampSeconds: Math.floor(Date.now() / 1_000),
        body,
      });
      const attempt = await attemptDelivery({ url: url.href, headers, body, egress, signal });
      const { status, failure, timings } = attempt;
      yield { event, status, failure, ms: Math.round(timings.totalMs) };
      left -= 1;
      if (left === 0) return;
    }
  } finally {
    egress.close();
  }
}

const line = ({ event, status, failure, ms }: Forwarded): string =>
  `${String(status ?? failure).padEnd(4)} ${String(ms).padStart(5)} ms  ${String(event.sequence).padStart(8)}  ${event.id}  ${event.type}`;

const LOOK_MS = 1_000;

/**
 * npm does not hand a signal on to what it runs, it leaves it behind. Whoever began it in another way may go and let it run on
 * (nohup).
 */
const endsWithNpm = (stop: () => void): void => {
  if (process.env['npm_command'] === undefined) return;
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) stop();
  }, LOOK_MS).unref();
};

/** Forwards what happens at a sandbox tenant to a server under development, until Ctrl-C. */
export const listen = async (configuration: Configuration, given: ListenArguments): Promise<void> => {
  const forwarding = checked(given);
  const access = findSandbox(configuration, given.key);
  const stopping = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopping.abort());
  endsWithNpm(() => stopping.abort());
  const say = (text: string): void => void process.stderr.write(`${text}\n`);
  say(`Signing secret: ${forwarding.secret}`);
  say(`Events of the sandbox tenant go to ${forwarding.url.href}. Ctrl-C ends it.`);
  try {
    for await (const one of forwarded(access, forwarding, stopping.signal, say)) {
      const { event, ...outcome } = one;
      process.stdout.write(
        given.json ? `${JSON.stringify({ ...outcome, id: event.id, type: event.type })}\n` : `${line(one)}\n`,
      );
    }
  } catch (error) {
    if (!stopping.signal.aborted) throw error;
  }
};
