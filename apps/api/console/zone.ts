import { dayAfter, parseInstant } from '#domain/time.js';
import { calendarOf } from '#engine/calendar.js';

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const MINUTE_MS = 60_000;

interface Clock {
  readonly date: string;
  /** `14:03:05` */
  readonly time: string;
}

/** `2026-01-31` as `31 Jan 2026`: a calendar day, of no time zone. */
export const dayText = (date: string): string => {
  const [year, month, day] = date.split('-');
  return `${Number(day)} ${MONTHS[Number(month) - 1]} ${year}`;
};

/** `2026-01` as `Jan 2026`. */
export const monthText = (month: string): string => `${MONTHS[Number(month.slice(5)) - 1]} ${month.slice(0, 4)}`;

/** Whether a text is a day of the calendar, `YYYY-MM-DD`, of the years 1000 to 9998: those beside it have four digits, too. */
export const isDay = (text: string | undefined): text is string =>
  text !== undefined && /^(?!9999)[1-9]\d{3}-\d\d-\d\d$/.test(text) && parseInstant(`${text}T00:00:00Z`) !== undefined;

/** Times as a tenant's people tell them. */
export class Zone {
  readonly #format: Intl.DateTimeFormat;

  /** Throws `RangeError` for a zone that this machine does not know. */
  constructor(readonly name: string) {
    this.#format = new Intl.DateTimeFormat('en-GB', {
      timeZone: name,
      calendar: 'gregory',
      numberingSystem: 'latn',
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
    });
  }

  /** Day and time at an instant, ms since 1970. */
  at(instant: number): Clock {
    const parts: Record<string, string> = {};
    for (const { type, value } of this.#format.formatToParts(instant)) parts[type] = value;
    const { year = '', month, day, hour, minute, second } = parts;
    return { date: `${year.padStart(4, '0')}-${month}-${day}`, time: `${hour}:${minute}:${second}` };
  }

  /** `31 Jan 2026, 14:03:05` */
  text(instant: number): string {
    const { date, time } = this.at(instant);
    return `${dayText(date)}, ${time}`;
  }

  /** `UTC+01:00`: how far it is from UTC at an instant. */
  offset(instant: number): string {
    const minutes = Math.round(this.#offsetMs(instant) / MINUTE_MS);
    const size = Math.abs(minutes);
    const two = (number: number): string => String(number).padStart(2, '0');
    return `UTC${minutes < 0 ? '−' : '+'}${two(Math.floor(size / 60))}:${two(size % 60)}`;
  }

  startOf(date: string): number {
    return calendarOf(this.name).startOf(date);
  }

  /** The last millisecond of a day. */
  endOf(date: string): number {
    return this.startOf(dayAfter(date)) - 1;
  }

  /** When a clock of the zone shows a day and a time of it (`14:03` or `14:03:05`): the first time, where it does so twice. */
  instantOf(date: string, time: string): number {
    const shown = Date.parse(`${date}T${time.length === 5 ? `${time}:00` : time}Z`);
    const before = shown - this.#offsetMs(shown - 86_400_000);
    return this.#shows(before, date, time) ? before : shown - this.#offsetMs(before);
  }

  #shows(instant: number, date: string, time: string): boolean {
    const found = this.at(instant);
    return found.date === date && found.time.startsWith(time);
  }

  #offsetMs(instant: number): number {
    const { date, time } = this.at(instant);
    return Date.parse(`${date}T${time}Z`) - Math.floor(instant / 1_000) * 1_000;
  }
}
