/** Resources as CSV (RFC 4180), in the words of a version. */
import type { Json } from './change.js';
import type { Lowering } from './lowering.js';

const END = '\r\n';
const QUOTED = /[",\r\n]/;

const cell = (value: unknown): string => {
  if (value === null || value === undefined) return '';
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value as string | number | boolean);
  return QUOTED.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};

/** Rows of one resource. Columns are fields of the newest version; an older one may call them, and what is in them, otherwise. */
export class CsvTable {
  /** Ids of the changes that had anything to do so far. */
  readonly fired = new Set<string>();
  /** With their values taken from the resource. */
  private readonly names: readonly string[];

  /** `lowering`: null for the newest version. */
  constructor(
    private readonly tag: string,
    private readonly columns: readonly string[],
    private readonly lowering: Lowering | null,
  ) {
    this.names = Object.keys(this.told(Object.fromEntries(columns.map((name) => [name, null]))));
  }

  /** The first line, which names the columns, and of amounts the unit. */
  head(): string {
    return this.names.map((name) => cell(name === 'amount' ? 'amount_minor' : name)).join(',') + END;
  }

  rows(resources: readonly Readonly<Json>[]): string {
    let text = '';
    for (const resource of resources) {
      const row = this.told(Object.fromEntries(this.columns.map((name) => [name, resource[name]])));
      text += this.names.map((name) => cell(row[name])).join(',') + END;
    }
    return text;
  }

  /** A row in the version's words, without its tag. */
  private told(row: Json): Json {
    if (this.lowering === null) return row;
    const { answer, fired } = this.lowering.lower({ ...row, object: this.tag });
    for (const change of fired) this.fired.add(change);
    const { object: _, ...told } = answer as Json;
    return told;
  }
}
