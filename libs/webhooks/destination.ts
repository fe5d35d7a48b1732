/**
 * Where an endpoint's deliveries go and what its owner has sent with them. Both may hold tokens, so that they are kept as the
 * endpoint's event sealed them and opened where they are sent; of the headers an attempt keeps the names alone.
 */
import { MASKED_VALUE } from '#contract/resources/webhook-endpoint.js';
import type { Personal, PersonalMetadata, Sealed } from '#domain/decision.js';
import type { WebhookEndpointFacts } from '#domain/webhook-endpoints/webhook-endpoints.js';

export interface SealedDestination {
  readonly url: Sealed;
  readonly headers: readonly (readonly [name: string, value: Sealed])[];
}

export interface Destination {
  /** Null: the tenant's data was erased. */
  readonly url: string | null;
  readonly headers: Readonly<Record<string, string>>;
}

/** Of an event of the stream. Throws `TypeError` for a draft, in which nothing is sealed yet. */
export const sealedDestination = ({
  url,
  headers,
}: Pick<WebhookEndpointFacts, 'url' | 'headers'>): SealedDestination => ({
  url: sealed(url),
  headers: sealedHeaders(headers),
});

export const sealedHeaders = (headers: PersonalMetadata): SealedDestination['headers'] =>
  headers.map(([name, value]) => [name, sealed(value)] as const);

const sealed = (value: Personal): Sealed => {
  if (typeof value !== 'string') throw new TypeError('a destination is kept as its event sealed it');
  return value;
};

/** All that is sealed of it: whose keys are needed to open it. */
export const sealedTextsOf = ({ url, headers }: SealedDestination): Sealed[] => [
  url,
  ...headers.map(([, value]) => value),
];

/** Headers whose value is gone are not sent. */
export const openDestination = (
  { url, headers }: SealedDestination,
  open: (sealed: Sealed) => string | null,
): Destination => {
  const values = headers.map(([name, value]) => [name, open(value)] as const);
  const known = values.filter((one): one is readonly [string, string] => one[1] !== null);
  return { url: open(url), headers: Object.fromEntries(known) };
};

/** How an attempt tells of them. */
export const maskedHeaders = (headers: Destination['headers']): Record<string, string> =>
  Object.fromEntries(Object.keys(headers).map((name) => [name, MASKED_VALUE]));
