import { NEWEST_API_VERSION } from '#contract/api-versions.js';
import { asyncApiDocument } from '#contract/asyncapi.js';
import { eventTypes } from '#contract/event-types.js';
import { openApiDocument } from '#contract/openapi.js';
import { referencePage } from '#contract/reference-page.js';
import type { Schema } from '#contract/schema-words.js';
import type { VersionedContract } from '#contract/versions/versioned-contract.js';
import { publishedSchema } from '#platform/validation/body-schemas.js';
import type { Published } from './published.js';

/** The OpenAPI document of a version. */
export const documentAt = (
  contract: VersionedContract,
  version: string,
  terms: { readonly versionHeader: string; readonly baseUrl: string },
): Schema => {
  const bodies = Object.entries(contract.bodiesAt(version)).map(([name, schema]) => [name, publishedSchema(schema)]);
  return openApiDocument({
    ...terms,
    bodies: Object.fromEntries(bodies) as Readonly<Record<string, Schema>>,
    at: { version, contract },
  });
};

const once = (make: (version: string) => string): ((version?: string) => string) => {
  const made = new Map<string, string>();
  return (version = NEWEST_API_VERSION) => {
    const known = made.get(version) ?? make(version);
    made.set(version, known);
    return known;
  };
};

/** Made when first asked for, and then kept: the contract changes with the program alone. */
export const publish = (contract: VersionedContract, baseUrl: () => string, versionHeader: string): Published => {
  const document = (version: string): Schema => documentAt(contract, version, { versionHeader, baseUrl: baseUrl() });
  return {
    contract,
    versionHeader,
    document,
    openApi: once((version) => JSON.stringify(document(version))),
    asyncApi: once((version) =>
      JSON.stringify(
        asyncApiDocument({ version, schemas: contract.lowering(version).schemas, versionHeader, baseUrl: baseUrl() }),
      ),
    ),
    eventTypes: once((version) => {
      const data = eventTypes(version, contract.lowering(version).schemas);
      return JSON.stringify({ object: 'list', data, has_more: false, next_cursor: null });
    }),
    reference: once((version) => referencePage(document(version) as unknown as Parameters<typeof referencePage>[0])),
  };
};
