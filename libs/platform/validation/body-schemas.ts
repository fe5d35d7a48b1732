/** From the classes that declare request bodies to JSON Schema, and from that to compiled checks. */
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { getMetadataStorage } from 'class-validator';
import { holdsCardNumber } from '#contract/card-numbers.js';
import { isCurrencyCode, isTimestamp } from '#contract/forms.js';
import {
  hintOf,
  isGiven,
  isGivenAndNotNull,
  isRateNumber,
  isTimeZone,
  MAX_ENTITLEMENT_CHANGES,
  MAX_METADATA_KEY,
  MAX_METADATA_KEYS,
  MAX_METADATA_VALUE,
  partOf,
  RATE_TEXT,
  STORABLE,
  STORABLE_KEY,
} from './fields.js';

export type Schema = Readonly<Record<string, unknown>>;
export type BodyClass = new () => object;

interface Declared {
  readonly type: string;
  readonly name?: string;
  readonly propertyName: string;
  readonly constraints?: readonly unknown[];
  readonly each: boolean;
}

const metadataSchema = (valueType: unknown): Schema => ({
  type: 'object',
  maxProperties: MAX_METADATA_KEYS,
  propertyNames: { maxLength: MAX_METADATA_KEY, pattern: STORABLE_KEY.source },
  additionalProperties: {
    type: valueType,
    maxLength: MAX_METADATA_VALUE,
    pattern: STORABLE.source,
    noCardNumber: true,
  },
});

const entitlementChangesSchema: Schema = {
  type: 'object',
  maxProperties: MAX_ENTITLEMENT_CHANGES,
  propertyNames: { pattern: STORABLE_KEY.source },
  additionalProperties: {
    type: 'object',
    // What a configuration holds is judged by its key, not by its form.
    properties: { enabled: { type: 'boolean' }, config: {} },
    additionalProperties: false,
  },
};

/** What each decorator's name means in JSON Schema. A name that is not here is a body that can't be compiled. */
const MEANING: Readonly<Record<string, (constraints: readonly unknown[]) => Schema>> = {
  isString: () => ({ type: 'string' }),
  isInt: () => ({ type: 'integer' }),
  isBoolean: () => ({ type: 'boolean' }),
  isArray: () => ({ type: 'array' }),
  isObject: () => ({ type: 'object' }),
  min: ([minimum]) => ({ minimum }),
  max: ([maximum]) => ({ maximum }),
  isIn: ([values]) => ({ enum: values }),
  matches: ([form]) => ({ pattern: (form as RegExp).source }),
  characters: ([minLength, maxLength]) => ({ minLength, maxLength }),
  arrayMinSize: ([minItems]) => ({ minItems }),
  arrayMaxSize: ([maxItems]) => ({ maxItems }),
  noCardNumber: () => ({ noCardNumber: true }),
  minorUnits: () => ({ minorUnits: true }),
  currencyCode: () => ({ type: 'string', format: 'currency' }),
  timestamp: () => ({ type: 'string', format: 'date-time' }),
  timeZone: () => ({ type: 'string', format: 'time-zone' }),
  metadata: () => metadataSchema('string'),
  metadataPatch: () => metadataSchema(['string', 'null']),
  entitlementChanges: () => entitlementChangesSchema,
  rate: () => ({ type: ['number', 'string'], pattern: RATE_TEXT.source, rateNumber: true }),
};

const declaredBy = (body: BodyClass): Declared[] =>
  getMetadataStorage().getTargetValidationMetadatas(body, '', true, false) as unknown as Declared[];

/** Two patterns on one field both hold. */
const merged = (into: Record<string, unknown>, more: Schema): void => {
  if ('pattern' in into && 'pattern' in more) into.allOf = [...((into.allOf as Schema[]) ?? []), more];
  else Object.assign(into, more);
};

