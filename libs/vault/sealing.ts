import { createCipheriv, createDecipheriv, randomBytes, randomFillSync } from 'node:crypto';
import type { Sealed } from '#domain/decision.js';

const CIPHER = 'aes-256-gcm';
const IV = 12;
const TAG = 16;
const FORM = 's1.';

/** The key of one subject: 32 bytes. */
export type SubjectKey = Buffer;

export const newKey = (): Buffer => randomBytes(32);

/** Visible ASCII but the dot, which ends the subject in a sealed text. */
const SUBJECT = /^[!-\-/-~]{1,200}$/;

/** Throws `RangeError` for what could not be found again in a sealed text. */
export const assertSubject = (subject: string): void => {
  if (!SUBJECT.test(subject)) throw new RangeError('a subject is 1 to 200 visible ASCII characters without a dot');
};

/**
 * `s1.<subject>.<base64url of iv ‖ ciphertext ‖ tag>`. The tenant and the subject are authenticated with it, so that a
 * text moved to another subject or tenant opens for nobody.
 */
export const sealText = (tenantId: string, subject: string, key: SubjectKey, text: string): Sealed =>
  `${FORM}${subject}.${encrypt(key, owner(tenantId, subject), Buffer.from(text, 'utf8')).toString('base64url')}`;

/**
 * Null where the text is not what this key sealed for this subject. Whether somebody tampered with a stream is for its
 * hash chain to say, not for this.
 */
export const openText = (tenantId: string, subject: string, key: SubjectKey, sealed: Sealed): string | null => {
  const body = Buffer.from(sealed.slice(FORM.length + subject.length + 1), 'base64url');
  return decrypt(key, owner(tenantId, subject), body)?.toString('utf8') ?? null;
};

/** Whose a sealed text is; null for what is no sealed text. */
export const subjectOf = (sealed: Sealed): string | null => {
  if (!sealed.startsWith(FORM)) return null;
  const end = sealed.indexOf('.', FORM.length);
  return end <= FORM.length ? null : sealed.slice(FORM.length, end);
};

/** A key under another key, bound to what it is the key of. */
export const wrapKey = (wrapping: Buffer, of: readonly string[], key: Buffer): Buffer =>
  encrypt(wrapping, owner(...of), key);

/** Throws where it is another's, or wrapped by another key: such a row was moved or damaged. */
export const unwrapKey = (wrapping: Buffer, of: readonly string[], wrapped: Buffer): Buffer => {
  const key = decrypt(wrapping, owner(...of), wrapped);
  if (key === null) throw new Error(`the wrapped key of ${of.join(' ')} is damaged, or was wrapped by another key`);
  return key;
};

/** `iv ‖ ciphertext ‖ tag` */
export const encrypt = (key: Buffer, authenticated: Buffer, plain: Buffer): Buffer => {
  const iv = nextIv();
  const cipher = createCipheriv(CIPHER, key, iv);
  cipher.setAAD(authenticated);
  const text = cipher.update(plain);
  cipher.final();
  return Buffer.concat([iv, text, cipher.getAuthTag()], IV + text.length + TAG);
};

/** Null where anything of it does not fit. */
export const decrypt = (key: Buffer, authenticated: Buffer, body: Buffer): Buffer | null => {
  if (body.length < IV + TAG) return null;
  const decipher = createDecipheriv(CIPHER, key, body.subarray(0, IV), { authTagLength: TAG });
  decipher.setAAD(authenticated);
  decipher.setAuthTag(body.subarray(body.length - TAG));
  const plain = decipher.update(body.subarray(IV, body.length - TAG));
  try {
    decipher.final();
  } catch {
    return null;
  }
  return plain;
};

/** Ids hold no NUL, so two lists of names never read the same. */
export const owner = (...names: readonly string[]): Buffer => Buffer.from(names.join('\0'), 'utf8');

const pool = Buffer.alloc(IV * 512);
let taken = pool.length;

/** Random, drawn 512 at a time because one call of the generator costs more than sealing a short text. */
const nextIv = (): Buffer => {
  if (taken === pool.length) {
    randomFillSync(pool);
    taken = 0;
  }
  taken += IV;
  return Buffer.from(pool.subarray(taken - IV, taken));
};
