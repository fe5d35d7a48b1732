/**
 * The words in which request bodies are declared. Each is class-validator decorators; `body-schemas.ts` reads the same
 * declaration and compiles it to JSON Schema, so there is one truth about what is accepted.
 */
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsObject,
  IsString,
  Matches,
  Max,
  Min,
  ValidateBy,
  ValidateIf,
  ValidateNested,
} from 'class-validator';
import { holdsCardNumber } from '#contract/card-numbers.js';
import { isCurrencyCode, isTimestamp } from '#contract/forms.js';

type Decorate = (target: object, property: string) => void;
type Declares = abstract new () => object;

/** Given at all. Not `IsOptional`, which would let null pass as well. */
export const isGiven = (_: object, value: unknown): boolean => value !== undefined;
export const isGivenAndNotNull = (_: object, value: unknown): boolean => value !== undefined && value !== null;

/** No NUL, no half of a surrogate pair: neither can be stored (DECISIONS 6). */
export const STORABLE = /^[^\u0000\ud800-\udfff]*$/u;
/** The same for a key, which may also not be the one that JavaScript gives a meaning to. */
export const STORABLE_KEY = /^(?!__proto__$)[^\u0000\ud800-\udfff]+$/u;

export const MAX_METADATA_KEYS = 50;
export const MAX_METADATA_KEY = 40;
export const MAX_METADATA_VALUE = 500;
const MAX_SAFE = Number.MAX_SAFE_INTEGER;

const all =
  (...decorators: readonly PropertyDecorator[]): Decorate =>
  (target, property) => {
    for (const decorator of decorators) decorator(target, property);
  };

const PART = Symbol('part');

/** The class that declares what stands under a property, where one does. */
export const partOf = (target: object, property: string): Declares | undefined => {
  const name = Reflect.getMetadata(PART, target, property) as (() => Declares) | undefined;
  return name?.();
};

const rememberPart =
  (name: () => Declares): PropertyDecorator =>
  (target, property) =>
    Reflect.defineMetadata(PART, name, target, property);

const HINT = Symbol('hint');

/** What the reference says of a field beside its form. */
export const Says =
  (description: string, example?: unknown): Decorate =>
  (target, property) =>
    Reflect.defineMetadata(
      HINT,
      { description, ...(example === undefined ? {} : { examples: [example] }) },
      target,
      property,
    );

export const hintOf = (target: object, property: string): Readonly<Record<string, unknown>> =>
  (Reflect.getMetadata(HINT, target, property) ?? {}) as Readonly<Record<string, unknown>>;

export const Optional = (): Decorate => all(ValidateIf(isGiven));

/** May be left out, and may be null, which says something else. */
export const Nullable = (): Decorate => all(ValidateIf(isGivenAndNotNull));

/** Length in characters (code points), as JSON Schema counts. */
const characters = (min: number, max: number): PropertyDecorator =>
  ValidateBy({
    name: 'characters',
    constraints: [min, max],
    validator: {
      validate: (value) => {
        if (typeof value !== 'string') return false;
        const length = [...value].length;
        return length >= min && length <= max;
      },
    },
  });

/** A word of a machine: a reference, a code, a source. Stored as it is. */
export const Text = (min: number, max: number, form?: RegExp): Decorate =>
  all(IsString(), characters(min, max), Matches(STORABLE), ...(form === undefined ? [] : [Matches(form)]));

/** A text of a person: sealed, and searched for card numbers. */
export const FreeText = (min: number, max: number): Decorate =>
  all(
    IsString(),
    characters(min, max),
    Matches(STORABLE),
    ValidateBy({
      name: 'noCardNumber',
      validator: { validate: (value) => typeof value === 'string' && !holdsCardNumber(value) },
    }),
  );

/** A whole number between two bounds, both included. */
export const Whole = (min: number, max: number): Decorate => all(IsInt(), Min(min), Max(max));

const unit = ValidateBy({ name: 'minorUnits', validator: { validate: () => true } });

/** Money in minor units, above zero. */
export const Amount = (): Decorate => all(IsInt(), Min(1), Max(MAX_SAFE), unit);

/** Money in minor units, from zero on. */
export const AmountOrZero = (): Decorate => all(IsInt(), Min(0), Max(MAX_SAFE), unit);

export const OneOf = (values: readonly string[]): Decorate => all(IsString(), IsIn([...values]));

export const Flag = (): Decorate => all(IsBoolean());

export const CurrencyCode = (): Decorate =>
  all(
    ValidateBy({
      name: 'currencyCode',
      validator: { validate: (value) => typeof value === 'string' && isCurrencyCode(value) },
    }),
  );

/** RFC 3339. */
export const Timestamp = (): Decorate =>
  all(
    ValidateBy({
      name: 'timestamp',
      validator: { validate: (value) => typeof value === 'string' && isTimestamp(value) },
    }),
  );

