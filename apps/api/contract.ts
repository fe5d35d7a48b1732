import { OPERATIONS } from '#contract/operations.js';
import { resourceSchemas } from '#contract/resource-schemas.js';
import { VersionedContract } from '#contract/versions/versioned-contract.js';
import { schemasOf, type Schema } from '#platform/validation/body-schemas.js';
import { BODIES } from './bodies.js';

/** Every body of the newest version, by name. */
export const bodySchemas = (): Readonly<Record<string, Schema>> => schemasOf(BODIES);

/** The contract of every version, from the operations, the answers and the bodies. */
export const versionedContract = (bodies: Readonly<Record<string, Schema>> = bodySchemas()): VersionedContract =>
  new VersionedContract({ operations: OPERATIONS, schemas: resourceSchemas(), bodies });
