import { ledgerStream } from '#domain/codec.js';
import type { LedgerEvent } from '#domain/ledger.js';
import type { RecordedEvent } from '#event-store/event-store.js';
import type { Reading } from '#projecting/feed.js';
import { fanOutGroup } from '#webhooks/fan-out.js';
import { Subscribers } from './subscribers.js';

const ID = '01KQABCDEFGHJKMNPQRSTVWXYZ';
const [ADA, BOB] = ['tnt_01KQAAAAAAAAAAAAAAAAAAAAAA', 'tnt_01KQBBBBBBBBBBBBBBBBBBBBBB'];

const recorded = (tenantId: string, type: string, revision = 7): RecordedEvent => ({
  id: ID,
  type,
  revision,
  stream: ledgerStream(tenantId),
  position: '1',
  payload: Buffer.alloc(0),
  text: '',
  hash: Buffer.alloc(32),
});

const started = (withEndpoints: readonly string[] = []) => {
  const decoded: string[] = [];
  const heard: string[] = [];
  const whole = {
    decode: ({ type, revision }: RecordedEvent) => {
      decoded.push(type);
      return { event: { type, revision, data: {} } as unknown as LedgerEvent, sealed: ['s1.x'] };
    },
  } as unknown as Reading<LedgerEvent>;
  const pool = { query: () => Promise.resolve({ rows: withEndpoints.map((tenant_id) => ({ tenant_id })) }) };
  const subscribers = new Subscribers(pool as never, whole, ({ type }) => void heard.push(type));
  return { subscribers, reading: subscribers.reading(), decoded, heard };
};

it('events of tenants without endpoints are passed over, and write nothing', () => {
  const { reading, decoded, heard } = started();
  const { event, sealed } = reading.decode(recorded(ADA, 'TransactionPosted'));
  expect([decoded, heard, sealed, event.revision]).toEqual([[], [], [], 7]);
  const batch = { events: [{ tenantId: ADA, event }], open: () => () => null };
  expect(fanOutGroup.projections.flatMap((projection) => projection.statements(batch))).toEqual([]);
});

it('a tenant’s first endpoint is known before the event after it', () => {
  const { reading, decoded, heard } = started();
  for (const type of ['TransactionPosted', 'WebhookEndpointCreated', 'TransactionPosted']) {
    reading.decode(recorded(ADA, type));
    reading.decode(recorded(BOB, 'TransactionPosted'));
  }
  expect(decoded).toEqual(['WebhookEndpointCreated', 'TransactionPosted']);
  expect(heard).toEqual(decoded);
});

it('pauses are read of everybody: an endpoint may come later', () => {
  const { reading, decoded } = started();
  for (const type of ['TenantDeactivated', 'TenantReactivated']) reading.decode(recorded(ADA, type));
  expect(decoded).toEqual(['TenantDeactivated', 'TenantReactivated']);
});

it('who had endpoints before is known with the lead', async () => {
  const { subscribers, reading, decoded } = started([ADA]);
  expect(subscribers.restMs([ADA])).toBeGreaterThanOrEqual(100);
  await reading.begin?.();
  reading.decode(recorded(ADA, 'TransactionPosted'));
  expect(decoded).toEqual(['TransactionPosted']);
  expect(subscribers.restMs([BOB, ADA])).toBe(0);
  expect(subscribers.restMs([BOB])).toBeGreaterThanOrEqual(20);
});
