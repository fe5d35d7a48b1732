/** The operations on cards and card transactions: rows of `operations.ts`. */
import { created, tenant, type Operation } from './operation-terms.js';
import { CARD_FILTERS, CARD_TRANSACTION_FILTERS, PAGING } from './query-parameters.js';

export const CARD_OPERATIONS = {
  issueCard: tenant('Cards', 'cards:write', ['POST /v1/cards', 'card', 'Issue a card'], created('IssueCardBody')),
  listCards: tenant('Cards', 'cards:read', ['GET /v1/cards', 'list:card', 'List cards'], {
    query: { ...PAGING, ...CARD_FILTERS },
  }),
  getCard: tenant('Cards', 'cards:read', ['GET /v1/cards/{card_id}', 'card', 'Get a card']),
  updateCard: tenant('Cards', 'cards:write', ['PATCH /v1/cards/{card_id}', 'card', 'Change a card'], {
    body: 'UpdateCardBody',
  }),
  activateCard: tenant('Cards', 'cards:write', ['POST /v1/cards/{card_id}/activate', 'card', 'Activate a card'], {
    body: 'NoBody',
    bodyOptional: true,
  }),
  suspendCard: tenant('Cards', 'cards:write', ['POST /v1/cards/{card_id}/suspend', 'card', 'Suspend a card'], {
    body: 'NoBody',
    bodyOptional: true,
  }),
  resumeCard: tenant('Cards', 'cards:write', ['POST /v1/cards/{card_id}/resume', 'card', 'Resume a suspended card'], {
    body: 'NoBody',
    bodyOptional: true,
  }),
  terminateCard: tenant(
    'Cards',
    'cards:write',
    ['POST /v1/cards/{card_id}/terminate', 'card', 'Terminate a card for good'],
    { body: 'NoBody', bodyOptional: true },
  ),
  listCardsTransactions: tenant(
    'Cards',
    'cards:read',
    ['GET /v1/cards/{card_id}/transactions', 'list:card_transaction', 'A card’s transactions'],
    { query: { ...PAGING, ...CARD_TRANSACTION_FILTERS } },
  ),

  authorizeCard: tenant(
    'Card transactions',
    'cards:write',
    ['POST /v1/card_transactions/authorize', 'card_transaction', 'The network asks for a hold'],
    {
      ...created('AuthorizeCardBody'),
      description:
        'A decline is a result, not an error: 201 with status `declined` and a `decline_reason`, the first of these that ' +
        'is so: `card_inactive card_suspended card_terminated expired_card account_closed account_frozen ' +
        'tenant_suspended currency_mismatch category_blocked spending_limit_exceeded limit_exceeded insufficient_funds`.',
    },
  ),
  incrementCardTransaction: tenant(
    'Card transactions',
    'cards:write',
    [
      'POST /v1/card_transactions/{card_transaction_id}/increment',
      'card_transaction',
      'The network asks for more on the same hold',
    ],
    {
      body: 'IncrementCardTransactionBody',
      description:
        'Judged as an authorization is. A decline is a 422 with the reason as its code; it is kept as an element ' +
        '`increment_declined` and leaves the hold as it was. Where nothing is held any more: 409.',
    },
  ),
  adjustCardTransaction: tenant(
    'Card transactions',
    'cards:write',
    [
      'POST /v1/card_transactions/{card_transaction_id}/adjust',
      'card_transaction',
      'An advice: the hold becomes this amount',
    ],
    {
      body: 'AdjustCardTransactionBody',
      description:
        'Never declined, so what is available may fall below zero by it. What it adds counts as `incremented`, what it ' +
        'takes away as `reversed`. Where nothing is held any more, nothing becomes held again.',
    },
  ),
  reverseCardTransaction: tenant(
    'Card transactions',
    'cards:write',
    [
      'POST /v1/card_transactions/{card_transaction_id}/reverse',
      'card_transaction',
      'Gives back the hold, or part of it',
    ],
    {
      body: 'ReverseCardTransactionBody',
      bodyOptional: true,
      description: 'At most what is held. What was captured is given back by refunds.',
    },
  ),
  expireCardTransaction: tenant(
    'Card transactions',
    'cards:write',
    [
      'POST /v1/card_transactions/{card_transaction_id}/expire',
      'card_transaction',
      'Gives back all of the hold, before its time is up',
    ],
    {
      body: 'ExpireCardTransactionBody',
      bodyOptional: true,
      description: 'Holds also expire by themselves at `expires_at`. What is cleared afterwards posts all the same.',
    },
  ),
  refundToCard: tenant(
    'Card transactions',
    'cards:write',
    ['POST /v1/card_transactions/refund', 'card_transaction', 'A refund of a purchase that is not known here'],
    created('RefundToCardBody'),
  ),
  refundCardTransaction: tenant(
    'Card transactions',
    'cards:write',
    ['POST /v1/card_transactions/{card_transaction_id}/refund', 'card_transaction', 'A refund of a purchase'],
    {
      body: 'RefundCardTransactionBody',
      description:
        'Always posts, also more than was captured: then its element says `exceeds_captured`. What the holder owes is ' +
        'repaid first. It is taken back by reversing its transaction.',
    },
  ),
  postCardTransaction: tenant(
    'Card transactions',
    'cards:write',
    ['POST /v1/card_transactions/post', 'card_transaction', 'A clearing without authorization'],
    {
      ...created('PostCardTransactionBody'),
      description: 'A force post, a single message or a credit: always posts. What is lacking becomes a receivable.',
    },
  ),
  captureCardTransaction: tenant(
    'Card transactions',
    'cards:write',
    [
      'POST /v1/card_transactions/{card_transaction_id}/capture',
      'card_transaction',
      'A clearing of a hold: partial, full, over',
    ],
    { body: 'CaptureCardTransactionBody' },
  ),
  simulateAuthorization: tenant(
    'Tests',
    'cards:write',
    ['POST /v1/test/cards/simulate_authorization', 'card_transaction', 'An authorization, as a network would send it'],
    {
      ...created('SimulateAuthorizationBody'),
      sandboxOnly: true,
      description: 'Judged like every other authorization; what is not given is made up. Sandbox tenants only.',
    },
  ),
  simulateDecline: tenant(
    'Tests',
    'cards:write',
    ['POST /v1/test/cards/simulate_decline', 'card_transaction', 'An authorization that is declined'],
    {
      ...created('SimulateDeclineBody'),
      sandboxOnly: true,
      description: 'Declined for the reason given, whatever the card may do. Sandbox tenants only.',
    },
  ),
  listCardTransactions: tenant(
    'Card transactions',
    'cards:read',
    ['GET /v1/card_transactions', 'list:card_transaction', 'List card transactions'],
    { query: { ...PAGING, ...CARD_TRANSACTION_FILTERS } },
  ),
  getCardTransaction: tenant('Card transactions', 'cards:read', [
    'GET /v1/card_transactions/{card_transaction_id}',
    'card_transaction',
    'Get a card transaction',
  ]),
} as const satisfies Record<string, Operation>;
