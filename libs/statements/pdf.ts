import PDFDocument from 'pdfkit';
import type { StatementLine, StatementResource } from '#contract/resources/statement.js';
import { readable } from './decimal.js';

const MARGIN = 40;
const ROW = 13;
const SIZE = 7.5;
/** A4 lying. */
const PAGE = { width: 841.89, height: 595.28 } as const;
const BOTTOM = PAGE.height - MARGIN - ROW;

interface Column {
  readonly name: string;
  readonly x: number;
  readonly width: number;
  readonly align: 'left' | 'right';
  readonly value: (line: StatementLine, currency: string) => string;
}

const minute = (at: string): string => at.slice(0, 16).replace('T', ' ');

const COLUMNS: readonly Column[] = [
  { name: 'Effective (UTC)', x: 40, width: 76, align: 'left', value: (line) => minute(line.effective_at) },
  { name: 'Transaction', x: 120, width: 140, align: 'left', value: (line) => line.transaction_id },
  { name: 'Type', x: 264, width: 80, align: 'left', value: (line) => line.type ?? '' },
  { name: 'Reference', x: 348, width: 86, align: 'left', value: (line) => line.reference ?? '' },
  { name: 'Narration', x: 438, width: 110, align: 'left', value: (line) => line.narration ?? '' },
  { name: 'Debit', x: 552, width: 78, align: 'right', value: (line, c) => sideOf(line, 'debit', c) },
  { name: 'Credit', x: 634, width: 78, align: 'right', value: (line, c) => sideOf(line, 'credit', c) },
  { name: 'Balance', x: 716, width: 86, align: 'right', value: (line, c) => readable(line.balance, c) },
];

const sideOf = (line: StatementLine, side: string, currency: string): string =>
  line.direction === side ? readable(line.amount, currency) : '';

/** The built-in fonts have the characters of Windows-1252; what they lack is shown as a question mark. */
const printable = (text: string): string => text.replace(/[^\u0020-\u007E\u00A0-\u00FF–—‘’“”€…]/gu, '?');

class Sheet {
  private page = 0;
  private y = 0;

  constructor(
    private readonly document: PDFKit.PDFDocument,
    private readonly statement: StatementResource,
  ) {}

  /** The head of each page, with the statement's terms on the first. */
  begin(): void {
    this.document.addPage({ size: [PAGE.width, PAGE.height], margin: 0 });
    this.page++;
    const { account_id, account_code, currency, from, to, revision } = this.statement;
    this.bold();
    this.text('Account statement', MARGIN, MARGIN, 400, 'left', 14);
    this.text(`Page ${this.page}`, PAGE.width - MARGIN - 100, MARGIN, 100, 'right');
    this.plain();
    this.text(`${account_code}  ${account_id}  ${currency}`, MARGIN, MARGIN + 20, 500, 'left', 9);
    this.text(`${from} to ${to}, as of revision ${revision}`, MARGIN, MARGIN + 33, 500, 'left', 9);
    this.y = MARGIN + 54;
    this.bold();
    for (const { name, x, width, align } of COLUMNS) this.text(name, x, this.y, width, align);
    this.plain();
    this.y += ROW;
    this.document
      .moveTo(MARGIN, this.y - 3)
      .lineTo(PAGE.width - MARGIN, this.y - 3)
      .lineWidth(0.5)
      .stroke();
  }

  row(line: StatementLine): void {
    this.room();
    for (const { x, width, align, value } of COLUMNS) {
      const said = value(line, this.statement.currency);
      if (said !== '') this.text(said, x, this.y, width, align);
    }
    this.y += ROW;
  }

  sum(name: string, amounts: readonly { readonly column: number; readonly amount: number }[]): void {
    this.room();
    this.bold();
    this.text(name, MARGIN, this.y, 200, 'left');
    for (const { column, amount } of amounts) {
      const { x, width } = COLUMNS[column] as Column;
      this.text(readable(amount, this.statement.currency), x, this.y, width, 'right');
    }
    this.plain();
    this.y += ROW;
  }

  private room(): void {
    if (this.y > BOTTOM) this.begin();
  }

  private bold(): void {
    this.document.font('Helvetica-Bold').fontSize(SIZE);
  }

  private plain(): void {
    this.document.font('Helvetica').fontSize(SIZE);
  }

  /** One line; what is longer than its column is cut. */
  private text(said: string, x: number, y: number, width: number, align: 'left' | 'right', size = SIZE): void {
    const { document } = this;
    document.fontSize(size);
    let shown = printable(said);
    if (document.widthOfString(shown) > width) {
      while (shown !== '' && document.widthOfString(`${shown}…`) > width) shown = shown.slice(0, -1);
      shown += '…';
    }
    const at = align === 'left' ? x : x + width - document.widthOfString(shown);
    document.text(shown, at, y, { lineBreak: false });
  }
}

const [DEBIT, CREDIT, BALANCE] = [5, 6, 7] as const;
const LINES_AT_ONCE = 200;

const drawn = async (document: PDFKit.PDFDocument, statement: StatementResource): Promise<void> => {
  const { opening_balance, closing_balance, total_debits, total_credits, lines } = statement;
  const sheet = new Sheet(document, statement);
  sheet.begin();
  sheet.sum('Opening balance', [{ column: BALANCE, amount: opening_balance }]);
  for (const [i, line] of lines.entries()) {
    sheet.row(line);
    // Others are served in between.
    if (i % LINES_AT_ONCE === 0) await new Promise(setImmediate);
  }
  sheet.sum('Turnover', [
    { column: DEBIT, amount: total_debits },
    { column: CREDIT, amount: total_credits },
  ]);
  sheet.sum('Closing balance', [{ column: BALANCE, amount: closing_balance }]);
};

/** The statement as pages to print. Its time of making is the period's end, so that the same statement is the same bytes. */
export const statementPdf = async (statement: StatementResource): Promise<Buffer> => {
  const info = { Title: `Statement ${statement.account_id}`, CreationDate: new Date(statement.to) };
  const document = new PDFDocument({ autoFirstPage: false, info });
  const pieces: Buffer[] = [];
  const ended = new Promise<void>((resolve, reject) => document.on('end', resolve).on('error', reject));
  document.on('data', (piece: Buffer) => pieces.push(piece));
  await drawn(document, statement);
  document.end();
  await ended;
  return Buffer.concat(pieces);
};
