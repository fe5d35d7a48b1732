import { MasterKey, MasterKeys, MasterKeyUnknown } from './master-key.js';

const [one, two] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)];

it('makes unrelated keys for each purpose, the same ones every time', () => {
  const keys = [one, two].flatMap((bytes) => {
    const key = new MasterKey(bytes);
    return [
      key.derive('vault: tenant keys'),
      key.derive('vault: once-only secrets'),
      key.derive('access: api key verifiers'),
    ];
  });
  expect(new Set(keys.map((key) => key.toString('hex'))).size).toBe(6);
  expect(keys.every((key) => key.length === 32)).toBe(true);
  // Changing how keys are made would lose all that is sealed.
  expect(keys[0]!.toString('hex')).toBe('47a0d753e7b338baf7d8cf500a3c750ac6982138eed7336d863c2d6144edbd19');
});

it('finds the key that something is wrapped by, and names itself without telling anything', () => {
  const keys = new MasterKeys(two, [one]);
  expect(keys.current.id).toBe(new MasterKey(two).id);
  expect(keys.byId(new MasterKey(one).id).id).toMatch(/^[0-9a-f]{16}$/);
  expect(keys.find('0000000000000000')).toBeUndefined();
  expect(() => keys.byId('0000000000000000')).toThrow(MasterKeyUnknown);
});

it.each([0, 16, 31, 33])('has 32 bytes, not %i', (length) => {
  expect(() => new MasterKey(Buffer.alloc(length))).toThrow(RangeError);
});
