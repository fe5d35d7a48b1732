import { canonicalJson, NotCanonical, type Json } from './canonical.js';
import { decodeEvent, encodeEvent, ledgerStream, tenantOfStream } from './codec.js';
import { LedgerInconsistent } from './entries.js';
import type { EventMeta, LedgerDraft } from './ledger.js';
import { account, customer, given, plainSeal, START, tenant, ulidAt } from './spec-support.js';

const META: EventMeta = {
  tenant_id: 'tnt_1',
  sequence: 1,
  actor: 'usr_1',
  request_id: 'req_1',
  api_version: '2026-05-19',
  ip: null,
  idempotency: { key: 'ab', request: 'cd', operation: 'accounts.create', events: 1, part: null },
};

const draft = (reason: string): LedgerDraft => ({
  id: ulidAt(START, 1),
  type: 'ApiKeyCreated',
  subject: 'tnt_1',
  data: {
    api_key: {
      key_id: 'key_1',
      name: { clear: reason },
      scopes: [],
      rate_limit_per_min: null,
      rate_limit_per_day: null,
      is_active: true,
      expires_at: null,
    },
  },
});

describe('the envelope', () => {
  it('is canonical, and is read back as what was decided', () => {
    const text = encodeEvent(draft('laptop'), 7, START, META, plainSeal);
    expect(text).toBe(canonicalJson(JSON.parse(text) as Json));
    expect(decodeEvent(text)).toEqual({
      revision: 7,
      id: ulidAt(START, 1),
      at: START,
      type: 'ApiKeyCreated',
      data: { api_key: expect.objectContaining({ key_id: 'key_1', name: 's1.tnt_1.laptop' }) as unknown },
      meta: META,
    });
  });

  it('has the members that the export format names', () => {
    const envelope = JSON.parse(encodeEvent(draft('x'), 7, START, META, plainSeal)) as Record<string, unknown>;
    expect(Object.keys(envelope)).toEqual(['at', 'data', 'id', 'meta', 'revision', 'type', 'v']);
    expect(envelope).toMatchObject({ at: '2026-01-05T09:00:00.000Z', v: 1 });
  });

  it('leaves no personal text in the clear, at any depth', () => {
    const { book, when } = given(tenant(), customer('cyn'), account('ada', 'customer', 'NGN', { customer_id: '@cyn' }));
    when({
      type: 'BlockAccount',
      data: {
        account_id: '@ada',
        reason: 'SECRET',
        source: 'x',
        block_debits: true,
        block_credits: false,
        metadata: { note: 'SECRET' },
      },
    });
    const text = book.stored.at(-1) as string;
    expect(text.match(/SECRET/g)).toHaveLength(4);
    expect(text.split(`s1.${book.id('cyn')}.SECRET`)).toHaveLength(5);
  });

  it('does not seal again what it took over from an earlier event', () => {
    const { when } = given(tenant(), account('ada'));
    const [event] = when({ type: 'UpdateAccount', data: { account_id: '@ada', kyc_tier: 'tier2' } }).events;
    const name = (event?.data as unknown as { account: { account_name: string } }).account.account_name;
    expect(name).toMatch(/^s1\.acc_[0-9A-Z]{26}\.ada$/);
  });

  it('takes no text that could not be read back', () => {
    const broken = draft('x');
    const data = { api_key: { ...(broken.data as { api_key: object }).api_key, scopes: ['\u0000'] } };
    expect(() => encodeEvent({ ...broken, data } as unknown as LedgerDraft, 0, START, META, plainSeal)).toThrow(
      NotCanonical,
    );
  });
});

describe('decodeEvent', () => {
  const good = () => JSON.parse(encodeEvent(draft('x'), 0, START, META, plainSeal)) as Record<string, unknown>;

  it.each<[string, () => string]>([
    ['no JSON', () => '{'],
    ['JSON that is no envelope', () => 'null'],
    ['another type', () => JSON.stringify({ ...good(), type: 'MoneyPrinted' })],
    ['a type that every object has', () => JSON.stringify({ ...good(), type: 'toString' })],
    ['a shape of the future', () => JSON.stringify({ ...good(), v: 2 })],
    ['no time at all', () => JSON.stringify({ ...good(), at: undefined })],
    ['no time', () => JSON.stringify({ ...good(), at: 'yesterday' })],
  ])('refuses %s', (_telling, text) => {
    expect(() => decodeEvent(text())).toThrow(LedgerInconsistent);
  });
});

describe('streams', () => {
  it('are named by tenant and epoch', () => {
    const stream = ledgerStream('tnt_01JGFJJZ00ABCDEFGHJKMNPQRS', 2);
    expect(stream).toBe('ledger-tnt_01JGFJJZ00ABCDEFGHJKMNPQRS-2');
    expect(tenantOfStream(stream)).toBe('tnt_01JGFJJZ00ABCDEFGHJKMNPQRS');
  });
});
