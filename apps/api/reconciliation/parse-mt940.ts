/** SWIFT MT940, customer statement message: fields 20, 25, 28C, 60F or M, 61, 86, 62F or M. */
import { exponentOf, isCurrency, type Currency } from '#domain/money.js';
import { dayOf, joined, minorUnits, unreadable, type BankStatement, type StatementLine } from './bank-statement.js';

interface Field {
  readonly tag: string;
  readonly value: string;
}

/** Fields begin with `:tag:` at the start of a line; other lines go on with the one before. */
const fieldsOf = (text: string): Field[] => {
  const fields: { tag: string; value: string }[] = [];
  for (const line of text.split(/\r\n|\n|\r/)) {
    const found = /^:(\d\d[A-Z]?):(.*)$/.exec(line);
    if (found) fields.push({ tag: found[1] as string, value: found[2] as string });
    else if (/^-\}?$/.test(line.trim()) || line.trim() === '') continue;
    else if (fields.length > 0 && !line.startsWith('{')) (fields.at(-1) as { value: string }).value += `\n${line}`;
  }
  return fields;
};

/** `YYMMDD`: of this century, as no bank keeps older ones in this form. */
const date = (text: string): string => dayOf(`20${text.slice(0, 2)}-${text.slice(2, 4)}-${text.slice(4, 6)}`);

interface Balance {
  readonly on: string;
  readonly currency: string;
  readonly amount: number;
}

const balanceOf = (value: string): Balance => {
  const found = /^([CD])(\d{6})([A-Z]{3})(\d{1,15}(?:,\d{0,5})?)\s*$/.exec(value.split('\n')[0] as string);
  if (!found) return unreadable('A balance (field 60 or 62) is not of its form.');
  const [, mark, on, currency, amount] = found as unknown as [string, string, string, string, string];
  if (!isCurrency(currency)) return unreadable('Its currency is not one that is kept here.');
  const size = minorUnits(amount, exponentOf(currency));
  return { on: date(on), currency, amount: mark === 'C' ? size : -size };
};

const LINE =
  /^(\d{6})(\d{4})?(R?[CD])[A-Z]?(\d{1,15},\d{0,5})([A-Z][A-Z0-9]{3})([^\n]*?)(?:\/\/([^\n]*))?(?:\n([\s\S]*))?$/;

/** A booking date has no year: the one that is nearest to the value date's. */
const bookedOn = (value: string, monthDay: string | undefined): string => {
  if (monthDay === undefined) return value;
  const year = Number(value.slice(0, 4));
  const tail = `-${monthDay.slice(0, 2)}-${monthDay.slice(2)}`;
  const valueAt = Date.parse(value);
  let nearest: string | undefined;
  for (const one of [year - 1, year, year + 1]) {
    const day = `${one}${tail}`;
    const at = Date.parse(day);
    if (Number.isNaN(at) || new Date(at).toJSON().slice(0, 10) !== day) continue;
    if (nearest === undefined || Math.abs(at - valueAt) < Math.abs(Date.parse(nearest) - valueAt)) nearest = day;
  }
  return nearest ?? unreadable('A date is not one of the calendar.');
};

/** Without its line ends and the spaces around them: a pattern for those would take the square of a long run of spaces. */
const unwrapped = (text: string): string =>
  text
    .split('\n')
    .map((line) => line.trim())
    .join('');

const lineOf = (value: string, text: string | null, exponent: number): StatementLine => {
  const found = LINE.exec(value);
  if (!found) return unreadable('A line (field 61) is not of its form.');
  const [, valueDate, monthDay, mark, amount, , reference, bankReference, more] = found;
  const size = minorUnits(amount as string, exponent);
  const value_on = date(valueDate as string);
  // RC takes a credit back, RD a debit.
  const isIn = mark === 'C' || mark === 'RD';
  const known = [reference, bankReference]
    .map((one) => one?.trim() ?? '')
    .find((one) => one !== '' && one !== 'NONREF');
  const told = [text, more].filter((one) => one !== null && one !== undefined && one.trim() !== '').join(' ');
  return {
    amount: isIn ? size : -size,
    booked_on: bookedOn(value_on, monthDay),
    value_on,
    reference: known ?? null,
    text: told === '' ? null : unwrapped(told),
  };
};

const linesOf = (fields: readonly Field[], exponent: number): StatementLine[] => {
  const lines: StatementLine[] = [];
  fields.forEach(({ tag, value }, i) => {
    if (tag !== '61') return;
    const next = fields[i + 1];
    lines.push(lineOf(value, next?.tag === '86' ? next.value : null, exponent));
  });
  return lines;
};

/** A file may hold several messages: each begins where another opening balance does. */
const messagesOf = (fields: readonly Field[]): Field[][] => {
  const messages: Field[][] = [[]];
  for (const field of fields) {
    const open = messages.at(-1) as Field[];
    const isOpening = field.tag === '60F' || field.tag === '60M';
    if (field.tag === '20' || (isOpening && open.some(({ tag }) => tag.startsWith('60')))) messages.push([field]);
    else open.push(field);
  }
  return messages.filter((message) => message.some(({ tag }) => tag !== '20'));
};

const statementOf = (fields: readonly Field[]): BankStatement => {
  const of = (...tags: readonly string[]): string | undefined => fields.find(({ tag }) => tags.includes(tag))?.value;
  const [opening, closing] = [of('60F', '60M'), of('62F', '62M')];
  if (opening === undefined || closing === undefined) {
    return unreadable('It lacks an opening or a closing balance (fields 60 and 62).');
  }
  const [opened, closed] = [balanceOf(opening), balanceOf(closing)];
  if (opened.currency !== closed.currency) return unreadable('Its balances are of two currencies.');
  return {
    format: 'mt940',
    number: (of('28C', '28') ?? of('20') ?? '').trim(),
    account: of('25')?.trim() ?? null,
    currency: opened.currency,
    opened_on: opened.on,
    closed_on: closed.on,
    opening_balance: opened.amount,
    closing_balance: closed.amount,
    lines: linesOf(fields, exponentOf(opened.currency as Currency)),
  };
};

/** Throws `UnreadableStatement`. */
export const parseMt940 = (text: string): BankStatement => joined(messagesOf(fieldsOf(text)).map(statementOf));