const fieldSchema = (body: BodyClass, property: string, rules: readonly Declared[]): Schema => {
  const schema: Record<string, unknown> = {};
  const items: Record<string, unknown> = {};
  let isNullable = false;
  for (const rule of rules) {
    if (rule.type === 'conditionalValidation') {
      isNullable ||= rule.constraints?.[0] === isGivenAndNotNull;
    } else if (rule.type === 'nestedValidation') {
      const part = partOf(body.prototype as object, property);
      if (!part) throw new TypeError(`${body.name}.${property} is nested, but it is not declared as what`);
      merged(rule.each ? items : schema, schemaOf(part as BodyClass));
    } else {
      const meaning = MEANING[rule.name ?? ''];
      if (!meaning) throw new TypeError(`${body.name}.${property}: ${rule.name} has no meaning in JSON Schema`);
      merged(rule.each ? items : schema, meaning(rule.constraints ?? []));
    }
  }
  if (Object.keys(items).length > 0) schema.items = items;
  if (isNullable) schema.type = [schema.type, 'null'];
  // An enum without null would refuse null, whatever the type says.
  if (isNullable && Array.isArray(schema.enum)) schema.enum = [...(schema.enum as unknown[]), null];
  return { ...schema, ...hintOf(body.prototype as object, property) };
};

const isOptional = (rules: readonly Declared[]): boolean =>
  rules.some(
    ({ type, constraints: [when] = [] }) =>
      type === 'conditionalValidation' && (when === isGiven || when === isGivenAndNotNull),
  );

/** The JSON Schema of what a class declares: nothing but its fields is accepted. */
export const schemaOf = (body: BodyClass): Schema => {
  const byProperty = new Map<string, Declared[]>();
  for (const rule of declaredBy(body)) {
    byProperty.set(rule.propertyName, [...(byProperty.get(rule.propertyName) ?? []), rule]);
  }
  const properties: Record<string, Schema> = {};
  const required: string[] = [];
  for (const [property, rules] of byProperty) {
    properties[property] = fieldSchema(body, property, rules);
    if (!isOptional(rules)) required.push(property);
  }
  return { type: 'object', properties, ...(required.length === 0 ? {} : { required }), additionalProperties: false };
};

const newAjv = (): Ajv2020 => {
  // Nothing is coerced, filled in or stripped: what was sent is what is checked, hashed and decided.
  const ajv = new Ajv2020({
    strict: true,
    allowUnionTypes: true,
    strictRequired: false,
    verbose: true,
    coerceTypes: false,
    removeAdditional: false,
    useDefaults: false,
  });
  ajv.addFormat('currency', isCurrencyCode);
  ajv.addFormat('date-time', isTimestamp);
  ajv.addFormat('time-zone', isTimeZone);
  ajv.addKeyword({
    keyword: 'noCardNumber',
    type: 'string',
    validate: (_: boolean, text: string) => !holdsCardNumber(text),
  });
  ajv.addKeyword({ keyword: 'rateNumber', type: 'number', validate: (_: boolean, rate: number) => isRateNumber(rate) });
  ajv.addKeyword('minorUnits');
  return ajv;
};

export type BodyCheck = ValidateFunction;

/** Schemas of all bodies, by the names of the classes. */
export const schemasOf = (bodies: readonly BodyClass[]): Readonly<Record<string, Schema>> =>
  Object.fromEntries(bodies.map((body) => [body.name, schemaOf(body)]));

/** Compiled checks, by the names of the schemas. */
export const compileSchemas = (schemas: Readonly<Record<string, Schema>>): ReadonlyMap<string, BodyCheck> => {
  const ajv = newAjv();
  return new Map(Object.entries(schemas).map(([name, schema]) => [name, ajv.compile(schema)]));
};

/** Compiled checks of all bodies, by the names of the classes. */
export const compileBodies = (bodies: readonly BodyClass[]): ReadonlyMap<string, BodyCheck> =>
  compileSchemas(schemasOf(bodies));

const OWN_KEYWORDS: Readonly<Record<string, string>> = {
  noCardNumber: 'x-no-card-number',
  minorUnits: 'x-minor-units',
  rateNumber: 'x-rate',
};

/** The schema as it is published: our own keywords under names that others know to leave alone. */
export const publishedSchema = (schema: Schema): Schema =>
  Object.fromEntries(Object.entries(schema).map(([key, value]) => [OWN_KEYWORDS[key] ?? key, publishedValue(value)]));

const publishedValue = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(publishedValue);
  return value !== null && typeof value === 'object' ? publishedSchema(value as Schema) : value;
};
