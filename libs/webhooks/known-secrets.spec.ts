import { KnownSecrets } from './known-secrets.js';
import { newSigningSecret, type Secret } from './signing.js';

const LANE = { tenantId: 'tnt_1', endpointId: 'whk_1' };
const [OLD, NEW] = ['01AAAAAAAAAAAAAAAAAAAAAAAA', '01BBBBBBBBBBBBBBBBBBBBBBBB'];
const [old, renewed] = [newSigningSecret(), newSigningSecret()];

const over = (...stored: [string, Secret][]) => {
  let asked = 0;
  const known = new KnownSecrets({ of: () => Promise.resolve(((asked += 1), new Map(stored))) });
  return { known, asked: () => asked };
};

it('are asked for once', async () => {
  const { known, asked } = over([OLD, old], [NEW, renewed]);
  expect(await known.of(LANE, [NEW, OLD])).toEqual([renewed, old]);
  expect(await known.of(LANE, [OLD])).toEqual([old]);
  expect(asked()).toBe(1);
});

it('whoever has not heard of a rotation that ended the old one at once signs with the new one', async () => {
  expect(await over([NEW, renewed]).known.of(LANE, [OLD])).toEqual([renewed]);
});

it('nothing is signed with a secret that an event may never name', async () => {
  expect(await over([OLD, old], [NEW, renewed]).known.of(LANE, [OLD])).toEqual([old]);
});

it('without any that opens there is no signature', async () => {
  await expect(over().known.of(LANE, [OLD])).rejects.toThrow('can’t be opened');
  await expect(over().known.of(LANE, [])).rejects.toThrow('can’t be opened');
});
