import type { MonthReport } from '#domain/periods/month-report.js';
import { openReport } from '#proof/signed-report.js';
import { ApiUnderTest, type Reply } from '../spec-support.js';

const told = ({ status, body }: Reply): string => `${status} ${body.error?.code} ${body.error?.param ?? ''}`.trim();

let api: ApiUnderTest;
beforeAll(async () => {
  api = await ApiUnderTest.start();
});
afterAll(() => api.close());

const close = (tenant: string, body: object, options = {}): Promise<Reply> =>
  api.send(tenant, 'POST', '/v1/periods/close', body, options);

describe('POST /v1/periods/close', () => {
  it('200: from then on nothing takes effect in it, for ever', async () => {
    const tenant = await api.tenant();
    const source = await api.funded(tenant, 1_000);
    const destination = await api.account(tenant);
    const transfer = (effective_at: string, more: object = {}): Promise<Reply> =>
      api.send(tenant, 'POST', '/v1/transactions', {
        type: 'transfer',
        amount: 1,
        currency: 'NGN',
        source,
        destination,
        effective_at,
        ...more,
      });
    expect((await transfer('2026-01-31T12:00:00Z')).status).toBe(201);
    const closed = await close(tenant, { through: '2026-01-31T23:59:59.999Z' });
    expect(closed).toMatchObject({
      status: 200,
      body: { object: 'closed_period', through: '2026-01-31T23:59:59.999Z' },
    });
    expect(closed.headers['ledger-revision']).toBe(String(await api.head(tenant)));
    expect(told(await transfer('2026-01-31T23:59:59.999Z'))).toBe('422 effective_at_out_of_range');
    expect(await transfer('2026-01-31T12:00:00Z', { dry_run: true })).toMatchObject({
      status: 200,
      body: { status: 'failed', failure_code: 'effective_at_out_of_range' },
    });
    expect((await transfer('2026-02-01T00:00:00Z')).status).toBe(201);
    const before = await api.head(tenant);
    expect((await close(tenant, { through: '2026-02-01T00:59:59.999+01:00' })).body).toEqual(closed.body);
    expect(told(await close(tenant, { through: '2026-01-31T23:59:59Z' }))).toBe('409 period_closed through');
    expect(await api.head(tenant)).toBe(before);
  });

  it.each([
    [{ through: '2999-01-01T00:00:00Z' }, '422 effective_at_out_of_range through'],
    [{ through: 'yesterday' }, '400 pattern_mismatch through'],
    [{}, '400 missing_field through'],
    [{ through: '2026-01-01T00:00:00Z', from: '2025-01-01T00:00:00Z' }, '400 unknown_field from'],
  ])('%j: %s, and nothing is appended', async (body, expected) => {
    const tenant = await api.tenant();
    const before = await api.head(tenant);
    expect(told(await close(tenant, body))).toBe(expected);
    expect(await api.head(tenant)).toBe(before);
  });

  it('403 without the scope, or while suspended', async () => {
    const tenant = await api.tenant();
    const credential = api.key(tenant, ['settlements:read']);
    const body = { through: '2026-01-01T00:00:00Z' };
    expect(told(await close(tenant, body, { credential }))).toBe('403 missing_scope');
    await api.admin('PATCH', `/${tenant}/status`, { status: 'suspended' });
    expect(told(await close(tenant, body))).toBe('403 tenant_suspended');
  });

  it('is told to nobody outside', async () => {
    const tenant = await api.tenant();
    await close(tenant, { through: '2026-01-01T00:00:00Z' });
    const { body } = await api.send(tenant, 'GET', '/v1/events?order=asc');
    expect((body.data as { type: string }[]).map(({ type }) => type)).toEqual(['tenant.created']);
  });
});

