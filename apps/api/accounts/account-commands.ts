/** Request bodies about accounts, as the commands that they ask for. The same on both planes. */
import type { BlockAccount } from '#domain/accounts/block-account.js';
import type { CloseAccount } from '#domain/accounts/close-account.js';
import type { UnblockAccount } from '#domain/accounts/unblock-account.js';
import type { BlockAccountBody, CloseAccountBody, UnblockAccountBody } from './accounts.dto.js';

/** Both sides, unless one is named. */
export const blockAccount = (accountId: string, body: BlockAccountBody): BlockAccount => {
  const { block_debits, block_credits, ...rest } = body;
  const both = block_debits === undefined && block_credits === undefined;
  return {
    type: 'BlockAccount',
    data: { account_id: accountId, ...rest, block_debits: block_debits ?? both, block_credits: block_credits ?? both },
  };
};

export const unblockAccount = (accountId: string, body: UnblockAccountBody): UnblockAccount => {
  const { unblock_debits, unblock_credits, ...rest } = body;
  const both = unblock_debits === undefined && unblock_credits === undefined;
  return {
    type: 'UnblockAccount',
    data: {
      account_id: accountId,
      ...rest,
      unblock_debits: unblock_debits ?? both,
      unblock_credits: unblock_credits ?? both,
    },
  };
};

export const closeAccount = (accountId: string, body: CloseAccountBody): CloseAccount => ({
  type: 'CloseAccount',
  data: { account_id: accountId, ...body },
});
