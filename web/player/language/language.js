// What the player says, in the reader's language: words from JSON catalogues, and numbers, dates and times as they write them.
// A catalogue is `language/<language>/<area>.json`: a flat object from key to words with {names}, or to plural forms by
// the categories of Intl.PluralRules. The frame's area is always there; a page names the areas it needs.
import { signal } from '@preact/signals-core';

const KEY = 'tutti.language';
export const LANGUAGES = { en: 'English', es: 'Español', fr: 'Français', de: 'Deutsch', ja: '日本語', ar: 'العربية' };
const RIGHT_TO_LEFT = new Set(['ar']);
const words = new Map();

export const language = signal('en');

const known = (tag) => (tag && tag.split('-')[0] in LANGUAGES ? tag.split('-')[0] : null);
const preferred = () => known(localStorage.getItem(KEY)) ?? navigator.languages.map(known).find(Boolean) ?? 'en';

async function fetchArea(area, tongue) {
  const answer = await fetch(`/web/player/language/${tongue}/${area}.json`);
  if (!answer.ok) throw new Error(`The words of "${area}" are missing (${answer.status}).`);
  for (const [key, text] of Object.entries(await answer.json())) words.set(`${tongue}:${key}`, text);
}

const fetched = new Map();
// The words of these areas; ready once the promise is kept.
export function areas(...wanted) {
  const tongue = language.value;
  return Promise.all(wanted.map((area) => {
    const name = `${tongue}/${area}`;
    if (!fetched.has(name)) {
      fetched.set(name, fetchArea(area, tongue).catch((error) => { fetched.delete(name); throw error; }));
    }
    return fetched.get(name);
  }));
}

// Takes a language up, now and at later visits; without one, the browser's.
export async function chooseLanguage(chosen = null) {
  if (chosen) localStorage.setItem(KEY, chosen);
  const tongue = known(chosen) ?? preferred();
  const had = [...fetched.keys()].map((name) => name.split('/')[1]);
  await Promise.all(['frame', ...had].map(async (area) => {
    const name = `${tongue}/${area}`;
    if (!fetched.has(name)) fetched.set(name, fetchArea(area, tongue));
    await fetched.get(name);
  }));
  document.documentElement.lang = tongue;
  document.documentElement.dir = RIGHT_TO_LEFT.has(tongue) ? 'rtl' : 'ltr';
  language.value = tongue;
}

// The words for a key, with {names} filled in; `n` also chooses the plural form. An unknown key shows itself.
export function t(key, values = {}) {
  const tongue = language.value;
  let text = words.get(`${tongue}:${key}`);
  if (text === undefined) return key;
  if (typeof text === 'object') text = text[new Intl.PluralRules(tongue).select(values.n ?? 0)] ?? text.other;
  return text.replace(/\{(\w+)\}/g, (whole, name) => {
    const value = values[name];
    return typeof value === 'number' ? number(value) : value ?? whole;
  });
}

export const number = (value, options) => new Intl.NumberFormat(language.value, options).format(value);
export const percent = (share) => number(share, { style: 'percent', maximumFractionDigits: 1 });
// A moment's day; a day by itself ('2026-01-31') is that day wherever one is.
export const day = (moment, style = 'medium') => new Intl.DateTimeFormat(language.value,
  { dateStyle: style, ...(/^\d{4}-\d\d-\d\d$/.test(moment) ? { timeZone: 'UTC' } : {}) }).format(new Date(moment));
// A day of a known year, as short as it can be told: 3/14, 14.3.
export const shortDay = (moment) => new Intl.DateTimeFormat(language.value, { day: 'numeric', month: 'numeric', timeZone: 'UTC' }).format(new Date(moment));
export const list = (names) => new Intl.ListFormat(language.value, { style: 'long', type: 'conjunction' }).format(names);

const SPANS = [['year', 31557600], ['month', 2629800], ['week', 604800], ['day', 86400], ['hour', 3600], ['minute', 60], ['second', 1]];
// How long ago, in the largest unit that fits: "3 days ago".
export function ago(moment, now = Date.now()) {
  const seconds = (new Date(moment) - now) / 1000;
  const [unit, size] = SPANS.find(([, each]) => Math.abs(seconds) >= each) ?? ['second', 1];
  return new Intl.RelativeTimeFormat(language.value, { numeric: 'auto' }).format(Math.trunc(seconds / size), unit);
}

// A song's length or place as a clock shows it: 3:07, 1:02:45, in the reader's digits.
export function clock(seconds) {
  const whole = Math.max(0, Math.floor(seconds || 0));
  const two = (value) => number(value, { minimumIntegerDigits: 2 });
  const hours = Math.floor(whole / 3600), minutes = Math.floor(whole / 60) % 60;
  return hours ? `${number(hours)}:${two(minutes)}:${two(whole % 60)}` : `${number(minutes)}:${two(whole % 60)}`;
}

// A length in words: "1 hr 12 min", "45 min", "30 sec".
export function span(seconds) {
  const whole = Math.max(0, Math.round(seconds || 0));
  const part = (value, unit) => number(value, { style: 'unit', unit, unitDisplay: 'short' });
  if (whole < 60) return part(whole, 'second');
  const hours = Math.floor(whole / 3600), minutes = Math.round((whole % 3600) / 60);
  return [hours && part(hours, 'hour'), minutes && part(minutes, 'minute')].filter(Boolean).join(' ');
}
