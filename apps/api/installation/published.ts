import type { Schema } from '#contract/schema-words.js';
import type { VersionedContract } from '#contract/versions/versioned-contract.js';

/** The contract as it is published. Of the newest version where none is named. */
export interface Published {
  readonly contract: VersionedContract;
  readonly versionHeader: string;
  readonly document: (version: string) => Schema;
  readonly openApi: (version?: string) => string;
  readonly reference: (version?: string) => string;
  readonly asyncApi: (version?: string) => string;
  /** The list of types of events. */
  readonly eventTypes: (version?: string) => string;
}
