/** ISO 20022 camt.053.001.08, the bank-to-customer statement. */
import { createHash } from 'node:crypto';
import type { Side } from '#domain/entries.js';
import type { StatementLine, StatementResource } from '#contract/resources/statement.js';
import { decimalOf } from './decimal.js';

const NAMESPACE = 'urn:iso:std:iso:20022:tech:xsd:camt.053.001.08';

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** Characters that XML can't have at all become a question mark. */
const escaped = (text: string): string => (PLAIN.test(text) ? text : escapedWhole(text));

const PLAIN = /^[\u0020\u0021\u0023-\u0025\u0027-\u003B\u003D\u003F-\u007E]*$/;

const escapedWhole = (text: string): string =>
  text
    .replace(/[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]/g, '?')
    .replace(/[&<>"]/g, (found) => ESCAPES[found] as string);

const element = (name: string, content: string, attributes = ''): string =>
  `<${name}${attributes}>${content}</${name}>`;

const text = (name: string, value: string, longest: number): string =>
  element(name, escaped(value.length <= longest ? value : [...value].slice(0, longest).join('')));

const amountOf = (name: string, amount: number, currency: string): string =>
  element(name, decimalOf(Math.abs(amount), currency), ` Ccy="${currency}"`);

const indicator = (side: Side): string => element('CdtDbtInd', side === 'credit' ? 'CRDT' : 'DBIT');

const opposite = (side: Side): Side => (side === 'credit' ? 'debit' : 'credit');

const balance = (code: string, amount: number, at: string, { currency, normal_side }: StatementResource): string =>
  element(
    'Bal',
    element('Tp', element('CdOrPrtry', element('Cd', code))) +
      amountOf('Amt', amount, currency) +
      indicator(amount < 0 ? opposite(normal_side) : normal_side) +
      element('Dt', element('DtTm', at)),
  );

/** The ids of ours are at most 30 characters; `NtryRef` and the like take 35. */
const entry = (line: StatementLine, currency: string): string => {
  const { narration, reference, direction } = line;
  const references = element(
    'Refs',
    (reference === null ? '' : text('EndToEndId', reference, 35)) + element('TxId', line.transaction_id),
  );
  const remittance = narration === null ? '' : element('RmtInf', text('Ustrd', narration, 140));
  return element(
    'Ntry',
    element('NtryRef', line.entry_id) +
      amountOf('Amt', line.amount, currency) +
      indicator(direction) +
      element('Sts', element('Cd', 'BOOK')) +
      element('BookgDt', element('DtTm', line.recorded_at)) +
      element('ValDt', element('DtTm', line.effective_at)) +
      element('BkTxCd', element('Prtry', text('Cd', line.type ?? 'entry', 35))) +
      element('NtryDtls', element('TxDtls', references + remittance)),
  );
};

const totals = ({ lines, currency, total_debits, total_credits }: StatementResource): string => {
  const count = (side: Side): number => lines.filter(({ direction }) => direction === side).length;
  const total = (name: string, side: Side, sum: number): string =>
    element(name, element('NbOfNtries', String(count(side))) + element('Sum', decimalOf(sum, currency)));
  return element(
    'TxsSummry',
    total('TtlCdtNtries', 'credit', total_credits) + total('TtlDbtNtries', 'debit', total_debits),
  );
};

/** Times of making are that of the period's end, so that the same statement is the same bytes. */
export const statementCamt = (statement: StatementResource): string => {
  const { account_id, currency, from, to, revision, lines } = statement;
  const id = createHash('sha256').update(`${account_id} ${from} ${to} ${revision}`).digest('hex').slice(0, 32);
  const header = element('GrpHdr', element('MsgId', id) + element('CreDtTm', to));
  const account = element('Acct', element('Id', element('Othr', element('Id', account_id))) + element('Ccy', currency));
  const content =
    element('Id', id) +
    element('LglSeqNb', String(revision)) +
    element('CreDtTm', to) +
    element('FrToDt', element('FrDtTm', from) + element('ToDtTm', to)) +
    account +
    balance('OPBD', statement.opening_balance, from, statement) +
    balance('CLBD', statement.closing_balance, to, statement) +
    totals(statement) +
    lines.map((line) => entry(line, currency)).join('');
  const document = element('BkToCstmrStmt', header + element('Stmt', content));
  return `<?xml version="1.0" encoding="UTF-8"?>\n${element('Document', document, ` xmlns="${NAMESPACE}"`)}\n`;
};
