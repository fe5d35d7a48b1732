/** How intents choose among what there is by the time their turn comes. */
import fc from 'fast-check';
import { isWallet, type Account, type Books } from './oracle/books.js';
import type { Command, Now } from './oracle/terms.js';

/** The command that comes of an intent in these books; null where there is nothing that it could be about. */
export type Intent = (books: Books, now: Now) => Command | null;

export const CHANNELS = ['funds_transfer', 'pos_card_present', 'pos_nfc_card'];
export const DAY = 86_400_000;

/** A number that stands for one of however many there will be: see `choose`. */
export const some = fc.nat(10_000);

export const choose = <T>(list: readonly T[], n: number): T | undefined => list[n % list.length];

/** True once in so many. */
export const rarely = (weight: number): fc.Arbitrary<boolean> => fc.nat(weight - 1).map((n) => n === weight - 1);

/** One of these; what is to be likelier stands there more often. */
export const oneOf = <T>(...values: T[]): fc.Arbitrary<T> => fc.constantFrom(...values);

export const wallets = (books: Books): Account[] => [...books.accounts.values()].filter(isWallet);

/** Accounts that a client may name. */
export const clients = (books: Books): Account[] =>
  [...books.accounts.values()].filter(({ wallet }) => wallet !== 'system');

export const iso = (at: number): string => new Date(at).toISOString();
