import { Passwords, TooManySignIns } from './passwords.js';

describe('passwords', () => {
  const passwords = new Passwords();

  it('are kept as argon2id with OWASP’s parameters, each under its own salt', async () => {
    const [one, two] = await Promise.all([passwords.hash('correct horse'), passwords.hash('correct horse')]);
    expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(two).not.toBe(one);
    expect(await passwords.matches('correct horse', one)).toBe(true);
    expect(await passwords.matches('correct horsf', one)).toBe(false);
  });

  it('are the same however a keyboard composes them', async () => {
    expect(await passwords.matches('Zu\u0308rich', await passwords.hash('Z\u00fcrich'))).toBe(true);
  });

  it('of nobody take as long, and are wrong', async () => {
    const hash = await passwords.hash('x');
    await passwords.matches('x', null);
    const timed = async (phc: string | null): Promise<number> => {
      const began = performance.now();
      for (let i = 0; i < 8; i += 1) expect(await passwords.matches('y', phc)).toBe(false);
      return performance.now() - began;
    };
    const [known, nobodys] = [await timed(hash), await timed(null)];
    expect(nobodys / known).toBeGreaterThan(0.4);
    expect(nobodys / known).toBeLessThan(2.5);
  });

  it('of too many at once are not waited for', async () => {
    const crowded = new Passwords();
    const outcomes = await Promise.allSettled(Array.from({ length: 260 }, () => crowded.hash('x')));
    const refused = outcomes.filter((one) => one.status === 'rejected');
    expect(refused).toHaveLength(260 - 202);
    for (const { reason } of refused) expect(reason).toBeInstanceOf(TooManySignIns);
    expect(await crowded.hash('x')).toMatch(/^\$argon2id/);
  }, 60_000);
});
