import { MASKED_VALUE } from '#contract/resources/webhook-endpoint.js';
import { Problem } from '#platform/http/problem.js';

const MOST_HEADERS = 20;
const NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
/** Visible ASCII and spaces between (RFC 9110 §5.5). */
const VALUE = /^[!-~]([ -~]*[!-~])?$/;

/** They say how a request is framed, or where it goes. */
const HTTPS_OWN = new Set([
  'accept-encoding',
  'connection',
  'content-encoding',
  'content-length',
  'content-type',
  'date',
  'expect',
  'host',
  'keep-alive',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'user-agent',
]);

/** The signature's. */
const OURS = /^(webhook-|(x-)?qairopay-)/;

/** Throws `Problem` for headers that a delivery can't have beside its own. */
export const checkHeaders = (headers: Readonly<Record<string, string>> | undefined): void => {
  const names = Object.keys(headers ?? {});
  if (names.length > MOST_HEADERS)
    throw new Problem('out_of_range', { param: 'headers', message: 'At most 20 headers.' });
  const seen = new Set<string>();
  for (const name of names) {
    const lower = name.toLowerCase();
    const param = 'headers';
    if (!NAME.test(name) || !VALUE.test((headers as Record<string, string>)[name] as string)) {
      throw new Problem('pattern_mismatch', { param, message: 'A name or a value is none that HTTP has.' });
    }
    if (headers?.[name] === MASKED_VALUE) {
      const message = 'A value is the one that is shown in place of it. Send the value itself.';
      throw new Problem('invalid_parameter', { param, message });
    }
    if (HTTPS_OWN.has(lower) || OURS.test(lower)) {
      throw new Problem('invalid_parameter', { param, message: 'A name is one that every delivery has already.' });
    }
    if (seen.has(lower)) throw new Problem('invalid_parameter', { param, message: 'A name stands there twice.' });
    seen.add(lower);
  }
};
