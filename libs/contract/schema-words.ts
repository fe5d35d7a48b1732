/** The words that schemas of answers are made of. */
import { idForm } from './forms.js';
import type { Kind } from '#domain/ids.js';

export type Schema = Readonly<Record<string, unknown>>;

export const id = (kind: Kind): Schema => ({ type: 'string', pattern: idForm(kind) });
export const text: Schema = { type: 'string' };
export const flag: Schema = { type: 'boolean' };
export const amount: Schema = { type: 'integer', description: 'Minor units.' };
export const whole: Schema = { type: 'integer' };
export const time: Schema = { type: 'string', format: 'date-time' };
/** A merchant category code (ISO 18245). */
export const mcc: Schema = { type: 'string', pattern: '^\\d{4}$' };
export const currency: Schema = { type: 'string', pattern: '^[A-Z]{3}$' };
export const nullable = (schema: Schema): Schema => ({ ...schema, type: [schema.type, 'null'] });
export const oneOf = (...values: readonly string[]): Schema => ({ type: 'string', enum: values });
export const is = (value: string): Schema => ({ type: 'string', const: value });
export const list = (items: Schema): Schema => ({ type: 'array', items });
export const ref = (name: string): Schema => ({ $ref: `#/components/schemas/${name}` });
export const metadata: Schema = { type: 'object', additionalProperties: { type: ['string', 'null'] } };

/** All fields are always there: null says that there is nothing, so that no absence ever has to be told from one. */
export const complete = (properties: Readonly<Record<string, Schema>>, optional: readonly string[] = []): Schema => ({
  type: 'object',
  properties,
  required: Object.keys(properties).filter((name) => !optional.includes(name)),
  additionalProperties: false,
});
