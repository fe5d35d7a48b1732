/** Milliseconds since 1970-01-01T00:00:00Z, a safe integer. */
export type Instant = number;

/** A calendar day `YYYY-MM-DD` in the tenant's time zone, resolved by the engine when it decides. */
export type LocalDate = string;

const DAY_MS = 86_400_000;
const two = (n: number): string => (n < 10 ? `0${n}` : `${n}`);
const three = (n: number): string => (n < 10 ? `00${n}` : n < 100 ? `0${n}` : `${n}`);

let lastDay = Number.NaN;
let lastDayText = '';

/** Days since 1970 to a civil date, after Howard Hinnant's `civil_from_days`; valid for years 0 to 9999. */
const dateOfDay = (day: number): string => {
  if (day === lastDay) return lastDayText;
  const z = day + 719_468;
  const era = Math.floor(z / 146_097);
  const doe = z - era * 146_097;
  const yoe = Math.floor((doe - Math.floor(doe / 1460) + Math.floor(doe / 36_524) - Math.floor(doe / 146_096)) / 365);
  const doy = doe - (365 * yoe + Math.floor(yoe / 4) - Math.floor(yoe / 100));
  const mp = Math.floor((5 * doy + 2) / 153);
  const d = doy - Math.floor((153 * mp + 2) / 5) + 1;
  const m = mp < 10 ? mp + 3 : mp - 9;
  const y = yoe + era * 400 + (m <= 2 ? 1 : 0);
  lastDay = day;
  lastDayText = `${String(y).padStart(4, '0')}-${two(m)}-${two(d)}`;
  return lastDayText;
};

const dayOfDate = (y: number, m: number, d: number): number => {
  const year = m <= 2 ? y - 1 : y;
  const era = Math.floor(year / 400);
  const yoe = year - era * 400;
  const doy = Math.floor((153 * (m > 2 ? m - 3 : m + 9) + 2) / 5) + d - 1;
  return era * 146_097 + yoe * 365 + Math.floor(yoe / 4) - Math.floor(yoe / 100) + doy - 719_468;
};

/** The calendar day after one. */
export const dayAfter = (date: LocalDate): LocalDate => {
  const [year, month, day] = date.split('-').map(Number) as [number, number, number];
  return dateOfDay(dayOfDate(year, month, day) + 1);
};

export const dayBefore = (date: LocalDate): LocalDate => {
  const [year, month, day] = date.split('-').map(Number) as [number, number, number];
  return dateOfDay(dayOfDate(year, month, day) - 1);
};

/** The first day of the month after a day's. */
export const monthAfter = (date: LocalDate): LocalDate => {
  const [year, month] = date.split('-').map(Number) as [number, number];
  // The days go on counting: the first of a 13th month is the first of January.
  return dateOfDay(dayOfDate(year, month + 1, 1));
};

// Commands are decided in batches at one instant, which is written and read many times over.
let lastAt: Instant | undefined;
let lastAtText = '';

/** RFC 3339 in UTC with milliseconds, `2026-05-19T10:00:00.000Z`. */
export const formatInstant = (at: Instant): string => {
  if (at === lastAt) return lastAtText;
  const text = written(at);
  if (at >= FIRST && at <= LAST) {
    lastAt = at;
    lastAtText = text;
  }
  return text;
};

const written = (at: Instant): string => {
  const day = Math.floor(at / DAY_MS);
  const ms = at - day * DAY_MS;
  const s = Math.floor(ms / 1000);
  return (
    `${dateOfDay(day)}T${two(Math.floor(s / 3600))}:${two(Math.floor(s / 60) % 60)}:${two(s % 60)}` +
    `.${three(ms - s * 1000)}Z`
  );
};

const RFC3339 = /^(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?:[Zz]|([+-])(\d\d):(\d\d))$/;

// What four digits of a year can say: 0000-01-01T00:00:00.000Z to 9999-12-31T23:59:59.999Z.
const FIRST: Instant = -62_167_219_200_000;
const LAST: Instant = 253_402_300_799_999;

/** Reads any RFC 3339 timestamp (fractions beyond a millisecond are cut); undefined where it is none. */
export const parseInstant = (text: string): Instant | undefined =>
  text === lastAtText ? lastAt : (readOnSameDay(text) ?? read(text));

/** The number that stands in the text from `start` to `end`; NaN where other characters than digits do. */
const digits = (text: string, start: number, end: number): number => {
  let value = 0;
  for (let i = start; i < end; i++) {
    const digit = text.charCodeAt(i) - 48;
    value = digit >= 0 && digit <= 9 ? value * 10 + digit : Number.NaN;
  }
  return value;
};

/** What `formatInstant` wrote, on the day that was asked for last: most of what a stream is full of. */
const readOnSameDay = (text: string): Instant | undefined => {
  if (text.length !== 24 || lastDayText.length !== 10 || !text.startsWith(lastDayText)) return undefined;
  if (text[10] !== 'T' || text[13] !== ':' || text[16] !== ':' || text[19] !== '.' || text[23] !== 'Z')
    return undefined;
  const hour = digits(text, 11, 13);
  const minute = digits(text, 14, 16);
  const second = digits(text, 17, 19);
  const ms = digits(text, 20, 23);
  if (!(hour < 24 && minute < 60 && second < 60 && ms < 1000)) return undefined;
  return lastDay * DAY_MS + ((hour * 60 + minute) * 60 + second) * 1000 + ms;
};

const read = (text: string): Instant | undefined => {
  const found = RFC3339.exec(text);
  if (!found) return undefined;
  const [year, month, day, hour, minute, second] = found.slice(1, 7).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const days = dayOfDate(year, month, day);
  if (hour > 23 || minute > 59 || second > 59) return undefined;
  // A month or day that there is not becomes another one.
  if (dateOfDay(days) !== text.slice(0, 10)) return undefined;
  if (Number(found[9] ?? 0) > 23 || Number(found[10] ?? 0) > 59) return undefined;
  const ms = Number((found[7] ?? '').padEnd(3, '0').slice(0, 3));
  const offset = found[8] ? (found[8] === '-' ? -1 : 1) * (Number(found[9]) * 60 + Number(found[10])) : 0;
  const at = days * DAY_MS + ((hour * 60 + minute - offset) * 60 + second) * 1000 + ms;
  // An offset may lead out of the years that can be written.
  return at < FIRST || at > LAST ? undefined : at;
};
