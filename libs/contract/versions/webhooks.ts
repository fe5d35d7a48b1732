/** Public events and the headers of their deliveries, as each version has them. */
import { API_VERSIONS, NEWEST_API_VERSION } from '../api-versions.js';
import type { PublicEvent } from '../public-events.js';
import { resourceSchemas } from '../resource-schemas.js';
import { changesSince, Lowering, targetsOf } from './lowering.js';

const SIGNATURE_HEADER = 'QairoPay-Signature';

/** The name of the header that carries the signature. */
const signatureHeaderAt = (version: string): string =>
  targetsOf(changesSince(API_VERSIONS, version), 'webhook_header').reduce(
    (name, { target }) => (target.now === name ? target.was : name),
    SIGNATURE_HEADER,
  );

const HEADERS: ReadonlyMap<string, string> = new Map(API_VERSIONS.map(({ date }) => [date, signatureHeaderAt(date)]));

/** Throws `RangeError` for a version that there is not. */
export const signatureHeader = (version: string): string => {
  const header = HEADERS.get(version);
  if (header === undefined) throw new RangeError(`there is no version ${version}`);
  return header;
};

const HEADER_CHANGES: ReadonlyMap<string, readonly string[]> = new Map(
  API_VERSIONS.map(({ date }) => [
    date,
    targetsOf(changesSince(API_VERSIONS, date), 'webhook_header').map(({ change }) => change.id),
  ]),
);

/** Changes that the headers of each delivery in a version have something to do with. */
export const headerChanges = (version: string): readonly string[] => HEADER_CHANGES.get(version) ?? [];

const LOWERINGS: ReadonlyMap<string, Lowering> = new Map(
  API_VERSIONS.filter(({ date }) => date !== NEWEST_API_VERSION).map(({ date }) => [
    date,
    new Lowering(resourceSchemas(), API_VERSIONS, date),
  ]),
);

/**
 * An event of the newest version as another one tells it; what was given stays as it is. `fired` is told the changes that had
 * anything to do. Throws `RangeError` for a version that there is not.
 */
export const renderEvent = (
  envelope: PublicEvent,
  version: string,
  fired: (change: string) => void = () => undefined,
): PublicEvent => {
  if (version === NEWEST_API_VERSION) return { ...envelope, api_version: version };
  const lowering = LOWERINGS.get(version);
  if (lowering === undefined) throw new RangeError(`there is no version ${version}`);
  const told = lowering.lower(envelope);
  for (const change of told.fired) fired(change);
  return told.answer as PublicEvent;
};
