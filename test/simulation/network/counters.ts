import type { Account } from '#domain/accounts/accounts.js';
import { counterOf } from '#domain/limits/limit-uses.js';
import type { Book } from '#domain/spec-support.js';

/** What an account's owner has used of outbound limits this day and this month. */
export const limitUsesOf = (book: Book, name: string): readonly number[] => {
  const { localDate } = book.moment();
  const key = counterOf(book.state.accounts.get(book.id(name)) as Account);
  return (['daily', 'monthly'] as const).map((window) =>
    book.state.limitCounters.used(key, 'outbound', window, localDate),
  );
};

/** What a card has spent, as its controls count. */
export const cardUsesOf = (book: Book, name: string): object | undefined => book.state.cards.get(book.id(name))?.spent;
