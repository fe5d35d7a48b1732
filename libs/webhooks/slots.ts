/**
 * The attempts that a worker may have under way at once. A tenant may hold no more of them than are free: alone it has half, of
 * two that want all each has a third, and whoever comes next finds room, however slow the consumers of the others are.
 */
export class Slots {
  private readonly held = new Map<string, number>();
  private used = 0;

  constructor(private readonly most: number) {}

  get inUse(): number {
    return this.used;
  }

  /** How many more this tenant may take now. */
  allowed(tenantId: string): number {
    return Math.max(0, Math.ceil((this.most - this.used - (this.held.get(tenantId) ?? 0)) / 2));
  }

  take(tenantId: string, count: number): void {
    this.used += count;
    this.held.set(tenantId, (this.held.get(tenantId) ?? 0) + count);
  }

  give(tenantId: string, count: number): void {
    const left = (this.held.get(tenantId) ?? 0) - count;
    this.used -= count;
    if (left > 0) this.held.set(tenantId, left);
    else this.held.delete(tenantId);
  }
}
