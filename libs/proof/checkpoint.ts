/**
 * Checkpoints as C2SP has them: the text of a `tlog-checkpoint` in a `signed-note`, signed with Ed25519. A checkpoint says how
 * many events a tenant's stream had and the root of the Merkle tree over their hashes.
 */
import { createHash, createPublicKey, sign, verify, type KeyObject } from 'node:crypto';

const ED25519 = 1;
const KEY_BYTES = 32;
const SIGNATURE_BYTES = 64;
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');

export interface Checkpoint {
  /** `daybook/ledger-tnt_…-0`: whose tree it is. */
  readonly origin: string;
  /** How many events. */
  readonly size: number;
  readonly root: Buffer;
}

/** Where a tenant's checkpoints come from; also the name of the key that signs them. */
export const originOf = (stream: string): string => `daybook/${stream}`;

const rawKey = (key: KeyObject): Buffer => key.export({ type: 'spki', format: 'der' }).subarray(-KEY_BYTES);

/** The first 4 bytes of SHA-256(name ‖ LF ‖ 0x01 ‖ key). */
const keyId = (name: string, raw: Buffer): Buffer =>
  createHash('sha256')
    .update(`${name}\n`)
    .update(Buffer.from([ED25519]))
    .update(raw)
    .digest()
    .subarray(0, 4);

/** `<name>+<8 hex digits>+<base64 of 0x01 ‖ key>`: a verifier key of the signed-note format. */
export const verifierKey = (name: string, key: KeyObject): string => {
  const raw = rawKey(key);
  return `${name}+${keyId(name, raw).toString('hex')}+${Buffer.concat([Buffer.from([ED25519]), raw]).toString('base64')}`;
};

const bodyOf = ({ origin, size, root }: Checkpoint): string => `${origin}\n${size}\n${root.toString('base64')}\n`;

interface SigningKey {
  readonly private: KeyObject;
  readonly public: KeyObject;
}

/** A signed note (C2SP): `body`, which ends in a line feed, an empty line and the signature of a key of that name. */
export const signNote = (name: string, body: string, key: SigningKey): string => {
  const signature = sign(null, Buffer.from(body), key.private);
  const signed = Buffer.concat([keyId(name, rawKey(key.public)), signature]);
  return `${body}\n— ${name} ${signed.toString('base64')}\n`;
};

export const signCheckpoint = (checkpoint: Checkpoint, key: SigningKey): string =>
  signNote(checkpoint.origin, bodyOf(checkpoint), key);

const NOTE = /^([^\n]+)\n(0|[1-9][0-9]{0,15})\n([A-Za-z0-9+/]{43}=)\n((?:[^\n]+\n)*)\n((?:— [^\n]+\n)+)$/;

/** What a checkpoint says, signed or not; null where it is none. */
export const readCheckpoint = (
  text: string,
): (Checkpoint & { readonly body: string; readonly signatures: readonly string[] }) | null => {
  const found = NOTE.exec(text);
  if (found === null) return null;
  const [, origin = '', size = '', root = '', , signatures = ''] = found;
  const body = text.slice(0, text.length - signatures.length - 1);
  return {
    origin,
    size: Number(size),
    root: Buffer.from(root, 'base64'),
    body,
    signatures: signatures.trimEnd().split('\n'),
  };
};

const readVerifierKey = (text: string): { readonly name: string; readonly id: string; readonly raw: Buffer } | null => {
  const found = /^([^+\s]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)$/.exec(text);
  if (found === null) return null;
  const [, name = '', id = '', encoded = ''] = found;
  const bytes = Buffer.from(encoded, 'base64');
  const raw = bytes.subarray(1);
  const fits = bytes[0] === ED25519 && raw.length === KEY_BYTES && keyId(name, raw).toString('hex') === id;
  return fits ? { name, id, raw } : null;
};

const isSignedBy = (body: string, signatures: readonly string[], key: string): boolean => {
  const verifier = readVerifierKey(key);
  if (verifier === null) return false;
  return signatures.some((line) => {
    const [, name, encoded = ''] = line.split(' ');
    const bytes = Buffer.from(encoded, 'base64');
    if (name !== verifier.name || bytes.subarray(0, 4).toString('hex') !== verifier.id) return false;
    const signature = bytes.subarray(4);
    if (signature.length !== SIGNATURE_BYTES) return false;
    const publicKey = createPublicKey({ key: Buffer.concat([SPKI_PREFIX, verifier.raw]), format: 'der', type: 'spki' });
    return verify(null, Buffer.from(body), publicKey, signature);
  });
};

/** The checkpoint, where one of its signatures is by this verifier key; null where it is not one, or not signed by it. */
export const openCheckpoint = (text: string, key: string): Checkpoint | null => {
  const checkpoint = readCheckpoint(text);
  if (checkpoint === null) return null;
  const { origin, size, root, body, signatures } = checkpoint;
  return isSignedBy(body, signatures, key) ? { origin, size, root } : null;
};

/** What a signed note says, where one of its signatures is by this verifier key; else null. */
export const openNote = (text: string, key: string): string | null => {
  const at = text.lastIndexOf('\n\n— ');
  if (at < 0) return null;
  const body = text.slice(0, at + 1);
  const signatures = text
    .slice(at + 2)
    .trimEnd()
    .split('\n');
  return isSignedBy(body, signatures, key) ? body : null;
};
