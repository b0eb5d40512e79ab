const DAY = 86_400_000;

export type DayGroup = 'today' | 'yesterday' | 'week' | 'month' | 'older';

/** Which heading of the conversation list a moment falls under, by the reader's own calendar. */
export function dayGroup(at: string, now: Date): DayGroup {
  const midnight = new Date(now.getFullYear(), now.getMonth(), now.getDate()).getTime();
  const time = new Date(at).getTime();
  if (time >= midnight) return 'today';
  if (time >= midnight - DAY) return 'yesterday';
  if (time >= midnight - 6 * DAY) return 'week';
  if (time >= midnight - 29 * DAY) return 'month';
  return 'older';
}

/** "14:05", or "20 Nov, 14:05" for another day. */
export function shortMoment(at: string, now: Date): string {
  const date = new Date(at);
  const sameDay = date.toDateString() === now.toDateString();
  return new Intl.DateTimeFormat(navigator.language, {
    hour: '2-digit',
    minute: '2-digit',
    ...(sameDay ? {} : { day: 'numeric', month: 'short' }),
  }).format(date);
}

/** "20 November 2026". */
export function longDate(at: string): string {
  return new Intl.DateTimeFormat(navigator.language, { dateStyle: 'long' }).format(new Date(at));
}

/** "20 Nov 2026, 14:05". */
export function moment(at: string): string {
  return new Intl.DateTimeFormat(navigator.language, {
    dateStyle: 'medium',
    timeStyle: 'short',
  }).format(new Date(at));
}

/** Whole seconds as "8 s" or "2 min 5 s". */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const minutes = Math.floor(whole / 60);
  if (minutes === 0) return `${whole} s`;
  return whole % 60 === 0 ? `${minutes} min` : `${minutes} min ${whole % 60} s`;
}

/** Milliseconds as "0.4 s"; from ten seconds on in whole ones. */
export function shortDuration(ms: number): string {
  if (ms < 50) return '< 0.1 s';
  return ms < 9950 ? `${(ms / 1000).toFixed(1)} s` : duration(ms / 1000);
}
