import type { Position as ServerPosition } from '@eventstore/db-client';
import { PositionRefused } from '../event-store.js';
import type { Position } from '../event-store.js';

/** Before everything; what a store without any record is said to end at. */
export const BEGINNING: ServerPosition = { commit: 0n, prepare: 0n };

export function formatPosition({ commit, prepare }: ServerPosition): Position {
  return `${commit}/${prepare}`;
}

/** Throws `PositionRefused` for what this adapter never made. */
export function parsePosition(position: Position): ServerPosition {
  const found = /^(\d{1,20})\/(\d{1,20})$/.exec(position);
  if (!found) throw new PositionRefused(`${JSON.stringify(position)} is no position of EventStoreDB`);
  return { commit: BigInt(found[1]!), prepare: BigInt(found[2]!) };
}

/** Negative when `a` stands before `b`. */
export function compareServerPositions(a: ServerPosition, b: ServerPosition): number {
  if (a.commit !== b.commit) return a.commit < b.commit ? -1 : 1;
  if (a.prepare !== b.prepare) return a.prepare < b.prepare ? -1 : 1;
  return 0;
}
