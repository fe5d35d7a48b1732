import { dayAfter, type Instant, type LocalDate } from '#domain/time.js';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

interface LocalTime {
  readonly date: LocalDate;
  readonly hour: number;
}

const businessDateOf = ({ date, hour }: LocalTime, cutOffHour: number): LocalDate =>
  cutOffHour === 0 || hour < cutOffHour ? date : dayAfter(date);

const calendars = new Map<string, Calendar>();

/** The calendar of an IANA time zone. Throws `RangeError` for a zone that this machine does not know. */
export const calendarOf = (timeZone: string): Calendar => {
  let calendar = calendars.get(timeZone);
  if (!calendar) {
    calendar = new Calendar(timeZone);
    calendars.set(timeZone, calendar);
  }
  return calendar;
};

/**
 * Days as they are counted in a time zone, summer time included. The engine resolves them once and the events record
 * them (DECISIONS 10): time zone tables differ between machines and years, a ledger must not.
 *
 * `Intl` is asked once a minute and zone: since 1972 every offset of every zone changes on a full minute, so within one
 * nothing can change, not even where a clock goes back over midnight.
 */
export class Calendar {
  readonly #format: Intl.DateTimeFormat;
  #minute = Number.NaN;
  #local: LocalTime = { date: '', hour: 0 };

  constructor(readonly timeZone: string) {
    this.#format = new Intl.DateTimeFormat('en-US', {
      timeZone,
      calendar: 'gregory',
      numberingSystem: 'latn',
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
    });
  }

  /**
   * The calendar day at an instant (ms since 1970), but none before `notBefore`: another time zone, or a clock that goes
   * back over midnight, would begin a day again whose limits are closed (DECISIONS 43).
   */
  localDate(at: Instant, notBefore: LocalDate = ''): LocalDate {
    const { date } = this.#at(at);
    return date < notBefore ? notBefore : date;
  }

  /** The first instant of a calendar day: not always midnight, where a clock goes forward over it. */
  startOf(date: LocalDate): Instant {
    const utc = Date.parse(`${date}T00:00:00Z`);
    // No zone is a whole day away from UTC.
    let before = utc - DAY_MS;
    let within = utc + DAY_MS;
    while (within - before > MINUTE_MS) {
      const middle = before + Math.floor((within - before) / 2 / MINUTE_MS) * MINUTE_MS;
      if (this.#resolve(middle).date < date) before = middle;
      else within = middle;
    }
    return within;
  }

  /** The first instant of the business day after one. */
  endOfBusinessDay(date: LocalDate, cutOffHour = 0): Instant {
    const utc = Date.parse(`${date}T00:00:00Z`);
    let before = utc - DAY_MS;
    let within = utc + 3 * DAY_MS;
    while (within - before > MINUTE_MS) {
      const middle = before + Math.floor((within - before) / 2 / MINUTE_MS) * MINUTE_MS;
      if (businessDateOf(this.#resolve(middle), cutOffHour) > date) within = middle;
      else before = middle;
    }
    return within;
  }

  /** The day that business at an instant counts for: from `cutOffHour` (0–23, local; 0: midnight) on it is the next one. */
  businessDate(at: Instant, cutOffHour = 0): LocalDate {
    return businessDateOf(this.#at(at), cutOffHour);
  }

  #at(at: Instant): LocalTime {
    const minute = Math.floor(at / MINUTE_MS);
    if (minute !== this.#minute) {
      this.#local = this.#resolve(minute * MINUTE_MS);
      this.#minute = minute;
    }
    return this.#local;
  }

  #resolve(at: Instant): LocalTime {
    const parts: Partial<Record<Intl.DateTimeFormatPartTypes, string>> = {};
    for (const { type, value } of this.#format.formatToParts(at)) parts[type] = value;
    return { date: `${parts.year?.padStart(4, '0')}-${parts.month}-${parts.day}`, hour: Number(parts.hour) };
  }
}
