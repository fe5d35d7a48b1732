import { isUlid, timeOfUlid } from '#domain/ids.js';
import { UlidSequence } from './identifiers.js';

const NOW = Date.parse('2026-01-05T09:00:00.123Z');
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const randomBits = (ulid: string): bigint =>
  [...ulid.slice(10)].reduce((bits, character) => bits * 32n + BigInt(ALPHABET.indexOf(character)), 0n);
const many = (ids: UlidSequence, count: number, at = NOW): string[] =>
  Array.from({ length: count }, () => ids.next(at));

test('ids are ULIDs of their millisecond, each greater than the last', () => {
  const made = [...many(new UlidSequence(), 1000), ...many(new UlidSequence(), 1, NOW + 1)];
  expect(made.every(isUlid)).toBe(true);
  expect(made.slice(0, 1000).every((id) => timeOfUlid(id) === NOW)).toBe(true);
  const ids = new UlidSequence();
  const rising = [...many(ids, 500), ...many(ids, 500, NOW + 1), ...many(ids, 500, NOW)];
  expect([...rising].sort()).toEqual(rising);
  expect(timeOfUlid(rising.at(-1)!)).toBe(NOW + 1);
});

test('within a millisecond the step is random, at least 2^32 and below 2^64', () => {
  const bits = many(new UlidSequence(), 2000).map(randomBits);
  const steps = bits.slice(1).map((bit, i) => bit - bits[i]!);
  expect(steps.every((step) => step >= 2n ** 32n && step < 2n ** 64n)).toBe(true);
  expect(new Set(steps).size).toBe(steps.length);
});

test('two writers that follow the same event under one frozen clock never make equal ids', () => {
  const last = new UlidSequence().next(NOW);
  const [a, b] = [new UlidSequence(), new UlidSequence()];
  a.follow(last);
  b.follow(last);
  const made = [...many(a, 5000), ...many(b, 5000)];
  expect(new Set(made).size).toBe(10_000);
  expect(made.every((id) => id > last)).toBe(true);
});

test('follows an id that is ahead of the clock', () => {
  const ids = new UlidSequence();
  const ahead = new UlidSequence().next(NOW + 60_000);
  ids.follow(ahead);
  const next = ids.next(NOW);
  expect(next > ahead).toBe(true);
  expect(timeOfUlid(next)).toBe(NOW + 60_000);
});

test('goes on in the next millisecond when one is used up', () => {
  const ids = new UlidSequence();
  const top = `${new UlidSequence().next(NOW).slice(0, 10)}${'Z'.repeat(16)}`;
  ids.follow(top);
  const next = ids.next(NOW);
  expect(next > top).toBe(true);
  expect(timeOfUlid(next)).toBe(NOW + 1);
});
