// What somebody listened to themselves: how much, when, and whom most.
import { signal } from '@preact/signals-core';
import { html, nothing } from 'lit-html';
import { number, span, t } from '../language/language.js';
import { ARTIST, artistCard } from '../parts/card.js';
import { bars, chart } from '../parts/chart.js';
import { empty } from '../parts/empty.js';
import { notice } from '../parts/notice.js';
import { shelf } from '../parts/shelf.js';
import { ROW, songRows } from '../parts/song_rows.js';
import { ask } from '../session/api.js';

// The API's range for tops, and days for the figures.
const RANGES = [['WEEK', 7], ['MONTH', 30], ['YEAR', 365]];
const FIGURES = `query($from: Date, $zone: String, $range: TimeRange!) {
  myListening(from: $from, timeZone: $zone) { plays minutes songs artists streakDays isCut
    days { day minutes } hours { hour minutes plays } genres(limit: 8) { genre { name slug } plays } }
  myTopSongs(timeRange: $range, limit: 10) { playCount song { ${ROW} } }
  myTopArtists(timeRange: $range, limit: 12) { playCount artist { ${ARTIST} } } }`;

const zone = () => Intl.DateTimeFormat().resolvedOptions().timeZone;

// The first day of so many that end today, as the listener's calendar has them.
function firstDay(days, today = new Date()) {
  const first = new Date(Date.UTC(today.getFullYear(), today.getMonth(), today.getDate() - days + 1));
  return first.toISOString().slice(0, 10);
}

const fetchRange = ([range, days], abort) => ask(FIGURES, { range, from: firstDay(days), zone: zone() }, { abort });

async function load({ abort }) {
  const chosen = signal(RANGES[1]), told = signal(await fetchRange(RANGES[1], abort)), busy = signal(false);
  const choose = async (range) => {
    chosen.value = range;
    busy.value = true;
    try {
      const fresh = await fetchRange(range, abort);
      if (chosen.value === range) told.value = fresh;
    } catch (error) { if (error.name !== 'AbortError') notice(error.message); }
    busy.value = false;
  };
  return { chosen, told, busy, choose };
}

const figure = (value, words) => html`<li><strong>${value}</strong><span>${words}</span></li>`;

// A year of days is shown by weeks, so that a bar can be seen.
function byWeeks(days) {
  if (days.length <= 62) return days.map(({ day, minutes }) => ({ day, value: minutes }));
  const weeks = [];
  for (let at = 0; at < days.length; at += 7) {
    const week = days.slice(at, at + 7);
    weeks.push({ day: week[0].day, value: Math.round(week.reduce((sum, { minutes }) => sum + minutes, 0) * 10) / 10 });
  }
  return weeks;
}

const clockHour = (value) => `${number(value, { minimumIntegerDigits: 2 })}–${number(value + 2, { minimumIntegerDigits: 2 })}`;

// Hours two by two.
const parts = (hours) => hours.filter((_, at) => at % 2 === 0).map(({ hour, minutes }, at) => {
  const both = (minutes + hours[at * 2 + 1].minutes) * 60;
  return { name: clockHour(hour), value: both, words: both ? span(both) : '–' };
});

function figures({ myListening, myTopSongs, myTopArtists }) {
  const { plays, minutes, songs, artists, streakDays, days, hours, genres, isCut } = myListening;
  if (!plays) return empty({ sign: 'chart', title: t('statistics.nothing'), words: t('statistics.nothing-why'), way: ['/', t('frame.to-home')] });
  return html`
    <ul class="figures">
      ${figure(span(minutes * 60), t('statistics.heard'))} ${figure(number(plays), t('statistics.plays', { n: plays }))}
      ${figure(number(songs), t('statistics.songs', { n: songs }))} ${figure(number(artists), t('statistics.artists', { n: artists }))}
      ${figure(number(streakDays), t('statistics.streak', { n: streakDays }))}
    </ul>
    ${isCut ? html`<p class="facts">${t('statistics.cut')}</p>` : nothing}
    ${chart({ title: t(days.length > 62 ? 'statistics.by-week' : 'statistics.by-day'), label: t('statistics.minutes'), rows: byWeeks(days) })}
    <div class="halves">
      <section aria-labelledby="s-hours"><h2 id="s-hours">${t('statistics.by-hour')}</h2>
        ${bars({ label: t('statistics.by-hour'), rows: parts(hours) })}</section>
      <section aria-labelledby="s-genres"><h2 id="s-genres">${t('statistics.genres')}</h2>
        ${bars({ label: t('statistics.genres'), rows: genres.map((each) => ({ name: html`<a href="/genre/${each.genre.slug}">${each.genre.name}</a>`, value: each.plays,
    words: t('statistics.times', { n: each.plays }) })) })}</section>
    </div>
    ${shelf({ id: 'top-artists', title: t('statistics.top-artists'), cards: myTopArtists.map(({ artist }) => artistCard(artist)) })}
    ${myTopSongs.length ? html`<section aria-labelledby="s-songs"><h2 id="s-songs">${t('statistics.top-songs')}</h2>
      ${songRows(myTopSongs.map(({ song }) => song), { extra: (_, at) => html`<span class="facts small">${t('statistics.times', { n: myTopSongs[at].playCount })}</span>` })}</section>` : nothing}`;
}

export const page = {
  areas: ['statistics'],
  needs: 'listener',
  skeleton: 'text',
  load,
  title: () => t('statistics.title'),
  view: ({ chosen, told, busy, choose }) => html`
    <div class="page-head"><h1>${t('statistics.title')}</h1>
      <div class="choices" role="group" aria-label=${t('statistics.range')}>${RANGES.map((range) => html`
        <button class="button" aria-pressed=${chosen.value === range} @click=${() => choose(range)}>${t(`statistics.range-${range[0].toLowerCase()}`)}</button>`)}</div></div>
    <div aria-busy=${busy.value}>${figures(told.value)}</div>`,
};
