import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { calculateJwkThumbprint } from 'jose';

export interface AdminKey {
  /** RFC 7638 thumbprint. */
  readonly id: string;
  readonly private: KeyObject;
  readonly public: KeyObject;
}

/** The Ed25519 key in a PKCS #8 PEM file, made with mode 0600 where there is none. Throws where the file holds another. */
export async function loadAdminKey(file: string): Promise<AdminKey> {
  const key = parse(file, readIfThere(file) ?? create(file));
  const publicKey = createPublicKey(key);
  return { id: await calculateJwkThumbprint(publicKey.export({ format: 'jwk' })), private: key, public: publicKey };
}

function parse(file: string, pem: string): KeyObject {
  try {
    const key = createPrivateKey(pem);
    if (key.asymmetricKeyType === 'ed25519') return key;
  } catch {
    // Said below, without what the file holds.
  }
  throw new Error(
    `${file} does not hold an Ed25519 private key; put the right one back, or remove it to get a new one`,
  );
}

function readIfThere(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/** Of two processes that start at once, one makes the key and both use it: a link never replaces a file. */
function create(file: string): string {
  mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  const mine = `${file}.${process.pid}.${randomBytes(4).toString('hex')}`;
  const pem = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' });
  writeFileSync(mine, pem, { mode: 0o600, flush: true });
  try {
    linkSync(mine, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(mine, { force: true });
  }
  return readFileSync(file, 'utf8');
}
