/** What an id names, by its prefix. One registry for all resources. */
export const PREFIXES = {
  workspace: 'wsp',
  tenant: 'tnt',
  partner: 'prt',
  user: 'usr',
  customer: 'cust',
  invitation: 'inv',
  api_key: 'key',
  oauth_client: 'cli',
  account: 'acc',
  transaction: 'ltx',
  entry: 'ent',
  card_transaction: 'txn',
  reservation: 'rsv',
  card: 'card',
  cardholder: 'chd',
  settlement: 'set',
  settlement_line: 'stl',
  bank_statement: 'bst',
  bank_statement_line: 'bsl',
  dispute: 'dsp',
  fee_rule: 'fee',
  limit: 'lim',
  liquidity_snapshot: 'liq',
  kyc_submission: 'kyc',
  virtual_account: 'va',
  payout: 'po',
  terminal: 'ter',
  pos_transaction: 'pos',
  template: 'tpl',
  pass: 'pass',
  promotion: 'prm',
  webhook_endpoint: 'whk',
  event: 'evt',
  delivery: 'dlv',
  replay: 'rpl',
  audit_entry: 'aud',
  request: 'req',
} as const;

export type Kind = keyof typeof PREFIXES;

/** 26 characters of Crockford's base 32: 48 bits of milliseconds and 80 random bits. */
export type Ulid = string;

const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const ULID = /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/;

export const isUlid = (text: string): boolean => ULID.test(text);

export const idOf = (kind: Kind, ulid: Ulid): string => `${PREFIXES[kind]}_${ulid}`;

/** The 26 characters behind the prefix. */
export const ulidOf = (id: string): Ulid => id.slice(id.lastIndexOf('_') + 1);

/** Whether a text is a well-formed id of that kind; says nothing about its existence. */
export const isId = (kind: Kind, text: string): boolean => {
  const prefix = PREFIXES[kind];
  return (
    text.length === prefix.length + 27 &&
    text.startsWith(prefix) &&
    text[prefix.length] === '_' &&
    ULID.test(text.slice(prefix.length + 1))
  );
};

/** Milliseconds since 1970 that a ULID was made at. */
export const timeOfUlid = (ulid: Ulid): number => {
  let ms = 0;
  for (let i = 0; i < 10; i++) ms = ms * 32 + ALPHABET.indexOf(ulid[i] as string);
  return ms;
};

/**
 * The ULID that stands `steps` after another. The engine leaves at least 2^32 between the ids of two events, so what an
 * event makes besides itself (its entries) is named by small steps from its own id, without being written down.
 */
export const ulidAfter = (ulid: Ulid, steps: number): Ulid => {
  let carry = steps;
  let tail = '';
  let at = ulid.length - 1;
  while (carry > 0) {
    const sum = ALPHABET.indexOf(ulid[at] as string) + carry;
    tail = (ALPHABET[sum % 32] as string) + tail;
    carry = Math.floor(sum / 32);
    at--;
  }
  return ulid.slice(0, at + 1) + tail;
};

/** Id of the n-th entry (from 0) of the event with this id. */
export const entryId = (eventId: Ulid, index: number): string => idOf('entry', ulidAfter(eventId, index + 1));
