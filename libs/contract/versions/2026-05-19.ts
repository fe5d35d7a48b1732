import { categoriesBeside, categoriesBlockedBy, CATEGORY_UNIVERSE } from './category-labels.js';
import { onResource, type Change } from './change.js';
import { mapEnum, replaced } from './edits.js';

const isListOfTexts = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((one) => typeof one === 'string');

const LINE_TYPES = { card_transaction: 'cardTransaction' } as const;

export const CHANGES_2026_05_19: readonly Change[] = [
  {
    id: 'card-blocked-categories',
    breaks: ['field_removed_or_renamed'],
    what: 'A card’s `spending_controls.allowed_categories` is gone: `blocked_categories` names what is declined.',
    why: 'A list of everything that is allowed silently declines each category that is new.',
    how:
      'Send `blocked_categories`: all known categories but those that you allowed. A card that allows everything has an ' +
      'empty list. In older versions `[]` allows nothing, and leaving the field out restricts nothing.',
    on: [
      onResource('card', [
        replaced('spending_controls.blocked_categories', {
          was: 'allowed_categories',
          schema: {
            type: 'array',
            items: { type: 'string', pattern: '^\\d{4}$' },
            maxItems: CATEGORY_UNIVERSE.length,
            description: 'Merchant category codes that are approved: all others are declined.',
          },
          told: '`spending_controls.allowed_categories` became `spending_controls.blocked_categories`',
          down: (blocked) => (isListOfTexts(blocked) ? categoriesBeside(blocked) : blocked),
          up: (allowed, standing) =>
            isListOfTexts(allowed) ? categoriesBlockedBy(allowed, isListOfTexts(standing) ? standing : []) : allowed,
          isLossless: true,
          needsCurrent: true,
          example: ['7800', '7801', '7802', '7995'],
        }),
      ]),
    ],
  },
  {
    id: 'dispute-reason-complaint',
    breaks: ['enum_value_removed'],
    what: 'The reason `customer_dispute` of a dispute is `customer_complaint`.',
    why: 'Every dispute is one; what the word meant is a complaint of the customer.',
    how: 'Send and expect `customer_complaint`.',
    on: [onResource('dispute', [mapEnum('reason', { customer_complaint: 'customer_dispute' })])],
  },
  {
    id: 'settlement-line-types',
    breaks: ['enum_value_removed'],
    what: 'Types of settlement lines are written in snake_case: `card_transaction`, not `cardTransaction`.',
    why: 'Every other word of the API is.',
    how: 'Expect `card_transaction`.',
    on: [
      onResource('settlement', [mapEnum('lines[].type', LINE_TYPES)]),
      onResource('settlement_line', [mapEnum('type', LINE_TYPES)]),
    ],
  },
];
