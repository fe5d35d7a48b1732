import { hash } from 'node:crypto';
import { HmacKey } from './hmac-key.js';
import { canonicalRequest } from '#contract/canonical-request.js';

/** What is stored of a keyed request (DECISIONS 14): neither the key nor the body can be read from it. */
export interface IdempotencyStamp {
  /** The caller's, as sent: once-only secrets are sealed under it. Never stored. */
  readonly sentKey: string;
  /** Hex: SHA-256 over plane, tenant, or operator and the tenant that the path names, and key. */
  readonly key: string;
  /** Hex: HMAC over method, path and the canonical body. The version is not part of it. */
  readonly request: string;
}

const FORM = /^[a-zA-Z0-9_-]{1,255}$/;

export const isIdempotencyKey = (text: string): boolean => FORM.test(text);

/** The secret that a tenant's request hashes are made with, or an operator's; from the vault. */
export type SecretOf = (owner: string) => HmacKey;

export const stampOf = (
  plane: 'tenant' | 'admin',
  owner: string,
  sentKey: string,
  secret: HmacKey,
  method: string,
  path: string,
  body: unknown,
): IdempotencyStamp => ({
  sentKey,
  key: hash('sha256', `${plane}\0${owner}\0${sentKey}`, 'hex'),
  request: secret.hex(`${method}\0${path}\0${canonicalRequest(body)}`),
});

const REMEMBERED = 10_000;

/** Secrets per owner made from one key: HMAC-SHA-256(key, owner). The last ones used are kept. */
export const secretsFrom = (key: Uint8Array): SecretOf => {
  const root = new HmacKey(key);
  const made = new Map<string, HmacKey>();
  return (owner) => {
    let secret = made.get(owner);
    if (secret === undefined) {
      secret = new HmacKey(Buffer.from(root.hex(owner), 'hex'));
      if (made.size >= REMEMBERED) made.clear();
      made.set(owner, secret);
    }
    return secret;
  };
};
