import { createHash, generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { IS_PUBLIC } from '#domain/is-public.js';
import { openCheckpoint, readCheckpoint, signCheckpoint, verifierKey } from './checkpoint.js';
import { fullSubtrees, GrowingTree, inclusionPath, leafHash, nodeHash, rootOfInclusion } from './merkle.js';

const eventHash = (n: number): Buffer => createHash('sha256').update(String(n)).digest();
const hashes = Array.from({ length: 70 }, (_, n) => eventHash(n));

/** MTH of RFC 6962, section 2.1, as it is written there. */
const treeHash = (leaves: readonly Buffer[]): Buffer => {
  if (leaves.length === 1) return leafHash(leaves[0]!);
  let k = 1;
  while (k * 2 < leaves.length) k *= 2;
  return nodeHash(treeHash(leaves.slice(0, k)), treeHash(leaves.slice(k)));
};

describe('the Merkle tree', () => {
  it('has the root of RFC 6962 at every size', () => {
    const tree = new GrowingTree();
    expect(tree.root().toString('hex')).toBe(createHash('sha256').digest('hex'));
    for (const [n, hash] of hashes.entries()) {
      tree.push(hash);
      expect(tree.root()).toEqual(treeHash(hashes.slice(0, n + 1)));
    }
  });

  it('proves each leaf at every size, and no other', () => {
    for (let size = 1; size <= 20; size++) {
      const root = treeHash(hashes.slice(0, size));
      for (let index = 0; index < size; index++) {
        const path = inclusionPath(index, size).map(({ from, leaves }) => treeHash(hashes.slice(from, from + leaves)));
        expect(rootOfInclusion(index, size, leafHash(hashes[index]!), path)).toEqual(root);
        expect(rootOfInclusion(index, size, leafHash(hashes[index + 1]!), path)).not.toEqual(root);
        expect(rootOfInclusion(index, size, leafHash(hashes[index]!), [...path, root])).toBeNull();
      }
    }
  });

  it('is made of full subtrees', () => {
    expect(fullSubtrees(0, 13)).toEqual([
      { height: 3, n: 0 },
      { height: 2, n: 2 },
      { height: 0, n: 12 },
    ]);
    expect(fullSubtrees(8, 4)).toEqual([{ height: 2, n: 2 }]);
  });
});

describe('a checkpoint', () => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const key = verifierKey('daybook/x', publicKey);
  const note = signCheckpoint(
    { origin: 'daybook/x', size: 7, root: eventHash(1) },
    { private: privateKey, public: publicKey },
  );

  it('opens with the key that signed it, and says what was signed', () => {
    expect(openCheckpoint(note, key)).toEqual({ origin: 'daybook/x', size: 7, root: eventHash(1) });
    expect(readCheckpoint(note)?.signatures).toHaveLength(1);
  });

  it.each([
    ['another size', note.replace('\n7\n', '\n8\n'), key],
    ['another key', note, verifierKey('daybook/x', generateKeyPairSync('ed25519').publicKey)],
    ['another name', note, verifierKey('daybook/y', publicKey)],
    ['no signature', note.slice(0, note.indexOf('—')), key],
    ['a key that is none', note, 'x'],
    ['a key whose id is another', note, key.replace(/\+[0-9a-f]{8}\+/, '+00000000+')],
  ])('does not open with %s', (_, text, verifier) => expect(openCheckpoint(text, verifier)).toBeNull());
});

it('docs/export-format.md and verify.py name the events that are not public', () => {
  const internal = Object.entries(IS_PUBLIC).flatMap(([type, isPublic]) => (isPublic ? [] : [type]));
  const docs = readFileSync('docs/export-format.md', 'utf8').split('## Public events')[1]!.split('\n## ')[0]!;
  expect([...docs.matchAll(/`([A-Z]\w+)`/g)].map(([, type]) => type).sort()).toEqual(internal.sort());
  const script = /NOT_PUBLIC = set\(\s*"""([^"]+)"""/.exec(readFileSync('docs/verify.py', 'utf8'))![1]!;
  expect(script.trim().split(/\s+/).sort()).toEqual(internal.sort());
});
