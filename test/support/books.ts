/** Books as `daybook export` writes them, made of stored envelopes and signed with a key of their own. */
import { createHash, generateKeyPairSync } from 'node:crypto';
import { ledgerStream } from '#domain/codec.js';
import { originOf, signCheckpoint, verifierKey } from '#proof/checkpoint.js';
import { GrowingTree } from '#proof/merkle.js';

const { privateKey, publicKey } = generateKeyPairSync('ed25519');
export const SIGNER = { private: privateKey, public: publicKey };

/** Header, a line for each envelope with its hash, footer. */
export const exportedBook = (written: readonly string[], signer = SIGNER): string[] => {
  const { data } = JSON.parse(written[0] as string) as { data: { tenant: { tenant_id: string } } };
  const { tenant_id } = data.tenant;
  // A spec's book does not know its tenant's id before its first event.
  const stored = written.map((text) => text.replace('"tenant_id":"tnt_new"', `"tenant_id":"${tenant_id}"`));
  const stream = ledgerStream(tenant_id);
  const previous_hash = '00'.repeat(32);
  const tree = new GrowingTree();
  let hash = Buffer.from(previous_hash, 'hex');
  const lines = stored.map((text) => {
    hash = createHash('sha256').update(hash).update(text).digest();
    tree.push(hash);
    return `${text.slice(0, -1)},"hash":"${hash.toString('hex')}"}`;
  });
  const header = {
    format: 'daybook.export/1',
    tenant_id,
    stream,
    from_revision: 0,
    to_revision: stored.length - 1,
    previous_hash,
  };
  const origin = originOf(stream);
  const note = signCheckpoint({ origin, size: stored.length, root: tree.root() }, signer);
  const checkpoint = { note, public_key: verifierKey(origin, signer.public) };
  const footer = { count: stored.length, head_hash: hash.toString('hex'), checkpoint };
  return [JSON.stringify(header), ...lines, JSON.stringify(footer)];
};
