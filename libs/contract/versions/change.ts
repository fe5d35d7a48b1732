/** What a version changed, said once: from it come lifting and lowering, documents, pages, counters. */
import type { Schema } from '../schema-words.js';

/** The eight ways to break a client: the only reasons to make a version. */
export const BREAK_CLASSES = {
  field_removed_or_renamed: 'A field is removed or renamed.',
  type_changed: 'A field’s type changes.',
  optional_became_required: 'What was optional becomes required.',
  response_field_became_absent: 'A response field that used to be present becomes absent in some cases.',
  enum_value_removed: 'An enum value is removed.',
  error_code_changed: 'An error code is renamed or repurposed.',
  auth_required: 'What anybody could call needs a credential.',
  request_rejected: 'A request that used to be allowed is rejected.',
} as const;

export type BreakClass = keyof typeof BREAK_CLASSES;

export type Json = Record<string, unknown>;

/** What a value of a query parameter or an enum is called on either side. */
export interface Renaming {
  /** Names of the field; dotted. Null: not there. */
  readonly now: string | null;
  readonly was: string | null;
  /** Literals that differ, newer → older. */
  readonly literals?: Readonly<Record<string, string>>;
}

/**
 * One step between two versions of a resource, in both directions; what does not look as it should is left alone. Answers
 * may share what the ledger holds in memory, so that `down` changes nothing that it is given; a request's body is its own.
 */
export interface Edit extends Renaming {
  readonly word: string;
  /** For the changelog: what is different, in one clause. */
  readonly told: string;
  /**
   * Newer → older, in answers and events: another object along the way to what differs, the same one where nothing does.
   * `isPart`: only some of the resource's fields are there.
   */
  down(resource: Json, isPart: boolean): Json;
  /**
   * Older → newer, in requests, in place; answers whether anything was changed. `current`: the resource as the newer version
   * shows it now, where the request changes one.
   */
  up(body: Json, current: Json | null): boolean;
  /** The schema, newer → older. */
  schema(schema: Schema): Schema;
  /** Whether a schema of the newer version has what this is about. */
  appliesTo(schema: Schema): boolean;
  /** `up(down(x)) = x` for every x. */
  readonly isLossless: boolean;
  /** Whether what is asked has to be merged with what stands. */
  readonly needsCurrent: boolean;
  /** For samples: a value of the newer side that tells, where the schema alone makes up one that does not. */
  readonly example?: unknown;
}

/** Of a resource, wherever it appears: found by its `object` tag; in requests of the operations that answer with it. */
export interface ResourceTarget {
  readonly kind: 'resource';
  readonly tags: readonly string[];
  readonly edits: readonly Edit[];
  /** Names of the only bodies that it concerns, where not all of these operations mean the resource by theirs. */
  readonly bodies?: readonly string[];
}

/** A request header that is required on some operations from this version on. */
export interface HeaderTarget {
  readonly kind: 'request_header';
  readonly header: 'Idempotency-Key';
  readonly plane: 'tenant' | 'admin';
  readonly method: 'POST';
}

/** A header of webhook deliveries that was renamed. */
export interface WebhookHeaderTarget {
  readonly kind: 'webhook_header';
  readonly now: string;
  readonly was: string;
}

export type Target = ResourceTarget | HeaderTarget | WebhookHeaderTarget;

export interface Change {
  /** Kept for ever: counters and links name it. */
  readonly id: string;
  readonly breaks: readonly BreakClass[];
  /** What changed. */
  readonly what: string;
  readonly why: string;
  /** What a client has to do. */
  readonly how: string;
  readonly on: readonly Target[];
}

export const onResource = (
  tags: string | readonly string[],
  edits: readonly Edit[],
  bodies?: readonly string[],
): ResourceTarget => ({
  kind: 'resource',
  tags: [tags].flat(),
  edits,
  ...(bodies === undefined ? {} : { bodies }),
});

export const requiredHeader = (header: HeaderTarget['header'], plane: HeaderTarget['plane']): HeaderTarget => ({
  kind: 'request_header',
  header,
  plane,
  method: 'POST',
});

export const renamedWebhookHeader = (now: string, { was }: { readonly was: string }): WebhookHeaderTarget => ({
  kind: 'webhook_header',
  now,
  was,
});
