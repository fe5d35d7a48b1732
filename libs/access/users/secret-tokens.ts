import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

const BASE32 = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const ULID = '[0-7][0-9A-HJKMNP-TV-Z]{25}';
const SECRET = '[A-Za-z0-9_-]{43}';
const INVITATION = new RegExp(`^(inv_${ULID})_(${SECRET})$`);
const LINK = new RegExp(`^(lnk_${ULID})_(${SECRET})$`);
const RESET = new RegExp(`^(rst_${ULID})_(${SECRET})$`);
const REFRESH = new RegExp(`^qp_rt_(${ULID})_([1-9]\\d{0,8})_(${SECRET})$`);

export const newUlid = (now = Date.now()): string => {
  let time = '';
  for (let rest = now, i = 0; i < 10; i += 1, rest = Math.floor(rest / 32)) time = BASE32[rest % 32]! + time;
  return time + Array.from(randomBytes(16), (byte) => BASE32[byte % 32]!).join('');
};

export interface SecretToken {
  readonly id: string;
  readonly secret: string;
}

const minted = (prefix: string): SecretToken & { readonly token: string } => {
  const id = `${prefix}_${newUlid()}`;
  const secret = randomBytes(32).toString('base64url');
  return { id, secret, token: `${id}_${secret}` };
};

const parsed = (form: RegExp, token: string): SecretToken | null => {
  const parts = form.exec(token);
  return parts === null ? null : { id: parts[1]!, secret: parts[2]! };
};

export const mintInvitation = (): SecretToken & { readonly token: string } => minted('inv');
export const parseInvitation = (token: string): SecretToken | null => parsed(INVITATION, token);
export const mintLink = (): SecretToken & { readonly token: string } => minted('lnk');
/** Opens nothing but the way to another password: not what a link to sign in is good for, nor the other way round. */
export const mintReset = (): SecretToken & { readonly token: string } => minted('rst');
export const parseReset = (token: string): SecretToken | null => parsed(RESET, token);
export const parseLink = (token: string): SecretToken | null => parsed(LINK, token);

/**
 * Refresh tokens: the session, its generation, and an HMAC over both. Whoever shows one of an older generation has one that
 * was given out, and so tells that it was stolen, here or there; whoever makes one up tells nothing.
 */
export class RefreshTokens {
  constructor(private readonly key: Uint8Array) {}

  tokenOf(sessionId: string, generation: number): string {
    return `qp_rt_${sessionId}_${generation}_${this.#mac(sessionId, generation).toString('base64url')}`;
  }

  /** Null for what was never given out. */
  parse(token: string): { readonly sessionId: string; readonly generation: number } | null {
    const parts = REFRESH.exec(token);
    if (parts === null) return null;
    const [, sessionId, digits, mac] = parts as unknown as [string, string, string, string];
    const generation = Number(digits);
    const told = Buffer.from(mac, 'base64url');
    const own = this.#mac(sessionId, generation);
    return told.length === own.length && timingSafeEqual(told, own) ? { sessionId, generation } : null;
  }

  #mac(sessionId: string, generation: number): Buffer {
    return createHmac('sha256', this.key).update(`${sessionId}.${generation}`).digest();
  }
}
