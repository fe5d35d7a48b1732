/**
 * RFC 8785 of a parsed request body: keys sorted, numbers and strings as ECMAScript writes them. Two bodies that say the
 * same, whatever their white space and order, read alike. Unlike `canonicalJson` of the domain it takes fractions, because
 * clients send rates as numbers.
 */
export const canonicalRequest = (value: unknown): string => {
  if (value === undefined) return '';
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if (Array.isArray(value)) {
    let items = '';
    for (const item of value) items += `${items === '' ? '' : ','}${canonicalRequest(item)}`;
    return `[${items}]`;
  }
  const members = value as Readonly<Record<string, unknown>>;
  let text = '';
  for (const key of Object.keys(members).sort()) {
    text += `${text === '' ? '' : ','}${JSON.stringify(key)}:${canonicalRequest(members[key])}`;
  }
  return `{${text}}`;
};
