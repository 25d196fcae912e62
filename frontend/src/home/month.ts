/** The days of a month, in weeks of the case: ISO weeks, which begin on Monday. */

const DAY_MS = 86_400_000;
const WEEK = 7;

const written = (time: number): string => new Date(time).toISOString().slice(0, 10);

/** The weeks of a month, such as 2017-10: each seven days, `null` where a day is of another month. */
export function weeksOf(month: string): (string | null)[][] {
  const first = Date.parse(`${month}-01T00:00:00Z`);
  const start = new Date(first);
  const last = Date.UTC(start.getUTCFullYear(), start.getUTCMonth() + 1, 0);
  const before = (start.getUTCDay() + WEEK - 1) % WEEK;
  const days: (string | null)[] = Array.from({ length: before }, () => null);
  for (let time = first; time <= last; time += DAY_MS) days.push(written(time));
  while (days.length % WEEK) days.push(null);
  return Array.from({ length: days.length / WEEK }, (_, week) => days.slice(week * WEEK, (week + 1) * WEEK));
}

/** The month so many months after another. */
export function monthAfter(month: string, months: number): string {
  const [year = 0, number = 1] = month.split('-').map(Number);
  return new Date(Date.UTC(year, number - 1 + months, 1)).toISOString().slice(0, 'YYYY-MM'.length);
}

/** The day that a key leads to, from a day of a grid of weeks; `null`: the key leads nowhere. */
export function dayAfterKey(day: string, key: string, { rightToLeft = false } = {}): string | null {
  const time = Date.parse(`${day}T00:00:00Z`);
  const weekday = (new Date(time).getUTCDay() + WEEK - 1) % WEEK;
  const onward = rightToLeft ? -1 : 1;
  const steps: Readonly<Record<string, number>> = {
    ArrowRight: onward,
    ArrowLeft: -onward,
    ArrowDown: WEEK,
    ArrowUp: -WEEK,
    Home: -weekday,
    End: WEEK - 1 - weekday,
  };
  const step = steps[key];
  return step === undefined ? null : written(time + step * DAY_MS);
}

/** The seven days of some week, to name the columns by. */
export function someWeek(): string[] {
  return ['01', '02', '03', '04', '05', '06', '07'].map((day) => `2024-01-${day}`);
}
