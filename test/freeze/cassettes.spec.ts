/** A client of each version, played back against today's server. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { API_VERSIONS } from '#contract/api-versions.js';
import { ApiUnderTest } from '../../apps/api/spec-support.js';
import { ask, missing, Names, script, type Recorded } from './cassettes.js';

const fileOf = (date: string): URL => new URL(`./cassettes/${date}.json`, import.meta.url);
const isWriting = process.env.DAYBOOK_FREEZE === 'write';

let api: ApiUnderTest;
beforeAll(async () => {
  api = await ApiUnderTest.start();
});
afterAll(() => api.close());

/** A version that has none yet is played once, and from then on held to it. */
const record = async (version: string): Promise<void> => {
  const tenant = await api.tenant({ api_version: version });
  const names = new Names();
  const cassette: Recorded[] = [];
  for (const asked of script(version)) {
    const { status, body } = await ask(api, tenant, version, names.meant(asked));
    cassette.push({ ...asked, status, answer: names.plain(body) });
  }
  writeFileSync(fileOf(version), `${JSON.stringify(cassette, null, 1)}\n`);
};

describe.each(API_VERSIONS.map(({ date }) => date))('a client of %s', (version) => {
  it('is answered as it was then', async () => {
    if (isWriting && !existsSync(fileOf(version))) await record(version);
    const cassette = JSON.parse(readFileSync(fileOf(version), 'utf8')) as Recorded[];
    expect(cassette.length).toBeGreaterThanOrEqual(30);
    const tenant = await api.tenant({ api_version: version });
    const names = new Names();
    const wrong: string[] = [];
    for (const [i, { status, answer, ...asked }] of cassette.entries()) {
      const reply = await ask(api, tenant, version, names.meant(asked));
      const told = `${i} ${asked.method} ${asked.path}`;
      if (reply.status !== status) wrong.push(`${told}: ${reply.status}, not ${status}: ${reply.text.slice(0, 200)}`);
      wrong.push(...missing(answer, names.plain(reply.body)).map((one) => `${told}: ${one}`));
      expect(reply.headers['qairopay-version']).toBe(version);
    }
    expect(wrong).toEqual([]);
  });
});

it('a recording that says something else is found', () => {
  const recorded = { id: '<acc 1>', list: [{ type: 'a' }], note: null };
  expect(missing(recorded, { ...recorded, more: 1 })).toEqual([]);
  expect(missing(recorded, { ...recorded, note: 'x' })).toEqual(['note: null is "x"']);
  expect(missing(recorded, { ...recorded, list: [] })).toEqual(['list: another list']);
  expect(missing(recorded, { id: '<acc 1>', list: [{}], note: null })).toEqual(['list[0].type: gone']);
});
