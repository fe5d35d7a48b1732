import { renderKycSubmission } from '#contract/resources/kyc-submission.js';
import type { Command } from '#domain/commands.js';
import { customer, DAY, elapse, named, START, type Step } from '#domain/spec-support.js';
import { withTenant } from '#projecting/tenant-session.js';
import { openPlain, ReadModels, type StoredBook } from '../../test/support/read-models.js';
import {
  countKycProfiles,
  countKycSubmissions,
  getKycSubmission,
  kycSummary,
  listKycProfiles,
  listKycSubmissions,
  type KycSubmissionsQuery,
} from './kyc-submissions.queries.js';

const submit = (name: string): Step =>
  named(`${name}-kyc`, { type: 'SubmitKyc', data: { customer_id: `@${name}`, tier: 'tier2' } });
const on = (name: string): { kyc_submission_id: string } => ({ kyc_submission_id: `@${name}-kyc` });
const approve = (name: string): Command => ({ type: 'ApproveKyc', data: on(name) });
const reject = (name: string): Command => ({ type: 'RejectKyc', data: { ...on(name), reason: 'blurred' } });
const resubmit = (name: string): Command => ({ type: 'ResubmitKyc', data: on(name) });

const HISTORY: readonly Step[] = [
  customer('Ada Obi', { email: 'ada@example.com', phone: '+2348012345678' }),
  customer('bob'),
  customer('shop', { kind: 'business' }),
  submit('Ada Obi'),
  submit('bob'),
  reject('bob'),
  elapse(DAY),
  submit('shop'),
  { type: 'ReviewKyc', data: on('shop') },
  approve('Ada Obi'),
  elapse(5 * DAY),
  resubmit('bob'),
  reject('bob'),
  resubmit('bob'),
];

let models: ReadModels;
let book: StoredBook;
let other: StoredBook;
beforeAll(async () => {
  models = await ReadModels.start();
  models.run();
  book = await models.tenant(1, ...HISTORY);
  other = await models.tenant(2, customer('eve'), submit('eve'));
  await Promise.all([models.projected(book), models.projected(other)]);
});
afterAll(() => models.close());

const nameOf = (id: string): string =>
  [book, other]
    .flatMap((one) => [...one.ids])
    .find(([, known]) => known === id)![0]
    .replace('-kyc', '');
const found = async (query: Partial<KycSubmissionsQuery>): Promise<string[]> => {
  const { data } = await withTenant(models.app, book.tenantId, async (session) => {
    const page = await listKycSubmissions(session, { limit: 10, ...query });
    expect(await countKycSubmissions(session, query)).toBe(page.data.length);
    return page;
  });
  return data.data.map(({ id }) => nameOf(id));
};
const profiles = async (query: Partial<KycSubmissionsQuery>): Promise<string[]> => {
  const page = await listKycProfiles(models.engine, { limit: 10, ...query });
  expect(await countKycProfiles(models.engine, query)).toBe(page.data.length);
  return page.data.map(({ id }) => nameOf(id));
};
const summary = async (at: number) => (await withTenant(models.app, book.tenantId, (s) => kycSummary(s, at))).data;

describe('KYC submissions', () => {
  it('equal a fresh fold', async () => {
    for (const name of ['Ada Obi', 'bob', 'shop']) {
      const id = book.id(`${name}-kyc`);
      const last = book.events.findLast(
        ({ data }) => 'kyc_submission' in data && data.kyc_submission.kyc_submission_id === id,
      )!;
      const facts = 'kyc_submission' in last.data ? last.data.kyc_submission : null;
      const { data } = await withTenant(models.app, book.tenantId, (session) => getKycSubmission(session, id));
      const told = { tenantId: book.tenantId, updatedAt: last.at };
      expect(data).toEqual(renderKycSubmission(facts!, told, openPlain));
    }
  });

  it('are found by status, kind, customer, time and name, newest first', async () => {
    expect(await found({})).toEqual(['shop', 'bob', 'Ada Obi']);
    expect(await found({ status: 'approved' })).toEqual(['Ada Obi']);
    expect(await found({ status: 'under_review' })).toEqual(['shop']);
    expect(await found({ kind: 'business' })).toEqual(['shop']);
    expect(await found({ customerId: book.id('bob') })).toEqual(['bob']);
    expect(await found({ submittedTo: START + DAY + DAY / 2 })).toEqual(['Ada Obi']);
    // It was submitted again.
    expect(await found({ submittedFrom: START + 3 * DAY })).toEqual(['bob']);
    expect(await found({ containing: 'ADA o' })).toEqual(['Ada Obi']);
    expect(await found({ containing: '23480' })).toEqual(['Ada Obi']);
  });

  it('of all tenants are for operators alone', async () => {
    expect(await profiles({})).toEqual(['shop', 'eve', 'bob', 'Ada Obi']);
    expect(await profiles({ kind: 'person', tenantId: book.tenantId })).toEqual(['bob', 'Ada Obi']);
    expect(await profiles({ containing: 'eve' })).toEqual(['eve']);
    const { data } = await withTenant(models.app, other.tenantId, (session) =>
      getKycSubmission(session, book.id('bob-kyc')),
    );
    expect(data).toBeNull();
    for (const table of ['kyc_submissions', 'kyc_decisions']) {
      expect((await models.app.query(`SELECT FROM ${table}`)).rowCount).toBe(0);
    }
  });

  it('are counted by status, with the rate of rejections of the last seven days', async () => {
    const at = book.at;
    const now = await summary(at);
    expect(now).toMatchObject({
      object: 'kyc_summary',
      tenant_id: book.tenantId,
      counts: { pending: 1, under_review: 1, approved: 1, rejected: 0, expired: 0 },
      // Rejected twice and approved once: that it was submitted again since does not undo it.
      rejection_rate: 66.67,
      updated_at: new Date(at).toISOString(),
    });
    expect((await summary(at + 2 * DAY)).rejection_rate).toBe(100);
    expect((await summary(at + 8 * DAY)).rejection_rate).toBeNull();
    const none = await models.tenant(3);
    await models.projected(none);
    const { data } = await withTenant(models.app, none.tenantId, (session) => kycSummary(session, at));
    expect(data).toMatchObject({ counts: { pending: 0 }, rejection_rate: null, updated_at: null });
  });
});
