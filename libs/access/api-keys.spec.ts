import { API_KEY_PATTERN, KeyVerifiers, keyIdIn, mintApiKey, parseApiKey } from './api-keys.js';

const NOW = Date.parse('2026-01-05T09:00:00Z');
const { keyId, fullKey } = mintApiKey('live', NOW);

describe('an API key', () => {
  it.each(['live', 'sandbox'] as const)('of %s is read back', (environment) => {
    const key = mintApiKey(environment, NOW);
    expect(key.fullKey).toMatch(new RegExp(`^qp_sk_${environment}_[0-9A-HJKMNP-TV-Z]{26}[0-9A-Za-z]{39}$`));
    expect(parseApiKey(key.fullKey)).toMatchObject({ environment, keyId: key.keyId });
    expect(keyIdIn(key.fullKey)).toBe(key.keyId);
    expect(key.fullKey.match(API_KEY_PATTERN)).toEqual([key.fullKey]);
  });

  it('begins with its time', () => {
    expect(keyId.slice(0, 14)).toBe(mintApiKey('sandbox', NOW).keyId.slice(0, 14));
    expect(keyId < mintApiKey('live', NOW + 1).keyId).toBe(true);
  });

  it('is another one each time, of characters that are equally likely', () => {
    const texts = Array.from({ length: 2_000 }, () => mintApiKey('live', NOW).fullKey.slice(37, 70));
    expect(new Set(texts).size).toBe(2_000);
    const counts = new Map<string, number>();
    for (const character of texts.join('')) counts.set(character, (counts.get(character) ?? 0) + 1);
    expect(counts.size).toBe(62);
    // 66,000 draws of 62: about 1,065 each, and 6.5 deviations are far more than chance.
    for (const count of counts.values()) expect(Math.abs(count - 66_000 / 62)).toBeLessThan(212);
  });

  it('with any one character changed, lost or doubled is none', () => {
    for (let at = 0; at < fullKey.length; at += 1) {
      const other = fullKey[at] === 'a' ? 'b' : 'a';
      expect(parseApiKey(fullKey.slice(0, at) + other + fullKey.slice(at + 1))).toBeNull();
      expect(parseApiKey(fullKey.slice(0, at) + fullKey.slice(at + 1))).toBeNull();
      expect(parseApiKey(fullKey.slice(0, at) + fullKey[at] + fullKey.slice(at))).toBeNull();
    }
  });

  it.each([
    '',
    'qp_sk_',
    `${fullKey}\n`,
    ` ${fullKey}`,
    fullKey.replace('live', 'sandbox'),
    fullKey.toLowerCase(),
    `${fullKey}\0`,
    fullKey.replace('qp_sk_live_', 'qp_sk_live_8').slice(0, fullKey.length),
    'é'.repeat(76),
    'qp_sk_live_' + '!'.repeat(65),
  ])('is not: %j', (text) => {
    expect(parseApiKey(text)).toBeNull();
  });
});

describe('verifiers', () => {
  const key = parseApiKey(fullKey)!;
  const other = parseApiKey(mintApiKey('live', NOW).fullKey)!;
  const first = new KeyVerifiers([Buffer.alloc(32, 1)]);

  it('match the key they were made of and no other', () => {
    const verifier = { bytes: first.verifierOf(key), version: 1 };
    expect(first.matches(key, verifier)).toBe(true);
    expect(first.matches(other, verifier)).toBe(false);
    expect(first.matches(key, null)).toBe(false);
  });

  it('say nothing without the pepper', () => {
    const verifier = { bytes: first.verifierOf(key), version: 1 };
    expect(new KeyVerifiers([Buffer.alloc(32, 2)]).matches(key, verifier)).toBe(false);
  });

  it('of a pepper that was replaced go on to match', () => {
    const both = new KeyVerifiers([Buffer.alloc(32, 1), Buffer.alloc(32, 2)]);
    expect(both.currentVersion).toBe(2);
    expect(both.matches(key, { bytes: first.verifierOf(key), version: 1 })).toBe(true);
    expect(both.matches(key, { bytes: both.verifierOf(key), version: 2 })).toBe(true);
    expect(both.verifierOf(key)).not.toEqual(first.verifierOf(key));
  });
});
