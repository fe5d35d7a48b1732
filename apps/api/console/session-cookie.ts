import { randomBytes, timingSafeEqual } from 'node:crypto';
import { EncryptJWT, errors, jwtDecrypt } from 'jose';

/** Who looks at the console. Lives in its cookie alone, sealed: neither scripts nor the browser's owner can read it. */
export interface Session {
  /** `none`: a stranger, who may sign in. */
  readonly kind: 'none' | 'user' | 'key';
  /** What each form of the session holds, and no other site knows. */
  readonly formToken: string;
  /** An API key or an access token; of a stranger empty. */
  readonly bearer: string;
  /** Of a user: for the next access token. */
  readonly refreshToken: string;
  /** Of a user: until when the access token is good, ms since 1970. */
  readonly freshUntil: number;
  /** When it began, ms since 1970. */
  readonly since: number;
}

export const SESSION_HOURS = 12;
export const COOKIE = 'daybook_console';
const LONGEST = 4_000;
const AUDIENCE = 'daybook-console';

export const strangersSession = (): Session => ({
  kind: 'none',
  formToken: randomBytes(16).toString('base64url'),
  bearer: '',
  refreshToken: '',
  freshUntil: 0,
  since: Date.now(),
});

/** Another session with a form token of its own, so that nothing of the stranger's is good for who signed in. */
export const begun = (kind: 'user' | 'key', bearer: string): Session => ({ ...strangersSession(), kind, bearer });

export const isFormOf = ({ formToken }: Session, sent: string | undefined): boolean => {
  const [own, other] = [Buffer.from(formToken), Buffer.from(sent ?? '')];
  return own.length === other.length && timingSafeEqual(own, other);
};

const cookieIn = (header: string | undefined): string | null => {
  for (const part of (header ?? '').split(';')) {
    const [name, value] = part.trim().split('=');
    if (name === COOKIE && value !== undefined && value.length <= LONGEST) return value;
  }
  return null;
};

/** Writes sessions into cookies and reads them again. Times are real ones. */
export class SessionCookies {
  /** 32 bytes, the same on all instances. */
  constructor(private readonly key: Uint8Array) {}

  /** A `Set-Cookie`. It ends with the browser, and after twelve hours whatever the browser does. */
  async written(session: Session, isSecure: boolean): Promise<string> {
    const { since, ...rest } = session;
    const sealed = await new EncryptJWT({ session: rest })
      .setProtectedHeader({ alg: 'dir', enc: 'A256GCM' })
      .setAudience(AUDIENCE)
      .setIssuedAt(Math.floor(since / 1_000))
      .setExpirationTime(Math.floor(since / 1_000) + SESSION_HOURS * 3_600)
      .encrypt(this.key);
    return this.#cookie(sealed, isSecure);
  }

  taken(isSecure: boolean): string {
    return `${this.#cookie('', isSecure)}; Max-Age=0`;
  }

  /** Null: there is none, or it is none of ours, or its time is up. */
  async read(header: string | undefined): Promise<Session | null> {
    const sealed = cookieIn(header);
    if (sealed === null) return null;
    try {
      const { payload } = await jwtDecrypt(sealed, this.key, {
        audience: AUDIENCE,
        keyManagementAlgorithms: ['dir'],
        contentEncryptionAlgorithms: ['A256GCM'],
        requiredClaims: ['iat', 'exp'],
      });
      return { ...(payload.session as Omit<Session, 'since'>), since: (payload.iat as number) * 1_000 };
    } catch (error) {
      if (error instanceof errors.JOSEError || error instanceof TypeError) return null;
      throw error;
    }
  }

  #cookie(value: string, isSecure: boolean): string {
    return `${COOKIE}=${value}; Path=/console; HttpOnly; SameSite=Strict${isSecure ? '; Secure' : ''}`;
  }
}
