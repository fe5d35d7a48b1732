/**
 * Signatures of deliveries, in two forms beside each other: `<header>: t=<unix seconds>,v1=<hex>` over `<t>.<body>`, as
 * QairoPay and Stripe have it, and Standard Webhooks (`webhook-id`, `webhook-timestamp`, `webhook-signature`) over
 * `<id>.<t>.<body>`, in base64. Both are HMAC-SHA-256, under different keys: the first under the secret's characters as they
 * are shown, the second under the bytes that they encode.
 */
import { createHmac, createPrivateKey, createPublicKey, type KeyObject, randomBytes, sign } from 'node:crypto';

/** `whsec_` and base64 of 24 to 64 bytes: what the libraries of Standard Webhooks take. */
export type Secret = `whsec_${string}`;

const PREFIX = 'whsec_';
const NEW_SECRET_BYTES = 32;

/** A secret of 32 random bytes. */
export const newSigningSecret = (): Secret => `${PREFIX}${randomBytes(NEW_SECRET_BYTES).toString('base64')}`;

/** The last four characters, to tell secrets apart: `whsec_****abcd`. */
export const maskedSecret = (secret: Secret): string => `${PREFIX}****${secret.slice(-4)}`;

export interface SigningRequest {
  /** Name of the first form's header: `QairoPay-Signature`, or an older version's. */
  readonly endpointHeader: string;
  /** The one in use first, then those that it replaced and whose overlap has not ended. Not empty. */
  readonly secrets: readonly Secret[];
  /** Adds a `v1a` signature, which the published key checks. */
  readonly ed25519?: WebhookKey;
  /** The same for every attempt at telling one event to one endpoint: consumers drop what they know. No `.` in it. */
  readonly id: string;
  /** Of this attempt, in real time. */
  readonly timestampSeconds: number;
  /** Exactly the bytes that are sent. */
  readonly body: Uint8Array;
}

/** The four headers. Throws `RangeError` for an id, a time or secrets that no consumer could check. */
export const signatureHeaders = (request: SigningRequest): Record<string, string> => {
  const { endpointHeader, secrets, ed25519, id, timestampSeconds, body } = request;
  if (id === '' || id.includes('.'))
    throw new RangeError('an id is not empty and has no dot: a dot ends what is signed of it');
  if (!Number.isSafeInteger(timestampSeconds)) throw new RangeError('a time is in whole seconds');
  if (secrets.length === 0) throw new RangeError('nothing is sent unsigned');
  const shown = `${timestampSeconds}.`;
  const standard = `${id}.${timestampSeconds}.`;
  const signatures = secrets.map((secret) => `v1,${hmac(decoded(secret), standard, body).toString('base64')}`);
  if (ed25519 !== undefined) {
    const signed = sign(null, Buffer.concat([Buffer.from(standard), body]), ed25519.privateKey);
    signatures.push(`v1a,${signed.toString('base64')}`);
  }
  return {
    [endpointHeader]: [
      `t=${timestampSeconds}`,
      ...secrets.map((secret) => `v1=${hmac(secret, shown, body).toString('hex')}`),
    ].join(','),
    'webhook-id': id,
    'webhook-timestamp': String(timestampSeconds),
    'webhook-signature': signatures.join(' '),
  };
};

/** What both forms are made of: HMAC-SHA-256 of a prefix and a body. */
export const hmac = (key: string | Uint8Array, before: string, body: Uint8Array): Buffer =>
  createHmac('sha256', key).update(before).update(body).digest();

const decoded = (secret: Secret): Buffer => {
  const key = Buffer.from(secret.slice(PREFIX.length), 'base64');
  if (!secret.startsWith(PREFIX) || key.length < 24 || key.length > 64) {
    throw new RangeError(`a secret is ${PREFIX} and base64 of 24 to 64 bytes`);
  }
  return key;
};

/** The pair that signs deliveries of all tenants of an installation; whoever checks by it alone also checks `tenant_id`. */
export interface WebhookKey {
  readonly privateKey: KeyObject;
  /** 32 bytes. */
  readonly publicBytes: Buffer;
}

/** RFC 8410: what stands before the 32 bytes of an Ed25519 private key in PKCS #8. */
const PKCS8_ED25519 = Buffer.from('302e020100300506032b657004220420', 'hex');

/** The Ed25519 pair of a seed of 32 bytes, always the same. */
export const webhookKey = (seed: Uint8Array): WebhookKey => {
  if (seed.length !== 32) throw new RangeError(`a seed has 32 bytes, not ${seed.length}`);
  const privateKey = createPrivateKey({ key: Buffer.concat([PKCS8_ED25519, seed]), format: 'der', type: 'pkcs8' });
  const { x } = createPublicKey(privateKey).export({ format: 'jwk' });
  return { privateKey, publicBytes: Buffer.from(x as string, 'base64url') };
};

export interface PublishedKey {
  readonly kty: 'OKP';
  readonly crv: 'Ed25519';
  readonly alg: 'EdDSA';
  readonly use: 'sig';
  /** The key's 32 bytes in base64url (RFC 8037). */
  readonly x: string;
  /** The same in the form of Standard Webhooks: `whpk_` and base64. */
  readonly public_key: string;
}

/** What `/.well-known/webhook-keys` answers: a JWK set (RFC 7517) of what `v1a` signatures may be made with. */
export const publishedKeys = (keys: readonly WebhookKey[]): { readonly keys: readonly PublishedKey[] } => ({
  keys: keys.map(({ publicBytes }) => ({
    kty: 'OKP',
    crv: 'Ed25519',
    alg: 'EdDSA',
    use: 'sig',
    x: publicBytes.toString('base64url'),
    public_key: `whpk_${publicBytes.toString('base64')}`,
  })),
});
