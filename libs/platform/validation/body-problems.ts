/** From what a compiled check found to the one error that is answered. */
import type { ErrorObject } from 'ajv/dist/2020.js';
import { formSaid } from '#contract/form-said.js';
import type { ErrorCode } from '#contract/problems.js';
import type { Schema } from '#contract/schema-words.js';
import { STORABLE, STORABLE_KEY } from './fields.js';

export interface Fault {
  readonly code: ErrorCode;
  /** Dotted: `merchant.category_code`, `entries[0].amount`; undefined: the body itself. */
  readonly param: string | undefined;
  /** Instead of the code's own sentence: what the value must be, where its schema says so. */
  readonly message?: string;
}

const MAX_PARAM = 120;

/** `/entries/0/amount` → `entries[0].amount`. */
const dotted = (pointer: string): string => {
  let path = '';
  for (const part of pointer.split('/').slice(1)) {
    const name = part.replaceAll('~1', '/').replaceAll('~0', '~');
    path += /^\d+$/.test(name) ? `[${name}]` : path === '' ? name : `.${name}`;
  }
  return path;
};

const paramOf = (error: ErrorObject): string | undefined => {
  const { missingProperty, additionalProperty } = error.params as Record<string, string | undefined>;
  const place = dotted(error.instancePath);
  const name = missingProperty ?? additionalProperty;
  const path = name === undefined ? place : place === '' ? name : `${place}.${name}`;
  return path === '' ? undefined : path.slice(0, MAX_PARAM);
};

const codeOf = (error: ErrorObject): ErrorCode => {
  const isAmount = (error.parentSchema as { minorUnits?: boolean } | undefined)?.minorUnits === true;
  switch (error.keyword) {
    case 'required':
      return 'missing_field';
    case 'additionalProperties':
      return 'unknown_field';
    case 'minimum':
      return isAmount ? (error.schema === 1 ? 'amount_not_positive' : 'amount_out_of_range') : 'out_of_range';
    case 'maximum':
      return isAmount ? 'amount_out_of_range' : 'out_of_range';
    case 'rateNumber':
      return 'out_of_range';
    case 'minLength':
    case 'minItems':
      return 'too_short';
    case 'maxLength':
    case 'maxItems':
    case 'maxProperties':
      return 'too_long';
    case 'pattern':
      return 'pattern_mismatch';
    case 'format':
      return error.schema === 'currency' ? 'invalid_currency' : 'pattern_mismatch';
    case 'enum':
      return 'invalid_enum';
    case 'noCardNumber':
      return 'pan_not_allowed';
    default:
      // A number too large for JavaScript to hold at all.
      return isAmount && (error.data === Infinity || error.data === -Infinity)
        ? 'amount_out_of_range'
        : 'type_mismatch';
  }
};

/** The first thing that is wrong. */
export const faultOf = (errors: readonly ErrorObject[] | null | undefined): Fault => {
  const [first] = errors ?? [];
  return first === undefined ? { code: 'type_mismatch', param: undefined } : saidFault(codeOf(first), first);
};

const UNKEPT: Readonly<Record<string, string>> = {
  [STORABLE.source]: 'holds a character that can’t be kept: NUL, or half of a surrogate pair',
  [STORABLE_KEY.source]: 'can’t be empty or `__proto__`, nor hold NUL or half of a surrogate pair',
};

const saidFault = (code: ErrorCode, { keyword, schema, parentSchema, propertyName, ...error }: ErrorObject): Fault => {
  const param = paramOf({ keyword, ...error });
  const subject = propertyName === undefined ? (param ?? 'The body') : `A key of ${param ?? 'the body'}`;
  const unkept = keyword === 'pattern' ? UNKEPT[String(schema)] : undefined;
  const rule = unkept ?? formSaid(code, (parentSchema ?? {}) as Schema);
  return rule === null ? { code, param } : { code, param, message: `${subject} ${rule}.` };
};
