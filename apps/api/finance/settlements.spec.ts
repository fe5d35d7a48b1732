import { ApiUnderTest, type Reply } from '../spec-support.js';

const told = ({ status, body }: Reply): string => `${status} ${body.error?.code} ${body.error?.param ?? ''}`.trim();
const GHOST = 'set_01HZXK5Y8Q2J3M4N5P6R7S8T9V';
const DAY = 86_400_000;

let api: ApiUnderTest;
let messages = 0;
beforeAll(async () => {
  api = await ApiUnderTest.start();
});
afterAll(() => api.close());

interface Settling {
  readonly tenant: string;
  readonly send: (method: string, path: string, body?: object, options?: object) => Promise<Reply>;
  readonly capture: (amount: number, direction?: string) => Promise<Reply>;
  readonly open: () => Promise<Reply>;
}

/** A sandbox tenant with a card. */
const settling = async (environment: 'live' | 'sandbox' = 'sandbox'): Promise<Settling> => {
  const tenant = await api.tenant({ environment });
  const send: Settling['send'] = (method, path, body, options = {}) =>
    api.send(tenant, method as 'GET', path, body, options);
  const account_id = await api.funded(tenant, 100_000);
  const card = await send('POST', '/v1/cards', { account_id, type: 'virtual' });
  await send('POST', `/v1/cards/${card.body.id}/activate`);
  const capture: Settling['capture'] = (amount, direction = 'debit') =>
    send('POST', '/v1/card_transactions/post', {
      card_id: card.body.id,
      amount,
      currency: 'NGN',
      merchant: { name: 'Shop', category_code: '5411' },
      network_reference: `s-${++messages}`,
      direction,
    });
  const open: Settling['open'] = async () => {
    const { body } = await send('GET', '/v1/settlements');
    return send('GET', `/v1/settlements/${(body.data as { id: string }[])[0]?.id}`);
  };
  return { tenant, send, capture, open };
};

