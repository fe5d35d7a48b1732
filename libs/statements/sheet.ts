/** Tables on pages to print: one line a row, columns at fixed places, the built-in fonts. */
import PDFDocument from 'pdfkit';

const MARGIN = 40;
const ROW = 13;
const SIZE = 7.5;
/** A4 lying. */
const PAGE = { width: 841.89, height: 595.28 } as const;
const BOTTOM = PAGE.height - MARGIN - ROW;
/** From the top of a line down to where its letters stand. */
const BASELINE = 6;

export interface Column {
  readonly name: string;
  readonly x: number;
  readonly width: number;
  readonly align: 'left' | 'right';
}

/** What of Windows-1252 is not where Latin-1 has it. */
const CODES: Readonly<Record<string, number>> = {
  '€': 0x80,
  '…': 0x85,
  '‘': 0x91,
  '’': 0x92,
  '“': 0x93,
  '”': 0x94,
  '–': 0x96,
  '—': 0x97,
};

/** Most cells are nothing but this. */
const PLAIN = /^[\u0020-\u007E]*$/;

/** The built-in fonts have the characters of Windows-1252; what they lack is shown as a question mark. */
const printable = (text: string): string =>
  PLAIN.test(text) ? text : text.replace(/[^\u0020-\u007E\u00A0-\u00FF–—‘’“”€…]/gu, '?');

/** A string of a page's content: one byte a character. */
const literal = (text: string): string =>
  `(${text.replace(/[\\()–—‘’“”€…]/g, (one) => {
    const code = CODES[one];
    return code === undefined ? `\\${one}` : String.fromCharCode(code);
  })})`;

/** With two decimals at most, above zero; whole numbers are written several times as fast as others. */
const number = (value: number): string => {
  const hundredths = Math.round(value * 100);
  const rest = hundredths % 100;
  const whole = (hundredths - rest) / 100;
  return rest === 0 ? `${whole}` : `${whole}.${rest < 10 ? '0' : ''}${rest}`;
};

/** A font as the pages' own content names it, and how wide its characters are. */
class Font {
  readonly id: string;
  /** By character, points at size 1; asked for once. */
  private readonly widths = new Map<string, number>();

  constructor(
    private readonly document: PDFKit.PDFDocument,
    readonly name: string,
  ) {
    // What `text` registers with its page is known by this id alone.
    this.id = (document.font(name) as unknown as { readonly _font: { readonly id: string } })._font.id;
  }

  /** What of a text there is room for, and how wide (points) that is; what is longer ends in an ellipsis. */
  fitted(text: string, room: number): { readonly shown: string; readonly width: number } {
    const most = room / SIZE;
    const dots = this.widthAt('…');
    let [width, cut, cutWidth] = [0, 0, 0];
    for (let i = 0; i < text.length; i++) {
      width += this.widthAt(text[i] as string);
      if (width + dots <= most) [cut, cutWidth] = [i + 1, width];
      if (width > most) return { shown: `${text.slice(0, cut)}…`, width: (cutWidth + dots) * SIZE };
    }
    return { shown: text, width: width * SIZE };
  }

  private widthAt(one: string): number {
    return this.widths.get(one) ?? this.measure(one);
  }

  private measure(one: string): number {
    const width = this.document.font(this.name).fontSize(1).widthOfString(one);
    this.widths.set(one, width);
    return width;
  }
}

export interface SheetTerms {
  readonly title: string;
  /** Under the title of every page. */
  readonly lines: readonly string[];
  /** What the file is called, and when it says that it was made. */
  readonly info: { readonly Title: string; readonly CreationDate: Date };
}

/**
 * Rows are written into a page's content as they are: the library's own `text` measures and places each of them anew, which is
 * most of the time that ten thousand take.
 */
export class Sheet {
  private readonly document: PDFKit.PDFDocument;
  private readonly pieces: Buffer[] = [];
  private readonly ended: Promise<void>;
  private readonly plain: Font;
  private readonly bold: Font;
  private columns: readonly Column[] = [];
  private content: string[] = [];
  private page = 0;
  private y = BOTTOM + 1;

  constructor(private readonly terms: SheetTerms) {
    this.document = new PDFDocument({ autoFirstPage: false, info: terms.info });
    this.plain = new Font(this.document, 'Helvetica');
    this.bold = new Font(this.document, 'Helvetica-Bold');
    this.document.on('data', (piece: Buffer) => this.pieces.push(piece));
    this.ended = new Promise((resolve, reject) => this.document.on('end', resolve).on('error', reject));
  }

  /** A table begins: its name, and those of its columns, also on each page that it goes on. */
  table(name: string | null, columns: readonly Column[]): void {
    this.columns = columns;
    if (this.y > BOTTOM - 4 * ROW) this.turn();
    if (name !== null) {
      this.y += ROW;
      this.put(this.bold, name, MARGIN, 400, 'left');
      this.y += ROW;
    }
    this.heads();
  }

  /** One cell for each column, in their order. */
  row(cells: readonly string[], isBold = false): void {
    if (this.y > BOTTOM) {
      this.turn();
      this.heads();
    }
    const font = isBold ? this.bold : this.plain;
    this.columns.forEach(({ x, width, align }, i) => this.put(font, cells[i] ?? '', x, width, align));
    this.y += ROW;
  }

  async end(): Promise<Buffer> {
    this.flush();
    this.document.end();
    await this.ended;
    return Buffer.concat(this.pieces);
  }

  private turn(): void {
    this.flush();
    const { document } = this;
    document.addPage({ size: [PAGE.width, PAGE.height], margin: 0 });
    this.page++;
    const { title, lines } = this.terms;
    document.font('Helvetica-Bold').fontSize(14).text(printable(title), MARGIN, MARGIN, { lineBreak: false });
    document.font('Helvetica').fontSize(9);
    lines.forEach((line, i) => document.text(printable(line), MARGIN, MARGIN + 20 + i * ROW, { lineBreak: false }));
    this.y = MARGIN;
    this.put(this.bold, `Page ${this.page}`, PAGE.width - MARGIN - 100, 100, 'right');
    this.y = MARGIN + 28 + lines.length * ROW;
  }

  private heads(): void {
    for (const { name, x, width, align } of this.columns) this.put(this.bold, name, x, width, align);
    this.y += ROW;
    this.document
      .moveTo(MARGIN, this.y - 3)
      .lineTo(PAGE.width - MARGIN, this.y - 3)
      .lineWidth(0.5)
      .stroke();
  }

  /** One line; what is longer than its column is cut. */
  private put(font: Font, said: string, x: number, width: number, align: 'left' | 'right'): void {
    if (said === '') return;
    const { shown, width: wide } = font.fitted(printable(said), width);
    const at = align === 'left' ? x : x + width - wide;
    const place = `1 0 0 1 ${number(at)} ${number(PAGE.height - this.y - BASELINE)} Tm`;
    this.content.push(`/${font.id} ${SIZE} Tf ${place} ${literal(shown)} Tj`);
  }

  private flush(): void {
    if (this.content.length === 0) return;
    // The library's pages count from the top; text would stand on its head.
    const flipped = `1 0 0 -1 0 ${number(PAGE.height)} cm`;
    this.document.addContent(`q ${flipped} BT\n${this.content.join('\n')}\nET Q`);
    this.content = [];
  }
}
