/**
 * What a read shows in full beside the ids that name it, where `expand[]` asks for it: from this table come the parameter of
 * every read of such a resource, its rights, the schemas of its answers and the reference.
 */
import type { OperationName } from './operations.js';
import type { QueryParameter } from './query-parameters.js';
import type { Schema } from './schema-words.js';

/** Kinds that can be shown within others, and the operation that reads one: who may not call it may not see it so either. */
export const READ_BY = {
  account: 'getAccount',
  card: 'getCard',
  card_transaction: 'getCardTransaction',
  customer: 'getCustomer',
  reservation: 'getReservation',
  settlement: 'getSettlement',
  transaction: 'getTransaction',
} as const satisfies Readonly<Record<string, OperationName>>;

export type Expandable = keyof typeof READ_BY;

export interface Expansion {
  /** The field with its id. */
  readonly by: string;
  readonly shows: Expandable;
}

const shown = (shows: Expandable, by = `${shows}_id`): Expansion => ({ by, shows });

/** By the `object` of what is read: the field that is added, and what it shows. */
const EXPANSIONS: Readonly<Record<string, Readonly<Record<string, Expansion>>>> = {
  account: { parent_account: shown('account', 'parent_account_id'), customer: shown('customer') },
  bank_statement: { account: shown('account') },
  bank_statement_line: { transaction: shown('transaction') },
  card: { account: shown('account') },
  card_transaction: { card: shown('card'), account: shown('account'), settlement: shown('settlement') },
  entry: { transaction: shown('transaction') },
  kyc_submission: { customer: shown('customer') },
  reservation: {
    account: shown('account'),
    destination_account: shown('account', 'destination'),
    transaction: shown('transaction'),
  },
  transaction: {
    source_account: shown('account', 'source'),
    destination_account: shown('account', 'destination'),
    card_transaction: shown('card_transaction'),
    reservation: shown('reservation'),
    reversed_transaction: shown('transaction', 'reversal_of'),
  },
};

export const EXPAND = 'expand[]';
/** Names of one request, and of what stands within what stands in the answer. */
export const MAX_EXPANSIONS = 10;
const MAX_DEPTH = 2;

export const expansionOf = (tag: string, name: string): Expansion | undefined => EXPANSIONS[tag]?.[name];

/** What may be asked for of a resource: names and, dotted, names within them. */
export const expansionsOf = (tag: string, depth = MAX_DEPTH): readonly string[] =>
  depth === 0
    ? []
    : Object.entries(EXPANSIONS[tag] ?? {}).flatMap(([name, { shows }]) => [
        name,
        ...expansionsOf(shows, depth - 1).map((inner) => `${name}.${inner}`),
      ]);

/** The parameter of a read of these; its value holds the names in order, each once, with commas. */
const expandable = (names: readonly string[]): QueryParameter => ({
  schema: { type: 'array', items: { type: 'string', enum: names }, maxItems: MAX_EXPANSIONS },
  description:
    'What to show in full beside the id that names it, in a field of this name; null where there is none. Each takes the ' +
    'rights of its own read. Repeated for more than one; `expand=a,b` is the same.',
  isList: true,
  parse: (text) => {
    const asked = [...new Set(text.split(','))].sort();
    if (asked.some((name) => !names.includes(name))) return { wrong: 'invalid_enum' };
    return asked.length > MAX_EXPANSIONS ? { wrong: 'too_long' } : { value: asked.join(',') };
  },
});

/** Parameters that a read takes because of what it answers. */
export const expandParameter = (method: string, answers: string): Readonly<Record<string, QueryParameter>> => {
  const names = method === 'GET' ? expansionsOf(tagOf(answers)) : [];
  return names.length === 0 ? {} : { [EXPAND]: expandable(names) };
};

/** The resource that an operation reads. */
export const tagOf = (answers: string): string => answers.replace(/^list:/, '');

/** The names that a checked query asks for. */
export const expandIn = (query: Readonly<Record<string, unknown>>): readonly string[] => {
  const asked = query[EXPAND];
  return typeof asked === 'string' ? asked.split(',') : [];
};

/** What else is read for these names: the operations whose rights that takes. */
export const readsFor = (tag: string, names: readonly string[]): ReadonlySet<OperationName> => {
  const reads = new Set<OperationName>();
  for (const name of names) {
    let at = tag;
    for (const step of name.split('.')) {
      const { shows } = expansionOf(at, step) as Expansion;
      reads.add(READ_BY[shows]);
      at = shows;
    }
  }
  return reads;
};

const DESCRIPTION = 'Only there where `expand[]` asks for it.';

/** The schemas with the fields that reads add on request. */
export const withExpansions = (schemas: Readonly<Record<string, Schema>>): Readonly<Record<string, Schema>> => ({
  ...schemas,
  ...Object.fromEntries(
    Object.entries(EXPANSIONS).map(([tag, fields]) => {
      const schema = schemas[tag] as Schema;
      const added = Object.entries(fields).map(([name, { shows }]) => [
        name,
        { anyOf: [{ $ref: `#/components/schemas/${shows}` }, { type: 'null' }], description: DESCRIPTION },
      ]);
      return [tag, { ...schema, properties: { ...(schema.properties as object), ...Object.fromEntries(added) } }];
    }),
  ),
});
