// When something came out, as exactly as it is known: a day, a month or a year.
import { language } from '../../language/language.js';

export function dayOf(known) {
  const [year, month, day] = known.split('-').map(Number);
  const parts = day ? { dateStyle: 'long' } : month ? { year: 'numeric', month: 'long' } : { year: 'numeric' };
  return new Intl.DateTimeFormat(language.value, { ...parts, timeZone: 'UTC' }).format(Date.UTC(year, (month ?? 1) - 1, day ?? 1));
}
