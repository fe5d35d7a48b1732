type Headers = Readonly<Record<string, string | string[] | undefined>>;

export class InvalidSignature extends Error {}
export function verify(headers: Headers, body: Buffer, secret: string, now?: number): unknown;
export function verifyByPublicKey(
  headers: Headers,
  body: Buffer,
  jwks: readonly { readonly kty: string; readonly crv: string; readonly x: string }[],
  tenantId: string,
  now?: number,
): unknown;
