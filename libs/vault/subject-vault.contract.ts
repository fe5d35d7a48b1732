import { randomBytes } from 'node:crypto';
import type { SubjectVault } from '#engine/ports.js';
import { sealText } from './sealing.js';

/** What every vault must do. `erase` beside the engine's port, which does not ask for it. */
export type ErasingVault = SubjectVault & { erase(tenantId: string, subject: string): Promise<void> };

const TENANT = 'tnt_01J8ZQ4M4W9Z5T1K7N3B2X6C8A';
const ADA = 'cust_01J8ZQ4M4W9Z5T1K7N3B2X6C8B';
const GRACE = 'cust_01J8ZQ4M4W9Z5T1K7N3B2X6C8C';
const NONE_NEW = (): boolean => false;
const ALL_NEW = (): boolean => true;

export function subjectVaultContract(fresh: () => Promise<ErasingVault>): void {
  let vault: ErasingVault;
  beforeEach(async () => void (vault = await fresh()));

  const seal = async (text: string, subject: string, tenant = TENANT): Promise<string> => {
    await vault.load(tenant, [subject]);
    return vault.session(tenant, NONE_NEW).seal(text, subject);
  };
  const open = async (sealed: string, tenant = TENANT): Promise<string | null> =>
    (await vault.opener(tenant, [sealed]))(sealed);

  it.each([
    '',
    'Ada Lovelace',
    'Ada Lovelace, Bücher, 手紙, שלום',
    '👩‍👩‍👧‍👦 \u202Eright to left\u202C\n\t"quoted"',
    'x'.repeat(100_000),
  ])('opens what it sealed (%#)', async (text) => {
    const sealed = await seal(text, ADA);
    expect(sealed).toMatch(new RegExp(`^s1\\.${ADA}\\.[A-Za-z0-9_-]+$`));
    expect(await open(sealed)).toBe(text);
  });

  it('never seals the same text alike', async () => {
    const texts = new Set<string>();
    for (let i = 0; i < 1_100; i += 1) texts.add(await seal('Ada', ADA));
    expect(texts.size).toBe(1_100);
  });

  it('seals only for subjects that are loaded or new', async () => {
    const session = vault.session(TENANT, (subject) => subject === GRACE);
    expect(() => session.seal('Ada', ADA)).toThrow(
      expect.objectContaining({ name: 'SubjectKeyMissing', subject: ADA }) as Error,
    );
    const sealed = session.seal('Grace', GRACE);
    await session.persist();
    expect(await open(sealed)).toBe('Grace');
  });

  it('persists a new key once, however often it is asked, and seals on under it', async () => {
    const session = vault.session(TENANT, ALL_NEW);
    const first = session.seal('one', ADA);
    await session.persist();
    await session.persist();
    const second = session.seal('two', ADA);
    const third = session.seal('three', GRACE);
    await session.persist();
    const opened = await vault.opener(TENANT, [first, second, third]);
    expect([first, second, third].map(opened)).toEqual(['one', 'two', 'three']);
  });

  it('of two sessions that make the same subject, the later must seal again', async () => {
    const [one, other] = [vault.session(TENANT, ALL_NEW), vault.session(TENANT, ALL_NEW)];
    const kept = one.seal('first', ADA);
    other.seal('second', ADA);
    other.seal('Grace', GRACE);
    await one.persist();
    await expect(other.persist()).rejects.toMatchObject({ name: 'SubjectKeyMissing', subject: ADA });
    const again = vault.session(TENANT, ALL_NEW);
    const second = again.seal('second', ADA);
    await again.persist();
    expect([await open(kept), await open(second)]).toEqual(['first', 'second']);
  });

  it('opens an erased subject to null, and everybody else as before', async () => {
    const texts = [await seal('Ada', ADA), await seal('Ada again', ADA), await seal('Grace', GRACE)];
    const elsewhere = await seal('Ada', ADA, 'tnt_other');
    await vault.erase(TENANT, ADA);
    await vault.erase(TENANT, ADA);
    expect(texts.map(await vault.opener(TENANT, texts))).toEqual([null, null, 'Grace']);
    expect(await open(elsewhere, 'tnt_other')).toBe('Ada');
  });

  it('never makes a key for an erased subject again, and the books go on', async () => {
    const before = await seal('Ada', ADA);
    await vault.erase(TENANT, ADA);
    await vault.load(TENANT, [ADA]);
    const session = vault.session(TENANT, NONE_NEW);
    const after = session.seal('Ada is back', ADA);
    await session.persist();
    expect(after).toMatch(/^s1\./);
    expect([before, after].map(await vault.opener(TENANT, [before, after]))).toEqual([null, null]);
  });

  it('one that never had a key can be erased too', async () => {
    await vault.erase(TENANT, ADA);
    expect(await open(await seal('Ada', ADA))).toBeNull();
  });

  it('opens nothing that was moved to another subject or tenant, changed, or cut', async () => {
    const sealed = await seal('Ada', ADA);
    await seal('Grace', GRACE);
    await vault.load('tnt_other', [ADA]);
    expect(await open(sealed, 'tnt_other')).toBeNull();
    const other = sealed.at(-6) === 'A' ? 'B' : 'A';
    const wrong = [
      sealed.replace(ADA, GRACE),
      `${sealed.slice(0, -6)}${other}${sealed.slice(-5)}`,
      sealed.slice(0, -8),
      `s1.${ADA}.`,
      `s1.${ADA}`,
      's1..AAAA',
      'Ada',
      '',
      sealText(TENANT, ADA, randomBytes(32), 'forged'),
    ];
    expect(wrong.map(await vault.opener(TENANT, [sealed, ...wrong]))).toEqual(wrong.map(() => null));
  });

  it('opens an unknown subject to null, and refuses one that was not announced', async () => {
    const sealed = sealText(TENANT, 'cust_unknown', randomBytes(32), 'nobody');
    expect(await open(sealed)).toBeNull();
    const opener = await vault.opener(TENANT, []);
    expect(() => opener(sealed)).toThrow(/not told/);
  });

  it.each(['a.b', '', 'ä', 'a b', 'x'.repeat(201)])('refuses the subject %j', async (subject) => {
    await expect(vault.load(TENANT, [subject])).rejects.toThrow(RangeError);
    expect(() => vault.session(TENANT, ALL_NEW).seal('text', subject)).toThrow(RangeError);
  });
}
