import { openApiDocument } from '#contract/openapi.js';
import { referencePage } from '#contract/reference-page.js';
import { publishedSchema, schemaOf } from '#platform/validation/body-schemas.js';
import { BODIES } from '../bodies.js';
import type { Published } from './published.js';

/** Made when first asked for, and then kept: the contract changes with the program alone. */
export const publish = (baseUrl: () => string, versionHeader: string): Published => {
  let openApi: string | undefined;
  let reference: string | undefined;
  const document = (): ReturnType<typeof openApiDocument> => {
    const bodies = Object.fromEntries(BODIES.map((body) => [body.name, publishedSchema(schemaOf(body))]));
    return openApiDocument({ bodies, versionHeader, baseUrl: baseUrl() });
  };
  return {
    openApi: () => (openApi ??= JSON.stringify(document())),
    reference: () => (reference ??= referencePage(document() as unknown as Parameters<typeof referencePage>[0])),
  };
};
