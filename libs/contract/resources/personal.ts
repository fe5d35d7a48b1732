import type { Personal, PersonalMetadata } from '#domain/decision.js';
import { timeOfUlid, ulidOf } from '#domain/ids.js';
import { formatInstant } from '#domain/time.js';

/** Opens a text that was sealed under a subject's key; null once the subject is erased. */
export type Open = (sealed: string) => string | null;

/** A client's metadata as a resource shows it; null stands for a value whose subject is erased. */
export type MetadataResource = Readonly<Record<string, string | null>>;

/** Personal data of an event, opened, or of a draft, where it still is in the clear. Null where there is none any more. */
export const opened = (value: Personal | null, open: Open): string | null =>
  value === null ? null : typeof value === 'string' ? open(value) : value.clear;

export const openedMetadata = (metadata: PersonalMetadata, open: Open): MetadataResource =>
  Object.fromEntries(metadata.map(([key, value]) => [key, opened(value, open)]));

/** RFC 3339: when a resource was made, which its id knows. */
export const createdAt = (id: string): string => formatInstant(timeOfUlid(ulidOf(id)));
