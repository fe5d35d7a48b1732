import { isId, type Kind } from '#domain/ids.js';
import { isMonth } from '#domain/periods/periods.js';
import { Refused } from './api-calls.js';
import { wordsOf } from './figures.js';
import type { Visit } from './visit.js';

const noSuch = (kind: string): Refused =>
  new Refused({
    status: 404,
    code: `${kind}_not_found`,
    message: `There is no such ${wordsOf(kind)}.`,
    param: null,
    requestId: null,
  });

/** The id that a page's path names. Throws `Refused` where it can't name anything: it goes into a path of the API. */
export const idIn = ({ params }: Visit, kind: Kind): string => {
  const id = params.id ?? '';
  if (isId(kind, id)) return id;
  throw noSuch(kind);
};

/** The month (`YYYY-MM`) that a path names. Throws `Refused` where it can't be one. */
export const monthIn = ({ params }: Visit): string => {
  const month = params.month ?? '';
  if (isMonth(month)) return month;
  throw noSuch('month');
};
