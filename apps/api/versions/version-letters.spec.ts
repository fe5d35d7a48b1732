import type { Instant } from '#domain/time.js';
import type { Letter } from '#platform/mail/mail.js';
import { VersionLetters } from './version-letters.js';

const DAY = 86_400_000;
const SHIPPED = Date.parse('2026-05-19');

const writing = () => {
  const letters: Letter[] = [];
  const claimed = new Set<string>();
  let now = SHIPPED;
  const emails: Record<string, string | null> = { tnt_a: 'a@x.example', tnt_b: 'b@x.example', tnt_erased: null };
  const one = () =>
    new VersionLetters({
      tenants: async () => ['tnt_a', 'tnt_b', 'tnt_erased', 'tnt_half_made'],
      tenant: async (id) => (id in emails ? { id, partner: { email: emails[id] } } : null),
      claim: async (version, ids) =>
        ids.filter((id) => !claimed.has(`${version} ${id}`) && claimed.add(`${version} ${id}`)),
      mail: { post: (letter) => void letters.push(letter), close: () => Promise.resolve() },
      clock: { now: () => now as Instant },
      baseUrl: () => 'http://here',
      onTrouble: (error) => {
        throw error;
      },
    });
  return { letters, one, at: (ms: number) => void (now = ms) };
};

describe('letters about a version that shipped', () => {
  it('go to each contact on file once, whichever instance looks', async () => {
    const { letters, one } = writing();
    await Promise.all([one().look(), one().look()]);
    await one().look();
    expect(letters.map(({ to, about }) => [to, about]).sort()).toEqual([
      ['a@x.example', 'tnt_a'],
      ['b@x.example', 'tnt_b'],
    ]);
    expect(letters[0]?.subject).toBe('API version 2026-05-19 has shipped');
    expect(letters[0]?.text).toContain('http://here/docs/migrations/2026-05-19');
  });

  it('are not written before, nor after 30 days', async () => {
    const { letters, one, at } = writing();
    for (const when of [SHIPPED - 1, SHIPPED + 30 * DAY]) {
      at(when);
      await one().look();
    }
    expect(letters).toEqual([]);
    at(SHIPPED + 30 * DAY - 1);
    await one().look();
    expect(letters).toHaveLength(2);
  });
});
