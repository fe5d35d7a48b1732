import { createRequire } from 'node:module';
import { readdirSync, readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { decodeEvent } from '#domain/codec.js';
import type { LedgerEvent } from '#domain/ledger.js';
import { API_VERSIONS, NEWEST_API_VERSION } from './api-versions.js';
import { asyncApiDocument } from './asyncapi.js';
import { eventTypes, type Schemas } from './event-types.js';
import { PUBLIC_EVENT_TYPES, publicType, renderPublicEvent } from './public-events.js';
import { resourceSchemas } from './resource-schemas.js';
import { Lowering } from './versions/lowering.js';
import { renderEvent } from './versions/webhooks.js';

const schemasAt = (version: string): Schemas => new Lowering(resourceSchemas(), API_VERSIONS, version).schemas;
const FOLDER = new URL('../../test/golden/', import.meta.url);
/** Real events, of which the texts stay sealed; the first history is older than what fields may hold. */
const stored: LedgerEvent[] = readdirSync(FOLDER)
  .filter((name) => name.endsWith('.jsonl') && name !== 'history-1.jsonl')
  .flatMap((name) => readFileSync(new URL(name, FOLDER), 'utf8').trim().split('\n'))
  .map((line) => decodeEvent(line))
  .filter((event) => publicType(event) !== null);

const official = new Ajv({ strict: false });
addFormats.default(official);
const isAsyncApi = official.compile(
  createRequire(import.meta.url)('@asyncapi/specs/schemas/3.0.0-without-$id.json') as object,
);

describe.each(API_VERSIONS.map(({ date }) => date))('in version %s', (version) => {
  const types = eventTypes(version, schemasAt(version));
  const ajv = new Ajv2020({ strict: true, allowUnionTypes: true, validateFormats: false });
  const checks = new Map(types.map(({ type, schema }) => [type, ajv.compile(schema)]));

  it('there is a schema for every type, complete in itself', () => {
    expect([...checks.keys()]).toEqual(PUBLIC_EVENT_TYPES);
    for (const { schema, description, api_version } of types) {
      expect(JSON.stringify(schema)).not.toContain('#/components/');
      expect(description).toMatch(/\.$/);
      expect(api_version).toBe(version);
    }
  });

  it('real events are what their type’s schema says, and no other’s', () => {
    const terms = { liveMode: true, apiVersion: NEWEST_API_VERSION };
    for (const event of stored) {
      const told = renderEvent(
        renderPublicEvent(event, terms, (sealed) => sealed as unknown as string),
        version,
      );
      const sent = JSON.parse(JSON.stringify(told)) as typeof told;
      const check = checks.get(sent.type)!;
      const isValid: boolean = check(sent);
      if (!isValid) throw new Error(`${sent.type}: ${ajv.errorsText(check.errors)} ${JSON.stringify(sent)}`);
      for (const [type, other] of checks) if (type !== sent.type) expect(other(sent)).toBe(false);
      const { data } = sent as { data: Record<string, unknown> };
      expect(check({ ...sent, data: { ...data, unheard_of: {} } })).toBe(false);
    }
    expect(stored.length).toBeGreaterThan(50);
  });

  it('the AsyncAPI document is one', () => {
    const document = asyncApiDocument({
      version,
      schemas: schemasAt(version),
      versionHeader: 'QairoPay-Version',
      baseUrl: 'https://api.example:3000',
    });
    const text = JSON.stringify(document);
    if (!isAsyncApi(JSON.parse(text))) throw new Error(official.errorsText(isAsyncApi.errors));
    for (const [, pointer] of text.matchAll(/"\$ref":"#\/([^"]+)"/g)) {
      const found = pointer!.split('/').reduce<unknown>((at, key) => (at as Record<string, unknown>)?.[key], document);
      expect([pointer, found]).toEqual([pointer, expect.anything()]);
    }
    const { messages } = document.components as { messages: Record<string, { headers: { required: string[] } }> };
    expect(Object.keys(messages)).toEqual(PUBLIC_EVENT_TYPES);
    expect(messages['account.created']!.headers.required.at(-1)).toBe(
      version === '2025-11-01' ? 'X-QairoPay-Signature' : 'QairoPay-Signature',
    );
    expect(isAsyncApi({ ...document, channels: { webhooks: { address: 5 } } })).toBe(false);
  });
});
