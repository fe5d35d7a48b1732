/**
 * Checks the signature of a webhook with nothing but Node.
 *
 *   const event = verify(request.headers, await rawBody(request), 'whsec_…');
 *
 * Give it the bytes exactly as they came: a body that was parsed and written again has another signature. The packages
 * `standardwebhooks` and `svix` do the same with these headers, and `stripe` with `QairoPay-Signature`.
 */
import { createHmac, createPublicKey, timingSafeEqual, verify as verifyBytes } from 'node:crypto';

/** Answer 400. Its message says why. */
export class InvalidSignature extends Error {}

const TOLERANCE_SECONDS = 300;

const signedParts = (headers, now) => {
  const id = headers['webhook-id'];
  const timestamp = headers['webhook-timestamp'];
  const signatures = headers['webhook-signature']?.split(' ');
  if (!id || !/^\d+$/.test(timestamp ?? '') || !signatures) throw new InvalidSignature('malformed_header');
  if (Math.abs(now / 1000 - Number(timestamp)) > TOLERANCE_SECONDS) {
    throw new InvalidSignature('timestamp_out_of_tolerance');
  }
  return { before: `${id}.${timestamp}.`, signatures };
};

/** The event. `headers` as Node gives them (lower case), `body` a Buffer, `secret` the `signing_secret` as it was shown. */
export const verify = (headers, body, secret, now = Date.now()) => {
  const { before, signatures } = signedParts(headers, now);
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  const expected = Buffer.from(`v1,${createHmac('sha256', key).update(before).update(body).digest('base64')}`);
  const isOurs = signatures.some((one) => {
    const given = Buffer.from(one);
    return given.length === expected.length && timingSafeEqual(given, expected);
  });
  if (!isOurs) throw new InvalidSignature('invalid_signature');
  return JSON.parse(body.toString());
};

/**
 * The same without a secret, by the public keys of `/.well-known/webhook-keys` (its `keys`). They are one for all tenants
 * of an installation, so the tenant has to be yours.
 */
export const verifyByPublicKey = (headers, body, jwks, tenantId, now = Date.now()) => {
  const { before, signatures } = signedParts(headers, now);
  const signed = Buffer.concat([Buffer.from(before), body]);
  const given = signatures.filter((one) => one.startsWith('v1a,')).map((one) => Buffer.from(one.slice(4), 'base64'));
  const keys = jwks.map(({ kty, crv, x }) => createPublicKey({ key: { kty, crv, x }, format: 'jwk' }));
  if (!given.some((signature) => keys.some((key) => verifyBytes(null, signed, key, signature)))) {
    throw new InvalidSignature('invalid_signature');
  }
  const event = JSON.parse(body.toString());
  if (event.tenant_id !== tenantId) throw new InvalidSignature('another_tenant');
  return event;
};
