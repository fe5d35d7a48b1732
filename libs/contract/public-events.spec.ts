import { account, card, deposit, given, named, tenant, transfer } from '#domain/spec-support.js';
import { IS_PUBLIC } from '#domain/is-public.js';
import type { EventType, LedgerEvent } from '#domain/ledger.js';
import { PUBLIC_EVENT_TYPES, PUBLIC_TYPES, publicType, renderPublicEvent } from './public-events.js';
import { resourceId } from './resource-id.js';
import { opened, openedMetadata } from './resources/personal.js';

/** The specs of the domain seal as `s1.<subject>.<text>`. */
const open = (sealed: string): string => sealed.split('.').slice(2).join('.');
const TOLD = { liveMode: true, apiVersion: '2026-05-19' };

const { book, when } = given(
  tenant(),
  account('ada', 'customer', 'NGN', { metadata: { tier: 'gold' } }),
  account('bob'),
  ...card('plastic', 'ada'),
  deposit('ada', 10_000),
  named('lunch', transfer('ada', 'bob', 900)),
  { type: 'UpdateCard', data: { card_id: '@plastic', holder_name: 'Ada' } },
);
const last = (type: EventType): LedgerEvent => book.events.findLast((event) => event.type === type)!;

describe('public events', () => {
  it('have a type exactly where the domain counts them', () => {
    for (const [type, isPublic] of Object.entries(IS_PUBLIC)) {
      expect([type, PUBLIC_TYPES[type as EventType] !== null]).toEqual([type, isPublic]);
    }
    expect(new Set(PUBLIC_EVENT_TYPES).size).toBe(PUBLIC_EVENT_TYPES.length);
  });

  it('render what is public of a ledger, and name its resource', () => {
    for (const event of book.events.filter(({ type }) => IS_PUBLIC[type])) {
      const told = renderPublicEvent(event, TOLD, open);
      expect(told.id).toBe(`evt_${event.id}`);
      expect(told.sequence).toBe(event.meta.sequence);
      expect(JSON.stringify(told.data)).toContain(resourceId(event));
    }
    expect(() => renderPublicEvent(last('CardUpdated'), TOLD, open)).toThrow('told to nobody');
  });

  it('carry the whole resource, opened', () => {
    expect(
      renderPublicEvent(
        book.events.find(({ type }) => type === 'AccountOpened')!,
        TOLD,
        open,
      ),
    ).toMatchObject({
      type: 'account.created',
      live_mode: true,
      api_version: '2026-05-19',
      previous_attributes: null,
      data: { account: { object: 'account', id: book.id('ada'), account_name: 'ada', metadata: { tier: 'gold' } } },
    });
  });

  it('say what a card was before', () => {
    const told = renderPublicEvent(last('CardStatusChanged'), TOLD, open);
    expect(publicType(last('CardStatusChanged'))).toBe('card.activated');
    expect(told.previous_attributes).toEqual({ status: 'inactive' });
  });

  it('tell a reversal of its original, with the mirror', () => {
    const part = { type: 'ReverseTransaction', data: { transaction_id: '@lunch', amount: 400 } } as const;
    const [first] = when(part).events;
    expect(renderPublicEvent(first!, TOLD, open)).toMatchObject({
      type: 'transaction.reversed',
      data: {
        transaction: { id: book.id('lunch'), status: 'partially_reversed', reversed_amount: 400 },
        reversal: { type: 'reversal', reversal_of: book.id('lunch'), amount: 400 },
      },
      previous_attributes: { status: 'completed', reversed_amount: 0 },
    });
    const [second] = when({ ...part, data: { transaction_id: '@lunch' } }).events;
    expect(renderPublicEvent(second!, TOLD, open).previous_attributes).toEqual({
      status: 'partially_reversed',
      reversed_amount: 400,
    });
  });
});

describe('personal data', () => {
  it('shows from a draft and from an event alike, and not at all once erased', () => {
    expect(opened({ clear: 'Ada' }, open)).toBe('Ada');
    expect(opened('s1.acc_1.Ada', open)).toBe('Ada');
    expect(opened('s1.acc_1.Ada', () => null)).toBeNull();
    expect(opened(null, open)).toBeNull();
    expect(
      openedMetadata(
        [
          ['__proto__', { clear: 'x' }],
          ['k', 's1.acc_1.v'],
        ],
        open,
      ),
    ).toEqual(
      Object.fromEntries([
        ['__proto__', 'x'],
        ['k', 'v'],
      ]),
    );
  });
});