describe('POST /v1/periods/close {month}, GET /v1/periods', () => {
  const REPORT = '/v1/periods/2026-01';
  const get = (tenant: string, url: string, accept = 'application/json'): Promise<Reply> =>
    api.send(tenant, 'GET', url, undefined, { headers: { accept } });

  it('200: a month of the tenant’s time zone is closed once, and its report is the same to the byte', async () => {
    const tenant = await api.tenant();
    const source = await api.funded(tenant, 1_000);
    const destination = await api.account(tenant);
    const transfer = (effective_at: string): Promise<Reply> =>
      api.send(tenant, 'POST', '/v1/transactions', {
        type: 'transfer',
        amount: 10,
        currency: 'NGN',
        source,
        destination,
        effective_at,
      });
    await transfer('2026-01-31T12:00:00Z');
    expect(told(await get(tenant, REPORT))).toBe('404 month_not_found');
    const closed = await close(tenant, { month: '2026-01' });
    expect(closed).toMatchObject({
      status: 200,
      body: {
        object: 'closed_period',
        month: '2026-01',
        timezone: 'UTC',
        from: '2026-01-01T00:00:00.000Z',
        through: '2026-01-31T23:59:59.999Z',
      },
    });
    const first = await get(tenant, REPORT);
    expect(first.status).toBe(200);
    expect(told(await transfer('2026-01-31T23:59:59.999Z'))).toBe('422 effective_at_out_of_range');
    expect((await transfer('2026-02-01T00:00:00Z')).status).toBe(201);
    expect((await close(tenant, { month: '2026-01' })).body).toEqual(closed.body);
    expect((await get(tenant, REPORT)).text).toBe(first.text);
    expect((await get(tenant, '/v1/periods')).body.data).toEqual([closed.body]);
    const { report, public_key } = first.body as unknown as { report: MonthReport; public_key: string };
    expect(report).toMatchObject({ tenant_id: tenant, revision: Number(closed.headers['ledger-revision']) });
    const origin = `daybook/ledger-${tenant}-0`;
    expect(openReport(first.text, origin, public_key).report).toEqual(report);
    const forged = first.text.replace('"month":"2026-01"', '"month":"2026-02"');
    expect(() => openReport(forged, origin)).toThrow('is not the one whose SHA-256 it names');
    expect(() => openReport(first.text, 'daybook/ledger-tnt_x-0')).toThrow('what is signed is not the report');
  });

  it('200: as CSV and PDF, the same bytes each time', async () => {
    const tenant = await api.tenant();
    await api.funded(tenant, 1_000);
    await close(tenant, { month: '2026-01' });
    const csv = await get(tenant, REPORT, 'text/csv');
    expect(csv.headers['content-type']).toBe('text/csv; charset=utf-8');
    expect(csv.text).toMatch(/^section,item,currency,opening_debits_minor,/);
    const pdf = await get(tenant, REPORT, 'application/pdf');
    expect(pdf.text).toMatch(/^%PDF-1\./);
    expect((await get(tenant, REPORT, 'application/pdf')).text).toBe(pdf.text);
  });

  it('has the bounds of the time zone that the writer knows; 409 where only an older one can be read', async () => {
    const tenant = await api.tenant();
    const older = await api.reads.tenant(tenant);
    await api.admin('PATCH', `/${tenant}`, { timezone: 'Africa/Lagos' });
    const before = await api.head(tenant);
    const current = api.reads.tenant.bind(api.reads);
    let stale = 2;
    api.reads.tenant = (id) => (stale-- > 0 ? Promise.resolve(older) : current(id));
    try {
      expect(told(await close(tenant, { month: '2026-01' }))).toBe('409 invalid_state month');
      expect(await api.head(tenant)).toBe(before);
      stale = 1;
      expect(await close(tenant, { month: '2026-01' })).toMatchObject({
        status: 200,
        body: { timezone: 'Africa/Lagos', from: '2025-12-31T23:00:00.000Z', through: '2026-01-31T22:59:59.999Z' },
      });
      expect(stale).toBeLessThan(1);
    } finally {
      api.reads.tenant = current;
    }
  });

  it.each([
    [{ month: '2999-01' }, '422 effective_at_out_of_range month'],
    [{ month: '2026-13' }, '400 pattern_mismatch month'],
    [{ month: '1999-12' }, '400 pattern_mismatch month'],
    [{ month: 'January' }, '400 pattern_mismatch month'],
    [{ month: '2026-01', through: '2026-01-01T00:00:00Z' }, '400 invalid_parameter month'],
  ])('%j: %s, and nothing is appended', async (body, expected) => {
    const tenant = await api.tenant();
    const before = await api.head(tenant);
    expect(told(await close(tenant, body))).toBe(expected);
    expect(await api.head(tenant)).toBe(before);
  });

  it('404: no month, or one that is not closed', async () => {
    const tenant = await api.tenant();
    for (const month of ['2026-01', '2026-13', 'x']) {
      expect(told(await get(tenant, `/v1/periods/${month}`))).toBe('404 month_not_found');
    }
  });
});
