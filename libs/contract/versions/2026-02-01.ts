import type { Schema } from '../schema-words.js';
import {
  CATEGORY_LABELS,
  categoriesAllowedBy,
  categoryOfLabel,
  labelOfCategory,
  labelsOfList,
} from './category-labels.js';
import { onResource, renamedWebhookHeader, requiredHeader, type Change } from './change.js';
import { retype } from './edits.js';

const label: Schema = { type: 'string', enum: CATEGORY_LABELS };

const textsIn = (value: unknown): string[] | null =>
  Array.isArray(value) && value.every((one) => typeof one === 'string') ? value : null;

/** A list of codes and the list of labels that it means; what is no list is left as it is. */
const allowedLabels = (value: unknown): unknown => {
  const codes = textsIn(value);
  return codes === null ? value : labelsOfList(codes);
};

const allowedCodes = (value: unknown, standing: unknown): unknown => {
  const labels = textsIn(value);
  return labels === null ? value : categoriesAllowedBy(labels, textsIn(standing) ?? undefined);
};

export const CHANGES_2026_02_01: readonly Change[] = [
  {
    id: 'idempotency-key-required',
    breaks: ['optional_became_required'],
    what: 'Every POST of the tenant plane needs an `Idempotency-Key`.',
    why: 'A request that is repeated after a lost answer must not move money twice.',
    how: 'Send a fresh key (1 to 255 of `a-z A-Z 0-9 _ -`) with each POST, and the same one again when you repeat it.',
    on: [requiredHeader('Idempotency-Key', 'tenant')],
  },
  {
    id: 'webhook-signature-header',
    breaks: ['field_removed_or_renamed'],
    what: 'Webhook deliveries carry their signature in `QairoPay-Signature` instead of `X-QairoPay-Signature`.',
    why: 'The prefix `X-` says nothing (RFC 6648).',
    how: 'Read the signature from `QairoPay-Signature`. How it is made is the same.',
    on: [renamedWebhookHeader('QairoPay-Signature', { was: 'X-QairoPay-Signature' })],
  },
  {
    id: 'merchant-category-mcc',
    breaks: ['enum_value_removed', 'request_rejected'],
    what: 'Merchant categories are four-digit codes (ISO 18245) instead of house labels.',
    why: 'Networks, issuers and tax rules speak of codes; many of them shared one label.',
    how:
      'Compare `merchant.category_code` with codes: `5411`, not `groceries`. Name codes in a card’s allowed categories. ' +
      'While you have not: a code that has no label is told as `other`, a label is allowed if none of its codes is blocked, ' +
      'and changing a card changes only the codes of labels that you allow or no longer allow.',
    on: [
      onResource('card_transaction', [
        retype('merchant.category_code', {
          schema: { ...label, description: 'House label of the merchant’s category.' },
          told: '`merchant.category_code` is a four-digit code, not a label',
          down: (code) => (typeof code === 'string' ? labelOfCategory(code) : code),
          up: (asked) => (typeof asked === 'string' ? categoryOfLabel(asked) : asked),
          isLossless: false,
          example: '5411',
        }),
      ]),
      onResource('card', [
        retype('spending_controls.allowed_categories', {
          schema: {
            type: 'array',
            items: label,
            maxItems: CATEGORY_LABELS.length,
            description: 'Labels; all others are declined.',
          },
          told: '`spending_controls.allowed_categories` names codes, not labels',
          down: allowedLabels,
          up: allowedCodes,
          isLossless: false,
          needsCurrent: true,
          example: categoriesAllowedBy(['groceries']),
        }),
      ]),
    ],
  },
];
