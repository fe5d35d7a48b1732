/** Schemas of statements, checkpoints and receipts: a part of `resource-schemas.ts`. */
import {
  amount,
  complete,
  currency,
  flag,
  id,
  is,
  list,
  nullable,
  oneOf,
  text,
  time,
  whole,
  type Schema,
} from './schema-words.js';

const side = oneOf('debit', 'credit');

const signed = {
  note: { ...text, description: 'A signed note (C2SP) with a checkpoint (tlog-checkpoint).' },
  public_key: { ...text, description: 'The verifier key that signed it.' },
};

export const STATEMENT_SCHEMAS: Readonly<Record<string, Schema>> = {
  statement: complete({
    object: is('statement'),
    tenant_id: id('tenant'),
    account_id: id('account'),
    account_code: text,
    currency,
    normal_side: side,
    from: time,
    to: time,
    revision: { ...whole, description: 'Up to which revision what was recorded is in it.' },
    opening_balance: amount,
    total_debits: amount,
    total_credits: amount,
    closing_balance: amount,
    line_count: whole,
    lines: list(
      complete({
        entry_id: id('entry'),
        transaction_id: id('transaction'),
        type: nullable(text),
        reference: nullable(text),
        narration: nullable(text),
        effective_at: time,
        recorded_at: time,
        direction: side,
        amount,
        balance: { ...amount, description: 'After this line, in the order of this statement.' },
      }),
    ),
  }),
  trial_balance: complete(
    {
      object: is('trial_balance'),
      as_of: nullable(text),
      revision: whole,
      data: list(complete({ currency, debits: amount, credits: amount })),
      accounts: {
        ...complete({
          object: is('list'),
          data: list(
            complete({
              account_id: id('account'),
              account_code: text,
              wallet_type: text,
              currency,
              normal_side: side,
              balance: amount,
              debits: amount,
              credits: amount,
            }),
          ),
          has_more: flag,
          next_cursor: nullable(text),
        }),
        description: 'With `detail=accounts`.',
      },
    },
    ['accounts'],
  ),
  checkpoint: complete({
    object: is('checkpoint'),
    stream: text,
    revision: { ...whole, description: 'Of the last event in it.' },
    size: whole,
    root_hash: { ...text, description: 'Base64.' },
    ...signed,
  }),
  receipt: complete({
    object: is('receipt'),
    format: is('daybook.receipt/1'),
    stream: text,
    revision: whole,
    event: { ...text, description: 'The stored envelope.' },
    previous_hash: text,
    hash: text,
    inclusion: list({ ...text, description: 'Base64, from the leaf up.' }),
    checkpoint: complete(signed),
  }),
};