describe('settlements', () => {
  it('200: accrue, net at the cut-off of the clock, and are completed with what was paid', async () => {
    const { tenant, send, capture, open } = await settling();
    const captured = await capture(10_000);
    await capture(2_000, 'credit');
    const accruing = await open();
    const { id } = accruing.body as { id: string };
    expect(accruing.body).toMatchObject({
      status: 'accruing',
      gross: 10_000,
      refunds: 2_000,
      net: 8_000,
      line_count: 2,
    });
    expect(captured.body.settlement_id).toBe(id);
    expect(told(await send('POST', `/v1/settlements/${id}/complete`, { amount: 1 }))).toBe('409 invalid_state');
    api.clock.offsetMs += DAY;
    // Whatever comes next finds the day netted.
    const completed = await send('POST', `/v1/settlements/${id}/complete`, { amount: 7_900, reference: 'BANK-1' });
    expect(completed).toMatchObject({
      status: 200,
      body: { status: 'completed', net: 8_000, paid_amount: 7_900, difference: -100, payment_reference: 'BANK-1' },
    });
    expect((await send('GET', `/v1/settlements/${id}`)).body).toEqual(completed.body);
    // Behind it stands what it made of the tenant's liquidity.
    expect(Number(completed.headers['ledger-revision'])).toBe((await api.head(tenant)) - 1);
    const types = ((await send('GET', '/v1/events?limit=100')).body.data as { type: string }[]).map(({ type }) => type);
    expect(types.filter((type) => type.startsWith('settlement.'))).toEqual([
      'settlement.completed',
      'settlement.updated',
      'settlement.created',
    ]);
    for (const [action, body] of [
      ['complete', { amount: 1 }],
      ['fail', { reason: 'late' }],
    ] as const) {
      expect(told(await send('POST', `/v1/settlements/${id}/${action}`, body))).toBe('409 invalid_state');
    }
  });

  it('200: the same key completes once', async () => {
    const { tenant, send, capture, open } = await settling();
    await capture(10);
    const { id } = (await open()).body as { id: string };
    await send('POST', '/v1/test/settlements/advance_clock');
    const pay = (): Promise<Reply> =>
      send('POST', `/v1/settlements/${id}/complete`, { amount: 10 }, { headers: { 'idempotency-key': `pay-${id}` } });
    const first = await pay();
    const head = await api.head(tenant);
    const again = await pay();
    expect([again.status, again.body]).toEqual([200, first.body]);
    expect(await api.head(tenant)).toBe(head);
  });

  it('200: a failure is kept, and tried again', async () => {
    const { send, capture, open } = await settling();
    await capture(10);
    const { id } = (await open()).body as { id: string };
    await send('POST', '/v1/test/settlements/advance_clock');
    const failed = await send('POST', `/v1/settlements/${id}/fail`, { reason: 'The window was closed' });
    expect(failed.body).toMatchObject({ status: 'failed', failure_reason: 'The window was closed', failures: 1 });
    expect((await send('POST', `/v1/settlements/${id}/complete`, { amount: 10 })).body).toMatchObject({
      status: 'completed',
      difference: 0,
    });
  });

  it('200: lines as a list and as CSV, each naming its event', async () => {
    const { send, capture, open } = await settling();
    const captured = await capture(500);
    await send('POST', '/v1/settlements/items', { type: 'network_fee', amount: 7, currency: 'NGN', reference: 'F-1' });
    const { id } = (await open()).body as { id: string };
    const { body } = await send('GET', `/v1/settlements/${id}/lines?order=asc`);
    expect(body.data).toMatchObject([
      { object: 'settlement_line', type: 'card_transaction', amount: 500, card_transaction_id: captured.body.id },
      { type: 'fee', amount: 7, late: false, late_for: null, corrects: null },
    ]);
    const [line] = body.data as { event_id: string }[];
    expect((await send('GET', `/v1/events/${line?.event_id}`)).body).toMatchObject({
      type: 'card.transaction.captured',
    });
    const csv = await send('GET', `/v1/settlements/${id}/lines`, undefined, { headers: { accept: 'text/csv' } });
    expect(csv.headers['content-type']).toContain('text/csv');
    const [head, ...rows] = csv.text.trimEnd().split('\r\n');
    expect(head).toMatch(/^id,settlement_id,type,amount_minor,currency,event_id/);
    expect(rows.map((row) => row.split(',').slice(2, 5).join(' '))).toEqual(['card_transaction 500 NGN', 'fee 7 NGN']);
  });

  it('200: a sandbox tenant ends its business day when it likes, and the next begins', async () => {
    const { send, capture } = await settling();
    await capture(10);
    const ended = await send('POST', '/v1/test/settlements/advance_clock');
    expect(ended).toMatchObject({
      status: 200,
      body: { object: 'business_day', settlements: [{ status: 'netting', net: 10 }] },
    });
    await capture(20);
    const { body } = await send('GET', '/v1/settlements?order=asc');
    const days = (body.data as { business_date: string }[]).map(({ business_date }) => business_date);
    expect(days).toEqual([...new Set(days)].sort());
    expect(days[1]).toBe(ended.body.business_date);
  });

  it('404 on a live tenant, of another tenant, and of what is not there', async () => {
    const live = await settling('live');
    expect(told(await live.send('POST', '/v1/test/settlements/advance_clock'))).toBe('404 route_not_found');
    const { send } = await settling();
    await live.capture(1);
    const { id } = (await live.open()).body as { id: string };
    for (const one of [id, GHOST, 'set_x']) {
      expect(told(await send('GET', `/v1/settlements/${one}`))).toBe('404 settlement_not_found');
      expect(told(await send('GET', `/v1/settlements/${one}/lines`))).toBe('404 settlement_not_found');
      expect(told(await send('POST', `/v1/settlements/${one}/complete`, { amount: 1 }))).toBe(
        '404 settlement_not_found',
      );
      expect(told(await send('POST', `/v1/settlements/${one}/fail`, { reason: 'r' }))).toBe('404 settlement_not_found');
    }
  });

  it.each([
    ['complete', {}, '400 missing_field amount'],
    ['complete', { amount: -1 }, '400 amount_out_of_range amount'],
    ['complete', { amount: '1' }, '400 type_mismatch amount'],
    ['complete', { amount: 0 }, '400 amount_not_positive amount'],
    ['complete', { amount: 1, reference: '\u0000' }, '400 pattern_mismatch reference'],
    ['fail', {}, '400 missing_field reason'],
    ['fail', { reason: '4242 4242 4242 4242' }, '400 pan_not_allowed reason'],
  ])('%s %j: %s, and nothing is appended', async (action, body, expected) => {
    const { tenant, send, capture, open } = await settling();
    await capture(1);
    const { id } = (await open()).body as { id: string };
    await send('POST', '/v1/test/settlements/advance_clock');
    const head = await api.head(tenant);
    expect(told(await send('POST', `/v1/settlements/${id}/${action}`, body))).toBe(expected);
    expect(await api.head(tenant)).toBe(head);
  });

  it('403 without the scope; completion passes while the tenant is suspended', async () => {
    const { tenant, send, capture, open } = await settling();
    await capture(1);
    const { id } = (await open()).body as { id: string };
    await send('POST', '/v1/test/settlements/advance_clock');
    const credential = api.key(tenant, ['settlements:read']);
    expect(told(await send('POST', `/v1/settlements/${id}/complete`, { amount: 1 }, { credential }))).toBe(
      '403 missing_scope',
    );
    await api.admin('PATCH', `/${tenant}/status`, { status: 'suspended' });
    expect((await send('POST', `/v1/settlements/${id}/complete`, { amount: 1 })).status).toBe(200);
  });

  it('are listed for operators', async () => {
    const { tenant, capture } = await settling();
    await capture(3);
    const { status, body } = await api.admin('GET', `/${tenant}/settlements`);
    expect(status).toBe(200);
    expect(body).toMatchObject({ settlements: [{ net: 3 }], pagination: { total_count: 1 } });
  });
});

describe('finance settings', () => {
  it('200: change what is named, for the tenant and its operators', async () => {
    const { tenant, send } = await settling();
    expect((await send('GET', '/v1/settings/finance')).body).toMatchObject({
      cut_off_hour: 0,
      coverage_alert_bps: 10_500,
    });
    const changed = await send('PATCH', '/v1/settings/finance', { cut_off_hour: 17, coverage_alert_bps: 11_000 });
    expect(changed).toMatchObject({ status: 200, body: { cut_off_hour: 17, coverage_restored_bps: 11_000 } });
    expect((await api.admin('GET', `/${tenant}/settings/finance`)).body).toEqual(changed.body);
    const head = await api.head(tenant);
    expect((await send('PATCH', '/v1/settings/finance', { cut_off_hour: 17 })).body).toEqual(changed.body);
    expect(await api.head(tenant)).toBe(head);
  });

  it.each([
    [{ cut_off_hour: 24 }, '400 out_of_range cut_off_hour'],
    [{ snapshot_minutes: 7 }, '400 invalid_parameter snapshot_minutes'],
    [{ settlement_account_id: 'acc_01HZXK5Y8Q2J3M4N5P6R7S8T9V' }, '400 invalid_parameter settlement_account_id'],
    [{ coverage_restored_bps: 10_000 }, '400 invalid_parameter coverage_restored_bps'],
  ])('%j: %s', async (body, expected) => {
    const { send } = await settling();
    expect(told(await send('PATCH', '/v1/settings/finance', body))).toBe(expected);
  });
});
