import type { Journal } from '../state.js';
import type { Instant } from '../time.js';

interface Due {
  readonly id: string;
  readonly at: Instant;
  /** Where it stands in the heap. */
  place: number;
}

const isBefore = (a: Due, b: Due): boolean => a.at < b.at || (a.at === b.at && a.id < b.id);

/**
 * Which open hold is due next: a binary heap of their times, in which every hold has one place, so that it takes no more
 * memory than there are open holds. Ties go by id. Changes are taken back by the journal, as those of tables are.
 */
export class DueTimes {
  private readonly heap: Due[] = [];
  private readonly byId = new Map<string, Due>();

  constructor(private readonly journal: Journal) {}

  get size(): number {
    return this.heap.length;
  }

  /** The hold that is due before all others. */
  first(): { readonly id: string; readonly at: Instant } | undefined {
    return this.heap[0];
  }

  set(id: string, at: Instant): void {
    const before = this.byId.get(id);
    if (before?.at === at) return;
    this.journal.note(() => (before === undefined ? this.remove(id) : this.put(id, before.at)));
    this.put(id, at);
  }

  delete(id: string): void {
    const before = this.byId.get(id);
    if (before === undefined) return;
    this.journal.note(() => this.put(id, before.at));
    this.remove(id);
  }

  private put(id: string, at: Instant): void {
    this.remove(id);
    const due = { id, at, place: this.heap.length };
    this.byId.set(id, due);
    this.heap.push(due);
    this.rise(due);
  }

  private remove(id: string): void {
    const due = this.byId.get(id);
    if (due === undefined) return;
    this.byId.delete(id);
    const last = this.heap.pop() as Due;
    if (last === due) return;
    this.stand(last, due.place);
    this.rise(last);
    this.sink(last);
  }

  private stand(due: Due, place: number): void {
    due.place = place;
    this.heap[place] = due;
  }

  private rise(due: Due): void {
    for (let { place } = due; place > 0;) {
      const above = (place - 1) >> 1;
      const parent = this.heap[above] as Due;
      if (!isBefore(due, parent)) return;
      this.stand(parent, place);
      this.stand(due, above);
      place = above;
    }
  }

  private sink(due: Due): void {
    for (let { place } = due; ;) {
      const left = this.heap[2 * place + 1];
      const right = this.heap[2 * place + 2];
      const child = left !== undefined && right !== undefined && isBefore(right, left) ? right : left;
      if (child === undefined || !isBefore(child, due)) return;
      const below = child.place;
      this.stand(child, place);
      this.stand(due, below);
      place = below;
    }
  }
}
