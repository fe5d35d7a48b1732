import type { Command } from '../commands.js';
import {
  account,
  customer,
  deposit,
  given,
  limit,
  named,
  replaceLimits,
  tenant,
  transfer,
  type Row,
  type Step,
} from '../spec-support.js';
import type { ApproveKyc } from './approve-kyc.js';
import type { ResubmitKyc } from './resubmit-kyc.js';
import type { SubmitKyc } from './submit-kyc.js';

const NOBODY = 'cust_01JGFJJZ00ZZZZZZZZZZZZZZZZ';
const NONE = 'kyc_01JGFJJZ00ZZZZZZZZZZZZZZZZ';
const PASSPORT = { type: 'government_id', number: 'A1', issuing_country: 'NG', file_name: 'pass.jpg' } as const;
const SHOP = { registered_name: 'Shop Ltd', registration_number: 'RC-1', directors: [{ full_name: 'Jo' }] };

const submit = (data: Partial<SubmitKyc['data']> = {}, customer_id = '@cyn'): Command => ({
  type: 'SubmitKyc',
  data: { customer_id, tier: 'tier2', ...data },
});
const resubmit = (data: Partial<ResubmitKyc['data']> = {}): Command => ({
  type: 'ResubmitKyc',
  data: { kyc_submission_id: '@kyc', ...data },
});
const approve = (data: Partial<ApproveKyc['data']> = {}): Command => ({
  type: 'ApproveKyc',
  data: { kyc_submission_id: '@kyc', ...data },
});
const of = <T extends 'ReviewKyc' | 'ExpireKyc'>(type: T, kyc_submission_id = '@kyc'): Command => ({
  type,
  data: { kyc_submission_id },
});
const reject = (kyc_submission_id = '@kyc'): Command => ({
  type: 'RejectKyc',
  data: { kyc_submission_id, reason: 'blurred' },
});

const submitted: readonly Step[] = [tenant(), customer('cyn'), named('kyc', submit({ documents: [PASSPORT] }))];
const shop: readonly Step[] = [tenant(), customer('shop', { kind: 'business' })];
const ofShop = (more: Partial<SubmitKyc['data']> = {}): Step => named('kyc', submit(more, '@shop'));
const approved = [...submitted, approve()];
const fifty = Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`key${i}`, 'x']));

const outcomes = (rows: readonly Row[]) =>
  it.each(rows)('%s', (_telling, history, command, outcome) => {
    expect(given(...history).when(command).outcome).toBe(outcome);
  });

describe('SubmitKyc', () => {
  outcomes([
    ['nobody', [tenant()], submit({}, NOBODY), 'refused: customer_not_found (customer_id)'],
    ['a person', [tenant(), customer('cyn')], submit({ documents: [PASSPORT] }), 'KycSubmitted'],
    ['a business', shop, submit({ business_details: SHOP }, '@shop'), 'KycSubmitted'],
    ['a business that tells nothing yet', shop, submit({}, '@shop'), 'KycSubmitted'],
    [
      'a person with the papers of a business',
      [tenant(), customer('cyn')],
      submit({ documents: [PASSPORT, { type: 'director_id' }] }),
      'refused: invalid_parameter (documents[1].type)',
    ],
    [
      'a business with the papers of a person',
      shop,
      submit({ documents: [{ type: 'selfie' }] }, '@shop'),
      'refused: invalid_parameter (documents[0].type)',
    ],
    [
      'a person with the details of a business',
      [tenant(), customer('cyn')],
      submit({ business_details: SHOP }),
      'refused: invalid_parameter (business_details)',
    ],
    [
      'a person without details, said so',
      [tenant(), customer('cyn')],
      submit({ business_details: null }),
      'KycSubmitted',
    ],
    ['a customer who has a profile', submitted, submit(), 'refused: kyc_profile_exists (customer_id)'],
    [
      'a customer whose profile was rejected',
      [...submitted, reject()],
      submit(),
      'refused: kyc_profile_exists (customer_id)',
    ],
  ]);

  it('seals whose it is under the customer, and keeps the rest', () => {
    const { book, when } = given(tenant(), customer('cyn', { email: 'cyn@example.com' }));
    const id = book.id('cyn');
    const [event] = when(submit({ documents: [PASSPORT], metadata: { desk: '4' } })).events;
    expect(event?.data).toEqual({
      kyc_submission: {
        kyc_submission_id: `kyc_${event?.id}`,
        customer_id: id,
        kind: 'person',
        full_name: `s1.${id}.cyn`,
        email: `s1.${id}.cyn@example.com`,
        phone: null,
        status: 'pending',
        tier: 'tier2',
        approved_tier: null,
        documents: [
          {
            type: 'government_id',
            number: `s1.${id}.A1`,
            issuing_country: 'NG',
            expires_on: null,
            file_name: `s1.${id}.pass.jpg`,
            file_sha256: null,
          },
        ],
        business_details: null,
        rejection_reason: null,
        metadata: [['desk', `s1.${id}.4`]],
        attempts: 1,
        submitted_at: '2026-01-05T09:00:03.000Z',
        review_started_at: null,
        decided_at: null,
      },
    });
    expect(book.state.customers.get(id)).toBe('tier1');
  });

  it('seals what a business tells of itself and of its directors', () => {
    const { book, when } = given(...shop);
    const id = book.id('shop');
    const details = { ...SHOP, address: '1 Road', country: 'NG' };
    expect(when(submit({ business_details: details }, '@shop')).events[0]?.data).toMatchObject({
      kyc_submission: {
        business_details: {
          registered_name: `s1.${id}.Shop Ltd`,
          registration_number: `s1.${id}.RC-1`,
          address: `s1.${id}.1 Road`,
          country: 'NG',
          directors: [{ full_name: `s1.${id}.Jo` }],
        },
      },
    });
  });
});

