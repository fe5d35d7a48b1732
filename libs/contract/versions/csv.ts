import type { Lowering } from './lowering.js';

/** Rows of one resource as CSV, from the newest version to an older one; cells of ours need no quotes, others are left alone. */
export class CsvLowering {
  private columns: readonly string[] | null = null;

  constructor(
    private readonly lowering: Lowering,
    private readonly tag: string,
  ) {}

  /** A line without its end; the first one names the columns. Answers it as the older version has it, and what fired. */
  line(text: string): { readonly text: string; readonly fired: ReadonlySet<string> } {
    if (this.columns === null) {
      this.columns = text.split(',');
      const row = this.rowOf(this.columns.map(() => null));
      this.lowering.lower(row);
      return { text: Object.keys(withoutTag(row)).join(','), fired: new Set() };
    }
    const cells = text.split(',');
    if (text.includes('"') || cells.length !== this.columns.length) return { text, fired: new Set() };
    const row = this.rowOf(cells);
    const fired = this.lowering.lower(row);
    return { text: Object.values(withoutTag(row)).join(','), fired };
  }

  private rowOf(cells: readonly (string | null)[]): Record<string, unknown> {
    const row = Object.fromEntries((this.columns ?? []).map((name, i) => [name, cells[i]]));
    return { ...row, object: this.tag };
  }
}

const withoutTag = ({ object: _, ...row }: Record<string, unknown>): Record<string, unknown> => row;
