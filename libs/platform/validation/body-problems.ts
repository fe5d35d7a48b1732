/** From what a compiled check found to the one error that is answered. */
import type { ErrorObject } from 'ajv/dist/2020.js';
import type { ErrorCode } from '#contract/problems.js';

export interface Fault {
  readonly code: ErrorCode;
  /** Dotted: `merchant.category_code`, `entries[0].amount`; undefined: the body itself. */
  readonly param: string | undefined;
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
  return first === undefined
    ? { code: 'type_mismatch', param: undefined }
    : { code: codeOf(first), param: paramOf(first) };
};
