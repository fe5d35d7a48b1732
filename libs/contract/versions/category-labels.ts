/**
 * The house labels of merchant categories that version 2025-11-01 spoke in. Frozen: the label of a code, the codes of a
 * label and the universe of codes are part of versions that never change, whatever the ledger's own table
 * (`merchant-categories.ts`) takes in later.
 */
const LABELS = {
  airlines: '3000-3350 4511 4582',
  car_rental: '3351-3500 7512-7513 7519',
  lodging: '3501-3999 7011-7012 7032-7033',
  travel: '4411 4722-4723 4729 4761',
  transport: '4011 4111-4112 4121 4131 4214-4215 4225 4304 4457 4468 4784-4785 4789 7523-7524',
  fuel: '5172 5541-5542 5552 5983',
  groceries: '5411 5300 5331 5422 5441 5451 5462 5499',
  restaurants: '5812 5811 5814',
  alcohol_and_tobacco: '5921 5813 5993',
  general_stores: '5311 5309-5310 5399 5961-5965 5969',
  clothing: '5651 5137 5139 5611 5621 5631 5641 5655 5661 5681 5691 5697-5699 5931 5948',
  electronics: '5732 4812 5044-5045 5065 5722 5733-5735 5946',
  home_and_garden: '5712 5021 5039 5072 5074 5198-5200 5211 5231 5251 5261-5262 5271 5713-5715 5718-5719',
  digital_goods: '5815-5818 5734',
  telecom: '4814 4813 4815-4816 4821 4899',
  utilities: '4900',
  health: '8099 4119 5047 5975-5977 8011 8021 8031 8041-8044 8049-8050 8062 8071',
  pharmacies: '5912 5122',
  education: '8299 5942-5943 8211 8220 8241 8244 8249 8351',
  entertainment: '7832 7829 7833 7841 7911 7922 7929 7932-7933 7941 7991-7994 7996-7999',
  gambling: '7995 7800-7802 9406 9754',
  financial_services: '6012 6010-6011 6022-6023 6025-6026 6028 6211 6611 6760',
  money_transfer: '4829 6050-6051 6529-6540',
  insurance: '6300 6381 6399 5960',
  automotive: '5511 5013 5521 5531-5533 5551 5561 5571 5592 5598-5599 7531 7534-7535 7538 7542 7549',
  personal_care: '7230 7297-7298',
  government: '9399 9211 9222-9223 9311 9401-9402 9405 9411',
  charity: '8398 8641 8651 8661 8675 8699',
} as const;

/** Codes of the universe that no label above has. Its first code stands for the label where one is needed. */
const OTHER =
  '9999 0742-0744 0763 0780 1520 1711 1731 1740 1750 1761 1771 1799 2741 2744 2791 2842 5046 5051 5085 5094 5099 5111 ' +
  '5131 5169 5192-5193 5292 5295 5297-5299 5415 5832 5932-5933 5935 5937 5940-5941 5944-5945 5947 5949-5950 5966-5968 ' +
  '5970-5974 5978 5992 5994-5999 6236 6513 7210-7211 7216-7217 7221 7251 7261 7272-7273 7276-7278 7280 7295-7296 7299 ' +
  '7311 7321-7322 7332-7333 7338-7339 7342 7349 7361 7372 7375 7379 7389 7392-7395 7399 7511 7622-7623 7629 7631 7641 ' +
  '7692 7699 8110-8111 8664 8734 8743 8911 8931 8999 9034 9700-9702 9751-9752 9950';

const codesOf = (ranges: string): string[] =>
  ranges.split(' ').flatMap((range) => {
    const [first, last = first] = range.split('-').map(Number) as [number, number?];
    return Array.from({ length: (last as number) - first + 1 }, (_, i) => String(first + i).padStart(4, '0'));
  });

/** Assigned in this order, so that each code has one label: the first that names it. */
const assigned = (): { readonly labels: Map<string, string>; readonly codes: Map<string, readonly string[]> } => {
  const labels = new Map<string, string>();
  const codes = new Map<string, readonly string[]>();
  for (const [label, ranges] of [...Object.entries(LABELS), ['other', OTHER] as const]) {
    const own = codesOf(ranges).filter((code) => !labels.has(code));
    for (const code of own) labels.set(code, label);
    codes.set(label, own);
  }
  return { labels, codes };
};

const { labels: LABEL_OF, codes: CODES_OF } = assigned();

/** Every label there is, `other` last. */
export const CATEGORY_LABELS: readonly string[] = [...CODES_OF.keys()];

/** Every code that lists of categories speak of, in ascending order. */
export const CATEGORY_UNIVERSE: readonly string[] = [...LABEL_OF.keys()].sort();

const IN_UNIVERSE: ReadonlySet<string> = new Set(CATEGORY_UNIVERSE);

/** The label of a code; `other` where it has none. */
export const labelOfCategory = (code: string): string => LABEL_OF.get(code) ?? 'other';

/** The code that stands for a label where one code is asked for. */
export const categoryOfLabel = (label: string): string => CODES_OF.get(label)?.[0] ?? '9999';

/** Labels all of whose codes are among these: a label is allowed if none of its codes is blocked. */
export const labelsAllowedBy = (allowed: ReadonlySet<string>): string[] =>
  CATEGORY_LABELS.filter((label) => CODES_OF.get(label)?.every((code) => allowed.has(code)));

/**
 * The codes allowed when these labels are to be. `standing`: the codes allowed now, of which those stay as they are whose
 * label says the same as before; undefined: of something new.
 */
export const categoriesAllowedBy = (labels: readonly string[], standing?: readonly string[]): string[] => {
  const wanted = new Set(labels);
  if (standing === undefined) return CATEGORY_UNIVERSE.filter((code) => wanted.has(labelOfCategory(code)));
  const allowed = new Set(standing);
  const before = new Set(labelsAllowedBy(allowed));
  return CATEGORY_UNIVERSE.filter((code) => {
    const label = labelOfCategory(code);
    return wanted.has(label) === before.has(label) ? allowed.has(code) : wanted.has(label);
  });
};

const REMEMBERED = 1_000;
/** Most cards block the same few categories, and the rest is long. */
const beside = new Map<string, readonly string[]>();

/** The rest of the universe. */
export const categoriesBeside = (codes: readonly string[]): readonly string[] => {
  const key = codes.join();
  let rest = beside.get(key);
  if (rest === undefined) {
    const named = new Set(codes);
    rest = CATEGORY_UNIVERSE.filter((code) => !named.has(code));
    if (beside.size >= REMEMBERED) beside.clear();
    beside.set(key, rest);
  }
  return rest;
};

const labelled = new WeakMap<readonly string[], readonly string[]>();

/** The labels of a list of allowed codes, remembered with that very list. */
export const labelsOfList = (allowed: readonly string[]): readonly string[] => {
  let labels = labelled.get(allowed);
  if (labels === undefined) labelled.set(allowed, (labels = labelsAllowedBy(new Set(allowed))));
  return labels;
};

/**
 * The codes blocked when only these are allowed. Of what is blocked now (`standing`), what stays blocked keeps its place,
 * and what lies outside the universe, which nobody could name in a list of what is allowed, stays.
 */
export const categoriesBlockedBy = (allowed: readonly string[], standing: readonly string[] = []): string[] => {
  const free = new Set(allowed);
  const kept = standing.filter((code) => !IN_UNIVERSE.has(code) || !free.has(code));
  const known = new Set(kept);
  return [...kept, ...CATEGORY_UNIVERSE.filter((code) => !free.has(code) && !known.has(code))];
};
