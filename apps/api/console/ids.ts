import { isId, type Kind } from '#domain/ids.js';
import { Refused } from './api-calls.js';
import { wordsOf } from './figures.js';
import type { Visit } from './visit.js';

/** The id that a page's path names. Throws `Refused` where it can't name anything: it goes into a path of the API. */
export const idIn = ({ params }: Visit, kind: Kind): string => {
  const id = params.id ?? '';
  if (isId(kind, id)) return id;
  throw new Refused({
    status: 404,
    code: `${kind}_not_found`,
    message: `There is no such ${wordsOf(kind)}.`,
    param: null,
    requestId: null,
  });
};