/** A text of a form that is told apart from its length. */
export const Formed = (form: RegExp): Decorate => all(IsString(), Matches(form));

/** An object declared by another class. */
export const Part = (name: () => Declares): Decorate =>
  all(IsObject(), ValidateNested(), Type(name as () => new () => object), rememberPart(name));

/** A list of objects declared by another class. */
export const Parts = (name: () => Declares, min: number, max: number): Decorate =>
  all(
    IsArray(),
    ArrayMinSize(min),
    ArrayMaxSize(max),
    IsObject({ each: true }),
    ValidateNested({ each: true }),
    Type(name as () => new () => object),
    rememberPart(name),
  );

/** A list of words out of a fixed set. */
export const Words = (values: readonly string[], min: number, max: number): Decorate =>
  all(IsArray(), ArrayMinSize(min), ArrayMaxSize(max), IsString({ each: true }), IsIn([...values], { each: true }));

/** A list of texts of one form. */
export const Codes = (form: RegExp, min: number, max: number): Decorate =>
  all(IsArray(), ArrayMinSize(min), ArrayMaxSize(max), IsString({ each: true }), Matches(form, { each: true }));

const isKey = (key: string): boolean => [...key].length <= MAX_METADATA_KEY && STORABLE_KEY.test(key);

const isMetadataValue = (value: unknown): boolean =>
  typeof value === 'string' &&
  [...value].length <= MAX_METADATA_VALUE &&
  STORABLE.test(value) &&
  !holdsCardNumber(value);

const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const metadata = (name: 'metadata' | 'metadataPatch', isValue: (value: unknown) => boolean): Decorate =>
  all(
    ValidateBy({
      name,
      validator: {
        validate: (value) => {
          if (!isMap(value)) return false;
          const entries = Object.entries(value);
          return entries.length <= MAX_METADATA_KEYS && entries.every(([key, one]) => isKey(key) && isValue(one));
        },
      },
    }),
  );

/** A client's own keys and texts. */
export const MetadataMap = (): Decorate => metadata('metadata', isMetadataValue);

/** The same for an update, where null takes a key away. */
export const MetadataPatchMap = (): Decorate =>
  metadata('metadataPatch', (value) => value === null || isMetadataValue(value));

/** More than there are. */
export const MAX_ENTITLEMENT_CHANGES = 100;

const isEntitlementChange = (value: unknown): boolean =>
  isMap(value) &&
  Object.keys(value).every((key) => key === 'enabled' || key === 'config') &&
  (value.enabled === undefined || typeof value.enabled === 'boolean');

/** Changes of entitlements by key. Which keys there are, and what configures them, the ledger says. */
export const EntitlementChanges = (): Decorate =>
  all(
    ValidateBy({
      name: 'entitlementChanges',
      validator: {
        validate: (value) =>
          isMap(value) &&
          Object.keys(value).length <= MAX_ENTITLEMENT_CHANGES &&
          Object.entries(value).every(([key, change]) => STORABLE_KEY.test(key) && isEntitlementChange(change)),
      },
    }),
  );

/** A fraction from 0 to 1 with at most 6 places: a JSON number, or the same as a text. */
export const RATE_TEXT = /^(?:0(?:\.\d{1,6})?|1(?:\.0{1,6})?)$/;

/** Whether a number was written with at most 6 places: its shortest decimal form has no more. */
export const isRateNumber = (value: number): boolean =>
  Number.isFinite(value) && value >= 0 && value <= 1 && Number(value.toFixed(6)) === value;

export const Rate = (): Decorate =>
  all(
    ValidateBy({
      name: 'rate',
      validator: {
        validate: (value) =>
          typeof value === 'number' ? isRateNumber(value) : typeof value === 'string' && RATE_TEXT.test(value),
      },
    }),
  );

const ADDRESS = /^[^\s@\u0000\ud800-\udfff]+@[^\s@\u0000\ud800-\udfff]+$/u;

/** Whether mail can be sent to it, sending it tells; this only finds what is none at all. */
export const EmailAddress = (): Decorate => all(IsString(), characters(3, 254), Matches(ADDRESS));

const zones = new Map<string, boolean>();

/** Whether this machine knows an IANA time zone. What was asked is remembered, within bounds. */
export const isTimeZone = (name: string): boolean => {
  const asked = zones.get(name);
  if (asked !== undefined) return asked;
  let isKnown = /^[A-Za-z][A-Za-z0-9_+/-]{0,63}$/.test(name);
  try {
    if (isKnown) new Intl.DateTimeFormat('en-US', { timeZone: name });
  } catch {
    isKnown = false;
  }
  if (zones.size < 1000) zones.set(name, isKnown);
  return isKnown;
};

export const TimeZone = (): Decorate =>
  all(
    ValidateBy({
      name: 'timeZone',
      validator: { validate: (value) => typeof value === 'string' && isTimeZone(value) },
    }),
  );
