/**
 * The contract of every version that shipped, as it was committed: whatever is made of the code today may differ from it only
 * in what breaks nobody. `npm run freeze` commits to what is harmless, and refuses the rest.
 */
import 'reflect-metadata';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { API_VERSIONS, NEWEST_API_VERSION } from '#contract/api-versions.js';
import { resourceSchemas } from '#contract/resource-schemas.js';
import { faultsOf } from '#contract/versions/lifecycle.js';
import { differencesBetween, isBreaking, type Difference } from '#contract/versions/differences.js';
import { documentAt } from '../../apps/api/installation/publish.js';
import { versionedContract } from '../../apps/api/contract.js';

const DATES = API_VERSIONS.map(({ date }) => date);
const FOLDER = new URL('./openapi/', import.meta.url);
const HASHES = new URL('hashes.json', FOLDER);
const isWriting = process.env.DAYBOOK_FREEZE === 'write';

type Document = Record<string, unknown>;

const contract = versionedContract();
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const fileOf = (date: string): URL => new URL(`${date}.json`, FOLDER);
const made = (date: string): Document =>
  JSON.parse(JSON.stringify(documentAt(contract, date, { versionHeader: 'QairoPay-Version', baseUrl: '' }))) as Document;
const committed = (date: string): string | null =>
  existsSync(fileOf(date)) ? readFileSync(fileOf(date), 'utf8') : null;
const hashes = (): Record<string, string> =>
  existsSync(HASHES) ? (JSON.parse(readFileSync(HASHES, 'utf8')) as Record<string, string>) : {};

/** One line for each operation and each schema: what changed is seen at a glance. */
const inLines = (value: unknown, depth = 3): string => {
  if (depth === 0 || value === null || typeof value !== 'object' || Array.isArray(value)) return JSON.stringify(value);
  const members = Object.entries(value).map(([name, one]) => `${JSON.stringify(name)}:${inLines(one, depth - 1)}`);
  return `{\n${members.join(',\n')}\n}`;
};

const told = ({ kind, at, detail }: Difference): string => `${kind}: ${at}: ${detail}`;

describe.each(DATES)('version %s', (date) => {
  const document = made(date);

  it('is what was committed, but for what breaks nobody', () => {
    const before = committed(date);
    if (before !== null) {
      expect(sha256(before)).toBe(hashes()[date]);
      const breaking = differencesBetween(JSON.parse(before) as Document, document).filter(isBreaking);
      expect(breaking.map(told)).toEqual([]);
    }
    if (isWriting) {
      const text = `${inLines(document)}\n`;
      writeFileSync(fileOf(date), text);
      writeFileSync(HASHES, `${JSON.stringify({ ...hashes(), [date]: sha256(text) }, null, 2)}\n`);
    }
    expect(committed(date)).not.toBeNull();
  });
});

describe.each(API_VERSIONS.slice(1).map((version, i) => [API_VERSIONS[i]!.date, version] as const))(
  'from %s on',
  (before, { date, changes }) => {
    // Of what is not there yet, nothing can be seen.
    const known = changes.filter(({ on }) =>
      on.some((target) => target.kind !== 'resource' || target.tags.some((tag) => resourceSchemas()[tag] !== undefined)),
    );
    const kinds = new Set(differencesBetween(made(before), made(date)).filter(isBreaking).map(({ kind }) => kind));

    it('exactly what the changes declare is broken', () => {
      expect([...kinds].sort()).toEqual([...new Set(known.flatMap(({ breaks }) => breaks))].sort());
    });
  },
);

it('every edit is about something, but those that wait for their resource', () => {
  const waiting = contract.lowering(DATES[0] as string).unused;
  expect(waiting.filter((one) => !/^(dispute-reason-complaint|settlement-line-types): /.test(one))).toEqual([]);
});

describe('the dates of versions', () => {
  it('keep their rules', () => {
    expect(faultsOf(API_VERSIONS)).toEqual([]);
    expect(NEWEST_API_VERSION).toBe(DATES.at(-1));
  });

  const [first, second, third] = API_VERSIONS as [
    (typeof API_VERSIONS)[number],
    (typeof API_VERSIONS)[number],
    (typeof API_VERSIONS)[number],
  ];
  it.each([
    ['ends less than 24 months after its successor', [{ ...first, ends: '2028-01-31' }, second, third]],
    ['ends without being deprecated', [{ ...first, deprecated: null }, second, third]],
    ['is deprecated before there is another', [{ ...first, deprecated: '2026-01-01' }, second, third]],
    ['is the newest, and deprecated', [first, second, { ...third, deprecated: '2026-06-01' }]],
    ['breaks nothing', [first, { ...second, changes: [] }, third]],
    ['has a change that breaks nothing', [first, second, { ...third, changes: [{ ...third.changes[0]!, breaks: [] }] }]],
    ['has a change of another one', [first, second, { ...third, changes: second.changes }]],
    ['comes before the one before', [second, first, third]],
  ])('none %s', (_telling, versions) => {
    expect(faultsOf(versions)).not.toEqual([]);
  });

  it('is a date', () => {
    expect(() => faultsOf([{ ...first, date: 'soon' }])).toThrow(RangeError);
  });
});