describe('ResubmitKyc', () => {
  outcomes([
    ['none', submitted, resubmit({ kyc_submission_id: NONE }), 'refused: kyc_submission_not_found'],
    ['what was rejected', [...submitted, reject()], resubmit(), 'KycSubmitted'],
    ['what waits, to complete it', submitted, resubmit({ documents: [] }), 'KycSubmitted'],
    ['what is looked at', [...submitted, of('ReviewKyc')], resubmit(), 'KycSubmitted'],
    ['what is approved, for more', approved, resubmit({ tier: 'tier3' }), 'KycSubmitted'],
    ['what has expired', [...approved, of('ExpireKyc')], resubmit(), 'KycSubmitted'],
    [
      'with the papers of a business',
      submitted,
      resubmit({ documents: [{ type: 'director_id' }] }),
      'refused: invalid_parameter (documents[0].type)',
    ],
    [
      'with the details of a business',
      submitted,
      resubmit({ business_details: SHOP }),
      'refused: invalid_parameter (business_details)',
    ],
    [
      'with too much metadata together',
      [tenant(), customer('cyn'), named('kyc', submit({ metadata: fifty }))],
      resubmit({ metadata: { more: 'x' } }),
      'refused: invalid_parameter (metadata)',
    ],
  ]);

  it('is the same profile again, under the names of now, with what is given instead of what was there', () => {
    const renamed: Command = { type: 'UpdateCustomer', data: { customer_id: '@cyn', name: 'Cynthia' } };
    const { book, when } = given(...submitted, of('ReviewKyc'), reject(), renamed);
    const id = book.id('cyn');
    const [event] = when(resubmit({ tier: 'tier3', metadata: { a: '1' } })).events;
    expect(event?.data).toMatchObject({
      kyc_submission: {
        kyc_submission_id: book.id('kyc'),
        full_name: `s1.${id}.Cynthia`,
        status: 'pending',
        tier: 'tier3',
        documents: [{ number: `s1.${id}.A1` }],
        rejection_reason: null,
        metadata: [['a', `s1.${id}.1`]],
        attempts: 2,
        review_started_at: null,
        decided_at: null,
      },
      previous: { status: 'rejected', tier: 'tier2', attempts: 1, rejection_reason: `s1.${id}.blurred` },
    });
  });

  it('takes the details of a business away where null is said, and keeps them where nothing is', () => {
    const { when } = given(...shop, ofShop({ business_details: SHOP }));
    const kept = when(resubmit()).events[0]?.data;
    expect(kept).toMatchObject({ kyc_submission: { business_details: { country: null } } });
    expect(when(resubmit({ business_details: null })).events[0]?.data).toMatchObject({
      kyc_submission: { business_details: null },
    });
  });

  it('leaves the customer the tier of an earlier approval', () => {
    const { book, when } = given(...approved);
    when(resubmit({ tier: 'tier3' }));
    when(reject());
    expect(book.state.customers.get(book.id('cyn'))).toBe('tier2');
    expect(book.standing('kyc').data).toMatchObject({ kyc_submission: { status: 'rejected', approved_tier: 'tier2' } });
  });
});

describe('ReviewKyc', () => {
  outcomes([
    ['none', submitted, of('ReviewKyc', NONE), 'refused: kyc_submission_not_found'],
    ['what waits', submitted, of('ReviewKyc'), 'KycReviewStarted'],
    ['what is looked at', [...submitted, of('ReviewKyc')], of('ReviewKyc'), 'unchanged'],
    ['what is approved', approved, of('ReviewKyc'), 'refused: invalid_state'],
    ['what is rejected', [...submitted, reject()], of('ReviewKyc'), 'refused: invalid_state'],
  ]);

  it('says since when', () => {
    const { when } = given(...submitted);
    expect(when(of('ReviewKyc')).events[0]?.data).toMatchObject({
      kyc_submission: { status: 'under_review', review_started_at: '2026-01-05T09:00:04.000Z' },
      previous: { status: 'pending', review_started_at: null },
    });
  });
});

describe('ApproveKyc', () => {
  outcomes([
    ['none', submitted, approve({ kyc_submission_id: NONE }), 'refused: kyc_submission_not_found'],
    ['what waits', submitted, approve(), 'CustomerUpdated KycApproved'],
    ['what is looked at', [...submitted, of('ReviewKyc')], approve(), 'CustomerUpdated KycApproved'],
    ['with the tier that the customer has', submitted, approve({ tier: 'tier1' }), 'KycApproved'],
    ['what is approved', approved, approve(), 'refused: invalid_state'],
    ['what is rejected', [...submitted, reject()], approve(), 'refused: invalid_state'],
    ['what has expired', [...approved, of('ExpireKyc')], approve(), 'refused: invalid_state'],
    ['a business that told nothing', [...shop, ofShop()], approve(), 'refused: kyc_incomplete'],
    [
      'a business without directors',
      [...shop, ofShop({ business_details: { ...SHOP, directors: [] } })],
      approve(),
      'refused: kyc_incomplete',
    ],
    [
      'a business that told all of it later',
      [...shop, ofShop(), resubmit({ business_details: SHOP })],
      approve(),
      'CustomerUpdated KycApproved',
    ],
  ]);

  it('gives the customer the tier in the same append, and the limits judge by it from the next posting on', () => {
    const { book, when } = given(
      ...submitted,
      replaceLimits(limit(100), limit(500, { kyc_level: 'tier2' })),
      account('ada', 'customer', 'NGN', { customer_id: '@cyn' }),
      account('bob'),
      deposit('ada', 1_000),
    );
    expect(when(transfer('ada', 'bob', 300)).outcome).toBe('TransactionFailed');
    const { events } = when(approve());
    const id = book.id('cyn');
    expect(events.map(({ data }) => data)).toEqual([
      { customer: expect.objectContaining({ customer_id: id, kyc_tier: 'tier2' }), previous: { kyc_tier: 'tier1' } },
      {
        kyc_submission: expect.objectContaining({
          kyc_submission_id: book.id('kyc'),
          status: 'approved',
          approved_tier: 'tier2',
        }),
        previous: { status: 'pending', approved_tier: null, decided_at: null },
      },
    ]);
    expect(when(transfer('ada', 'bob', 300)).outcome).toBe('TransactionPosted');
    when(of('ExpireKyc'));
    expect(when(transfer('ada', 'bob', 1)).outcome).toBe('TransactionFailed');
  });

  it('may give another tier than was asked for', () => {
    const { book, when } = given(...submitted);
    when(approve({ tier: 'tier3' }));
    expect(book.state.customers.get(book.id('cyn'))).toBe('tier3');
    expect(book.standing('kyc').data).toMatchObject({ kyc_submission: { tier: 'tier2', approved_tier: 'tier3' } });
  });
});

describe('RejectKyc', () => {
  outcomes([
    ['none', submitted, reject(NONE), 'refused: kyc_submission_not_found'],
    ['what waits', submitted, reject(), 'KycRejected'],
    ['what is looked at', [...submitted, of('ReviewKyc')], reject(), 'KycRejected'],
    ['what is rejected', [...submitted, reject()], reject(), 'refused: invalid_state'],
    ['what is approved', approved, reject(), 'refused: invalid_state'],
  ]);

  it('says why, sealed under the customer', () => {
    const { book, when } = given(...submitted);
    expect(when(reject()).events[0]?.data).toMatchObject({
      kyc_submission: { status: 'rejected', rejection_reason: `s1.${book.id('cyn')}.blurred` },
      previous: { status: 'pending', rejection_reason: null },
    });
  });
});

describe('ExpireKyc', () => {
  const byHand: Command = { type: 'UpdateCustomer', data: { customer_id: '@cyn', kyc_tier: 'tier3' } };
  outcomes([
    ['none', submitted, of('ExpireKyc', NONE), 'refused: kyc_submission_not_found'],
    ['what waits', submitted, of('ExpireKyc'), 'refused: invalid_state'],
    ['what is approved', approved, of('ExpireKyc'), 'CustomerUpdated KycExpired'],
    ['what gave no higher tier', [...submitted, approve({ tier: 'tier1' })], of('ExpireKyc'), 'KycExpired'],
    ['what somebody gave another tier since', [...approved, byHand], of('ExpireKyc'), 'KycExpired'],
    ['what has expired', [...approved, of('ExpireKyc')], of('ExpireKyc'), 'unchanged'],
  ]);

  it('takes back what the approval gave', () => {
    const { book, when } = given(...approved);
    expect(when(of('ExpireKyc')).events[1]?.data).toMatchObject({
      kyc_submission: { status: 'expired', approved_tier: null },
      previous: { status: 'approved', approved_tier: 'tier2' },
    });
    expect(book.state.customers.get(book.id('cyn'))).toBe('tier1');
  });
});
